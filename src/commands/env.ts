import type { CommandContext } from '../context.ts'
import { CliError, UsageError } from '../errors.ts'
import { formats, type Assignment, type FormatName } from '../formats/format.ts'
import { appendToGithubEnv, githubEnvFile, maskInGithub } from '../formats/github.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import type { System } from '../system/system.ts'

/** `acs-env env`: the stored variables as statements. */
export async function run({ options, system, terminal }: CommandContext): Promise<void> {
  const format = options.json ? 'json' : parseFormat(options.format ?? formatAtHand(system))
  if (format === 'github') githubEnvFile(system.env)
  const platform = await resolvePlatform(system, { remembered: true })
  const { variables } = await platform.inspect()
  const assignments: readonly Assignment[] = variables.flatMap(({ name, secret }) =>
    secret === undefined ? [] : [{ name, value: secret }],
  )
  if (assignments.length === 0) {
    throw new CliError('Nothing is stored yet.', { code: 'nothing_stored', hint: 'begin with "acs-env setup"' })
  }
  if (format !== 'github') return terminal.answer(formats[format](assignments))
  // Masked before any later step can print them.
  await terminal.answer(maskInGithub(assignments))
  if (!options.dryRun) appendToGithubEnv(assignments, system.env)
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
function formatAtHand({ env, platform }: System): string {
  const program = env.SHELL?.slice(env.SHELL.lastIndexOf('/') + 1) ?? ''
  // Git Bash sets SHELL on Windows too.
  if (program in formats) return program
  if (platform !== 'win32' || env.SHELL !== undefined) return 'sh'
  // cmd alone sets PROMPT, and hands it down to a PowerShell that it starts.
  return env.PROMPT === undefined ? 'powershell' : 'cmd'
}
