import { FORMAT_CHOICES } from '../args/options.ts'
import { UsageError } from '../errors.ts'
import { findFormat, shellFormat, type Assignment, type Format } from '../formats/format.ts'
import { appendToGithubEnv, githubEnvFile, maskInGithub, renderGithubEnv } from '../formats/github.ts'
import { lookForStored, withoutStoredVariable, type LookedFor } from '../platforms/look-for-stored.ts'
import { windowsShellAtHand } from '../platforms/windows/shell.ts'
import type { Secret } from '../secret.ts'
import { shellNameOf, type ShellName } from '../shell-names.ts'
import {
  describeStoredToken,
  missingToken,
  nothingStored,
  storedValue,
  tokenEnd,
  type StoredToken,
  type TokenEnd,
} from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { connectionStringOf } from '../values/credential.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { CommandContext } from './context.ts'

type Context = CommandContext<'env'>

/** `acs-env env`: the stored variables as statements; where nothing is stored, with a token of this run. */
export async function run(given: Context): Promise<void> {
  const context = given.options.name === undefined ? given : withoutStoredVariable(given)
  const { options, system, terminal } = context
  const format = await chooseFormat(context)
  if (format === 'github') githubEnvFile(system.env)
  const looked = await lookForStored(system, options)
  const values = looked.kind === 'stored' ? await storedValues(looked.found, context) : await newValues(looked, context)
  if (values.kind === 'dry-run') {
    return terminal.answer(options.json ? '{"dry_run":true}\n' : `Would ${values.request}, and print both variables.\n`)
  }
  const { assignments } = values
  if (assignments.length === 0) throw nothingStored()
  if (format !== 'github') {
    await terminal.answer(format(assignments))
    if (isAzurePipelines(context)) noteSteps(assignments, context)
    return
  }
  const text = renderGithubEnv(assignments)
  // Masked before any later step can print them.
  const mask = (): Promise<void> => terminal.answer(maskInGithub(assignments), true)
  await (options.dryRun ? mask() : appendToGithubEnv(text, system.env, mask))
}

/** What to print, or in a dry run what would be asked of the service. */
type Values =
  | { readonly kind: 'values'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'dry-run'; readonly request: string }

async function storedValues(found: Stored, context: Context): Promise<Values> {
  const { options } = context
  if (OTHER_VALUES.every((name) => options[name] === undefined)) {
    warnOfEnd(describeStoredToken(found), context)
    return valuesOf(found.state.variables.map(({ name, value }) => [name, storedValue(found, value)]))
  }
  // Loaded on demand: printing the stored values does not need it.
  const { valuesToHandOver } = await import('../token/hand-over.ts')
  const useToken = async (): Promise<StoredToken> => {
    const token = describeStoredToken(found) ?? missingToken()
    warnOfEnd(token, context)
    return token
  }
  return valuesOf(await valuesToHandOver(found, 'store', useToken, context))
}

/** The options that ask for other values than the stored ones. */
const OTHER_VALUES = [
  'connectionString',
  'connectionStringStdin',
  'connectionStringCommand',
  'fromAz',
  'subscription',
  'endpoint',
  'entraTokenCommand',
  'scope',
  'expiresIn',
  'user',
] as const

async function newValues(looked: Exclude<LookedFor, { kind: 'stored' }>, context: Context): Promise<Values> {
  const { pairForThisRun } = await import('../token/for-this-run.ts')
  const { credential, issued, request } = await pairForThisRun(looked, nothingStored, context)
  if (issued === undefined) return { kind: 'dry-run', request }
  return valuesOf([
    [CONNECTION_STRING_NAME, connectionStringOf(credential)],
    [ACCESS_TOKEN_NAME, issued.token],
  ])
}

function valuesOf(pairs: readonly (readonly [name: string, value: Secret | undefined])[]): Values {
  return {
    kind: 'values',
    assignments: pairs.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  }
}

function isAzurePipelines({ options }: Context): boolean {
  return options.format?.toLowerCase() === 'azure-pipelines'
}

/** Later steps of a job do not get a secret variable by themselves. */
function noteSteps(assignments: readonly Assignment[], { reporter }: Context): void {
  const lines = assignments.map(({ name }) => `${name}: $(${name})`)
  reporter.note(`a later step gets a secret variable through its own "env:", as ${lines.join(', ')}`)
}

function warnOfEnd(token: StoredToken | undefined, { system, reporter, program }: Context): void {
  const warnings: Readonly<Record<TokenEnd, string>> = {
    deleted: `the identity of the stored token was deleted; "${program} setup --new-user" makes a new one.`,
    revoked: `the stored token was revoked; "${program} refresh" issues a new one.`,
    expired: `the stored token has expired; "${program} refresh" renews it.`,
  }
  const end = token && tokenEnd(token, system.now())
  if (end !== undefined) reporter.warn(warnings[end])
}

/** What writes the variables down: a format of its own, or the file of a GitHub Actions job. */
type Chosen = Format | 'github'

async function chooseFormat({ options, system }: Context): Promise<Chosen> {
  const name = options.format?.toLowerCase()
  if (name === 'github' && !options.json) return 'github'
  const format = name === undefined ? undefined : await findFormat(name)
  if (name !== undefined && name !== 'github' && format === undefined) {
    throw new UsageError('The value of --format is not a format.', {
      code: 'invalid_format',
      hint: `the formats are ${FORMAT_CHOICES.join(', ')}`,
    })
  }
  if (options.json && name !== undefined && name !== 'json') {
    throw new UsageError(`--json and --format ${name} do not go together.`, { hint: 'leave one of them out' })
  }
  const chosen = options.json ? await findFormat('json') : format
  return chosen ?? (await shellFormat(shellAtHand(system)))
}

/** The shell that started us, as far as its traces in the environment show. An unknown shell may read what sh reads. */
function shellAtHand({ env, platform }: System): ShellName {
  const shell = shellNameOf(env.SHELL ?? '')
  if (shell !== undefined) return shell
  if (platform !== 'win32') return 'sh'
  const atHand = windowsShellAtHand(env)
  return atHand === 'git-bash' ? 'sh' : atHand
}
