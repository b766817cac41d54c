import { FORMAT_CHOICES } from '../args/options.ts'
import { UsageError } from '../errors.ts'
import { formats, type Assignment, type Format } from '../formats/format.ts'
import { appendToGithubEnv, githubEnvFile, maskInGithub, renderGithubEnv } from '../formats/github.ts'
import { openStore } from '../platforms/resolve.ts'
import { windowsShellAtHand } from '../platforms/windows/shell.ts'
import type { ShellName } from '../shell-names.ts'
import { programName, shells } from '../shells/index.ts'
import { describeStoredToken, nothingStored } from '../store/stored-token.ts'
import { storedValue } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { CommandContext } from './context.ts'

/** `acs-env env`: the stored variables as statements. */
export async function run(context: CommandContext<'env'>): Promise<void> {
  const { options, system, terminal, reporter, program } = context
  const format = chooseFormat(context)
  if (format === 'github') githubEnvFile(system.env)
  const store = await openStore(system)
  const found = await store.find()
  const assignments: readonly Assignment[] = found.state.variables.flatMap(({ name, value: kind }) => {
    const value = storedValue(found, kind)
    return value === undefined ? [] : [{ name, value }]
  })
  const token = describeStoredToken(found)
  if (token?.expiresOn !== undefined && token.expiresOn <= system.now()) {
    reporter.warn(`the stored token has expired; "${program} refresh" renews it.`)
  }
  if (assignments.length === 0) throw nothingStored()
  if (format !== 'github') return terminal.answer(format(assignments))
  const text = renderGithubEnv(assignments)
  // Masked before any later step can print them.
  const mask = (): Promise<void> => terminal.answer(maskInGithub(assignments), true)
  await (options.dryRun ? mask() : appendToGithubEnv(text, system.env, mask))
}

/** What writes the variables down: a format of its own, or the file of a GitHub Actions job. */
type Chosen = Format | 'github'

function chooseFormat({ options, system }: CommandContext<'env'>): Chosen {
  const name = options.format?.toLowerCase()
  if (name === 'github' && !options.json) return 'github'
  const format = name === undefined ? undefined : formats.get(name)
  if (name !== undefined && name !== 'github' && format === undefined) {
    throw new UsageError('The value of --format is not a format.', {
      code: 'invalid_format',
      hint: `the formats are ${FORMAT_CHOICES.join(', ')}`,
    })
  }
  if (options.json && name !== undefined && name !== 'json') {
    throw new UsageError(`--json and --format ${name} do not go together.`, { hint: 'leave one of them out' })
  }
  return format ?? formatNamed(options.json ? 'json' : shellAtHand(system))
}

function formatNamed(name: string): Format {
  const format = formats.get(name)
  if (format === undefined) throw new Error(`${name} is no format.`)
  return format
}

/** The shell that started us, as far as its traces in the environment show. One that is not known may read what sh reads. */
function shellAtHand({ env, platform }: System): ShellName {
  const program = programName(env.SHELL ?? '')
  const shell = shells.find(({ programs }) => programs.includes(program))
  if (shell !== undefined) return shell.name
  if (platform !== 'win32') return 'sh'
  const atHand = windowsShellAtHand(env)
  return atHand === 'git-bash' ? 'sh' : atHand
}
