import { CliError } from '../errors.ts'
import { fromPortable, toPortable } from '../files/portable-path.ts'
import { shellPath } from '../shells/posix.ts'
import { printable } from '../text/printable.ts'
import { isIdentityId } from '../values/identity-id.ts'
import { isScope } from '../values/scopes.ts'
import { privateFile, privateFileStep, readJson } from './own-files.ts'
import type { State, Step, Variable } from './store.ts'

const FILE = 'state.json'
const VERSION = 1

/** Refuses to lose what a later version remembers. */
export function requireNoLaterState(
  directory: string,
  home?: string,
  { path, state } = privateFile(directory, FILE),
): void {
  const { version } = readJson(directory, FILE, state) ?? {}
  if (typeof version !== 'number' || version <= VERSION) return
  const shown = printable(home === undefined ? path : shellPath(path, home))
  throw new CliError(`${shown} was written by a later version of acs-env.`, {
    code: 'file',
    hint: 'update this one, with "npm install -g acs-env" or "npx acs-env@latest"',
  })
}

/**
 * What is remembered. A damaged file, or one of a later version, counts as none: everything in it can be found out again.
 *
 * @param home what paths are kept relative to; a home may be moved
 */
export function readState(directory: string, home?: string): State {
  const document = readJson(directory, FILE)
  if (document === undefined || document.version !== VERSION) return {}
  const { user_id, scopes, lifetime_minutes, expires_on, variables, profiles, rc_file, created_directories } = document
  const expiresOn = textOf(expires_on)
  const userId = textOf(user_id)
  return {
    endpoint: textOf(document.endpoint),
    userId: userId !== undefined && isIdentityId(userId) ? userId : undefined,
    scopes: textsOf(scopes)?.filter(isScope),
    lifetimeMinutes: typeof lifetime_minutes === 'number' ? lifetime_minutes : undefined,
    expiresOn: expiresOn !== undefined && !Number.isNaN(Date.parse(expiresOn)) ? expiresOn : undefined,
    tokenDigest: textOf(document.token_digest),
    variables: Array.isArray(variables) ? variables.flatMap(readVariable) : undefined,
    profiles: textsOf(profiles)?.map((path) => fromPortable(path, home)),
    rcFile: textOf(rc_file) === undefined ? undefined : fromPortable(textOf(rc_file) ?? '', home),
    shell: textOf(document.shell),
    accountShell: textOf(document.account_shell),
    createdDirectories: textsOf(created_directories)?.map((path) => fromPortable(path, home)),
    renewedAt: textOf(document.renewed_at),
  }
}

/** The step that writes the state, or none where it is the same already. */
export function stateStep(directory: string, state: State, home?: string): readonly Step[] {
  const portable = (paths: readonly string[] | undefined): readonly string[] | undefined =>
    paths?.map((path) => toPortable(path, home))
  const document = {
    version: VERSION,
    endpoint: state.endpoint,
    user_id: state.userId,
    scopes: state.scopes,
    lifetime_minutes: state.lifetimeMinutes,
    expires_on: state.expiresOn,
    token_digest: state.tokenDigest,
    variables: state.variables,
    profiles: portable(state.profiles),
    rc_file: state.rcFile === undefined ? undefined : toPortable(state.rcFile, home),
    shell: state.shell,
    account_shell: state.accountShell,
    created_directories: portable(state.createdDirectories),
    renewed_at: state.renewedAt,
  }
  const file = privateFile(directory, FILE)
  requireNoLaterState(directory, home, file)
  return privateFileStep(file, `${JSON.stringify(document, null, 2)}\n`)
}

function readVariable(value: unknown): readonly Variable[] {
  const { name, value: kind } = (value ?? {}) as { name?: unknown; value?: unknown }
  const isKnown = kind === 'connection-string' || kind === 'access-token'
  return typeof name === 'string' && /^\w+$/.test(name) && isKnown ? [{ name, value: kind }] : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}
