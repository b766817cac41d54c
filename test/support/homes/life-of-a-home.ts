import { execFile, spawnSync } from 'node:child_process'
import {
  cpSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { HomeShell, StartUpHome } from '../../look/start-up-homes/start-up-home.ts'
import { BUILT, runBuilt } from '../programs/built.ts'
import { startCommandProcesses } from './command-processes.ts'
import { makeHome, type TestHome } from './home.ts'
import { askInNewTerminal, type Account, type TerminalAnswer } from './new-terminal.ts'

const OWN_DIRECTORY = '.config/acs-env'
const PATH = '/usr/local/bin:/usr/bin:/bin'

/** An account that is neither root nor anybody of the machine. */
const OTHER_ACCOUNT: Account = { kind: 'other', userId: 4321 }
export const OWN_ACCOUNT: Account = { kind: 'own' }

/** Both accounts where the tests are root's; otherwise there is only one to run as. */
export const accounts: readonly Account[] = process.getuid?.() === 0 ? [OWN_ACCOUNT, OTHER_ACCOUNT] : [OWN_ACCOUNT]

/** One run of the program. */
export interface LifeRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How the program is run: as it is shipped, or in a process that runs all of them, which is several times cheaper. */
export type RunBy = 'bundle' | 'shared-process'

/** Runs the program for every account, in both ways. */
export interface Runners {
  run(by: RunBy, args: readonly string[], options: RunOptions): Promise<LifeRun>
  remove(): void
}

interface RunOptions {
  readonly account: Account
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

export async function startRunners(): Promise<Runners> {
  // A copy of the bundle that every account can read, wherever the checkout is.
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-bundle-'))
  chmodSync(directory, 0o755)
  cpSync(dirname(BUILT), join(directory, 'dist'), { recursive: true, dereference: true })
  const script = join(directory, 'dist/cli.cjs')
  const processes = await startCommandProcesses()
  return {
    run: (by, args, { account, ...options }) =>
      by === 'shared-process'
        ? processes.run({ args, ...options }, account)
        : runBuilt(args, { ...options, script, ...(account.kind === 'other' && { userId: account.userId }) }),
    remove: () => {
      processes.remove()
      rmSync(directory, { recursive: true })
    },
  }
}

/** A home with these start-up files, and what is done in it. */
export interface Life {
  readonly home: TestHome
  /** Runs the program as the account, in the environment of a terminal with that shell. */
  run(args: readonly string[], input?: string): Promise<LifeRun>
  /** Opens a terminal in a copy of the home as it is now: what shells leave there stays out of it. */
  open(start: 'login' | 'interactive', script?: string): Promise<TerminalAnswer>
  /** What is in the home, apart from our own directory: names to modes and contents. */
  snapshot(): Readonly<Record<string, string>>
}

function shellPath(shell: HomeShell): string {
  return `/bin/${shell}`
}

export function beginLife(
  { shell, files, before }: Pick<StartUpHome, 'shell' | 'files' | 'before'>,
  account: Account,
  runners: Runners,
  by: RunBy,
): Life {
  const home = makeHome()
  for (const [name, contents] of Object.entries(files)) home.write(name, contents)
  giveTo(account, dirname(home.path))
  if (before !== '') runBefore(before, home, account)
  let terminals = 0
  return {
    home,
    run: (args, input = '') =>
      runners.run(by, args, {
        account,
        home: home.path,
        env: { SHELL: shellPath(shell), PATH, LANG: 'C.UTF-8' },
        input,
      }),
    open: async (start, typed = '') => {
      terminals += 1
      const scratch = join(dirname(home.path), `terminal-${terminals}`)
      mkdirSync(scratch)
      const copy = join(scratch, 'home')
      await promisify(execFile)('cp', ['-a', home.path, copy])
      giveTo(account, scratch, false)
      const store = join(copy, OWN_DIRECTORY)
      return askInNewTerminal({ shell: shellPath(shell), start, home: copy, store, scratch, account, script: typed })
    },
    snapshot: () => snapshot(home.path),
  }
}

function giveTo(account: Account, path: string, recursive = true): void {
  if (account.kind === 'own') return
  const owner = `${account.userId}:${account.userId}`
  spawnSync('chown', [...(recursive ? ['-R'] : []), '--no-dereference', owner, path])
}

function runBefore(before: string, home: TestHome, account: Account): void {
  const { status, stderr } = spawnSync('/bin/sh', ['-ec', before], {
    cwd: home.path,
    env: { HOME: home.path, PATH },
    encoding: 'utf8',
    ...(account.kind === 'other' && { uid: account.userId, gid: account.userId }),
  })
  if (status !== 0) throw new Error(`The home could not be made: ${stderr}`)
}

function snapshot(directory: string): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => path !== join(directory, '.config') && !path.startsWith(join(directory, OWN_DIRECTORY)))
  return Object.fromEntries(
    entries.toSorted().map((path) => {
      const status = lstatSync(path)
      const contents = status.isSymbolicLink()
        ? readlinkSync(path)
        : status.isFile()
          ? readFileSync(path, 'latin1')
          : ''
      return [relative(directory, path), `${status.mode.toString(8)} ${contents}`]
    }),
  )
}
