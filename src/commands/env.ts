import { UsageError } from '../errors.ts'
import { formats, type Assignment, type FormatName } from '../formats/format.ts'
import { appendToGithubEnv, githubEnvFile, maskInGithub, renderGithubEnv } from '../formats/github.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { windowsShellAtHand } from '../platforms/windows/shell.ts'
import { DEFAULT_VARIABLES } from '../store/store.ts'
import { describeStoredToken, nothingStored } from '../store/stored-token.ts'
import type { System } from '../system/system.ts'
import type { CommandContext } from './context.ts'

/** Every other shell is taken for one that reads what sh reads. */
const SHELL_FORMATS: ReadonlyMap<string, FormatName> = new Map([
  ['bash', 'bash'],
  ['zsh', 'zsh'],
  ['fish', 'fish'],
  ['pwsh', 'powershell'],
])

/** `acs-env env`: the stored variables as statements. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal, reporter, program } = context
  const format = chooseFormat(context)
  if (format === 'github') githubEnvFile(system.env)
  const platform = await resolvePlatform(system, { remembered: true })
  const found = await platform.find()
  const variables = found.state.variables ?? DEFAULT_VARIABLES
  const assignments: readonly Assignment[] = variables.flatMap(({ name, value: kind }) => {
    const value = kind === 'access-token' ? found.accessToken : found.connectionString
    return value === undefined ? [] : [{ name, value }]
  })
  const token = describeStoredToken(found)
  if (token?.expiresOn !== undefined && token.expiresOn <= system.now()) {
    reporter.warn(`the stored token has expired; "${program} refresh" renews it.`)
  }
  if (assignments.length === 0) throw nothingStored()
  if (format !== 'github') return terminal.answer(formats[format](assignments))
  const text = renderGithubEnv(assignments)
  // Masked before any later step can print them.
  const mask = (): Promise<void> => terminal.answer(maskInGithub(assignments), true)
  await (options.dryRun ? mask() : appendToGithubEnv(text, system.env, mask))
}

function chooseFormat({ options, system }: CommandContext): FormatName | 'github' {
  const format = options.format === undefined ? undefined : parseFormat(options.format)
  if (!options.json) return format ?? formatAtHand(system)
  if (format === undefined || format === 'json') return 'json'
  throw new UsageError(`--json and --format ${format} do not go together.`, { hint: 'leave one of them out' })
}

function parseFormat(text: string): FormatName | 'github' {
  const names = [...Object.keys(formats), 'github'] as readonly (FormatName | 'github')[]
  const known = names.find((name) => name === text.toLowerCase())
  if (known !== undefined) return known
  throw new UsageError('The value of --format is not a format.', {
    code: 'invalid_format',
    hint: `the formats are ${names.join(', ')}`,
  })
}

/** The shell that started us, as far as its traces in the environment tell. */
function formatAtHand({ env, platform }: System): FormatName {
  const shell = env.SHELL?.slice(env.SHELL.lastIndexOf('/') + 1) ?? ''
  const format = SHELL_FORMATS.get(shell)
  if (format !== undefined) return format
  if (platform !== 'win32') return 'sh'
  const atHand = windowsShellAtHand(env)
  return atHand === 'git-bash' ? 'sh' : atHand
}
