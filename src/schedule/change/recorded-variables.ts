import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { Secret } from '../../secret.ts'
import type { RememberedSource } from '../../store/remembered-source.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { isLasting } from './nodes.ts'

/** An environment variable for the job. A proxy's address may have a password in it. */
export interface RecordedVariable {
  readonly name: string
  readonly value: Secret
}

/** What decides how the service is reached, and whom to trust; and where zsh has its files. */
const NAMES = [
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'NODE_USE_ENV_PROXY',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_DIR',
  'ZDOTDIR',
]
/** Files, which may be named relative to where the user is now. */
const FILES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']
/** What the Azure CLI reads: where its sign-in is, and the file with the certificate of a proxy. */
const AZURE_CLI_NAMES = ['AZURE_CONFIG_DIR', 'REQUESTS_CA_BUNDLE']
/** Of NODE_OPTIONS only these: a module to load beforehand is meant for one project. */
const TRUST_OPTIONS = /(?<=^|\s)--use-(?:system|openssl|bundled)-ca(?=\s|$)/g

/**
 * The variables that this environment has and a scheduler does not hand on.
 *
 * @param source where the job gets what it renews with, if that is not stored: it has to find that program
 */
export function recordVariables(
  { env, workingDirectory, platform }: System,
  source: RememberedSource | undefined,
): readonly RecordedVariable[] {
  const trust = env.NODE_OPTIONS?.match(TRUST_OPTIONS)?.join(' ')
  const found = [
    ...NAMES.map((name) => [name, env[name]] as const),
    ...[...FILES, ...(source === undefined ? [] : AZURE_CLI_NAMES)].map(
      (name) => [name, env[name] === undefined ? undefined : resolve(workingDirectory, env[name])] as const,
    ),
    ['NODE_OPTIONS', trust] as const,
    ['PATH', source === undefined ? undefined : lastingPath(env.PATH)] as const,
  ]
  // Windows has no letter case in names: both spellings find the same variable.
  const seen = new Set<string>()
  return found.flatMap(([name, value]) => {
    const key = platform === 'win32' ? name.toUpperCase() : name
    if (value === undefined || /[\r\n\0]/.test(value) || seen.has(key)) return []
    seen.add(key)
    return [{ name, value: new Secret(value) }]
  })
}

/** Quotes around a directory, which Windows allows, would end the line in a batch file. */
function lastingPath(path = ''): string | undefined {
  const directories = path.replaceAll('"', '').split(delimiter).filter(isLasting)
  return directories.length === 0 ? undefined : [...new Set(directories)].join(delimiter)
}

/** A warning for each file that is named and is not there: Node goes on without it. */
export function missingFiles({ env, workingDirectory }: System): readonly string[] {
  return FILES.flatMap((name) => {
    const value = env[name]
    if (value === undefined || existsSync(resolve(workingDirectory, value))) return []
    return [`${name} names ${printable(value)}, which does not exist.`]
  })
}
