import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gitEnvironment } from '../../platforms/posix/git-environment.ts'
import type { Check } from '../check.ts'
import type { Facts } from '../facts.ts'
import { cureOf, warningFinding, type Finding } from '../finding.ts'
import { findSpilled, soughtSecrets } from '../secret-search.ts'

const TIMEOUT_MS = 5_000
const DOTENV_FILES = ['.env', '.env.local', '.env.development', '.env.development.local', '.env.production', '.envrc']
/** Where people keep the bare repository of their dotfiles; yadm its own. */
const BARE_REPOSITORIES = ['.cfg', '.dotfiles', '.dotfiles.git', '.local/share/yadm/repo.git', '.config/yadm/repo.git']

/** Files with the stored values that git has, or would take with the next `git add`. */
export const secretsGit: Check = {
  id: 'secrets.git',
  fine: 'git keeps none of the stored values.',
  on: 'every system',
  run: async (facts) => {
    const files = filesWithSecrets(facts)
    if (files.length === 0) return { skipped: 'no file that git could have holds them' }
    return (await Promise.all(files.map((file) => judge(file, facts)))).flat()
  },
}

function filesWithSecrets({ inspection, system, stored }: Facts): readonly string[] {
  const holders = inspection.variables.flatMap(({ storedIn }) => storedIn).filter((file) => existsSync(file))
  const dotenv = DOTENV_FILES.map((name) => join(system.workingDirectory, name))
  const spilled = findSpilled(dotenv, soughtSecrets(stored, system.now())).map(({ file }) => file)
  return [...new Set([...holders, ...spilled])]
}

async function judge(file: string, facts: Facts): Promise<readonly Finding[]> {
  const real = realpathSync(file)
  const shown = facts.show(file)
  const places = [
    ...(isInWorkTree(real) ? [['-C', dirname(real)]] : []),
    ...bareRepositories(facts.home).map((directory) => [
      '-C',
      dirname(real),
      `--git-dir=${directory}`,
      `--work-tree=${facts.home}`,
    ]),
  ]
  const states = await Promise.all(places.map((place) => askGit(place, basename(real), facts)))
  if (states.includes('tracked')) {
    return [
      warningFinding(
        `git has ${shown}, with a stored value in it.`,
        cureOf(
          'Take it out, and regenerate the key in the Azure portal, as the history keeps it',
          `git rm --cached ${shown}`,
        ),
      ),
    ]
  }
  if (!states.includes('untracked')) return []
  return [
    warningFinding(
      `git would take ${shown} with the next "git add", and it has a stored value in it.`,
      cureOf('Add it to .gitignore'),
    ),
  ]
}

function isInWorkTree(path: string): boolean {
  const parent = dirname(path)
  return existsSync(join(parent, '.git')) || (parent !== path && isInWorkTree(parent))
}

function bareRepositories(home: string | undefined): readonly string[] {
  if (home === undefined) return []
  return BARE_REPOSITORIES.map((name) => join(home, name)).filter(
    (directory) => statSync(join(directory, 'HEAD'), { throwIfNoEntry: false })?.isFile() === true,
  )
}

type GitState = 'tracked' | 'untracked' | 'ignored' | 'unknown'

/** A bare repository tells nothing of files that it does not have: nobody adds the whole home to it. */
async function askGit(place: readonly string[], name: string, { system, signal }: Facts): Promise<GitState> {
  const ask = async (...args: readonly string[]): Promise<number | undefined> => {
    const result = await system.run('git', [...place, ...WITHOUT_HOOKS, ...args, '--', name], {
      timeoutMs: TIMEOUT_MS,
      env: gitEnvironment(system),
      signal,
    })
    return result.kind === 'exited' ? result.exitCode : undefined
  }
  const tracked = await ask('ls-files', '--error-unmatch')
  if (tracked === 0) return 'tracked'
  if (tracked !== 1 || place.length > 2) return 'unknown'
  const ignored = await ask('check-ignore', '-q')
  return ignored === 0 ? 'ignored' : ignored === 1 ? 'untracked' : 'unknown'
}

/** A repository can name a program that git starts to see what has changed. */
const WITHOUT_HOOKS = ['-c', 'core.fsmonitor=false']
