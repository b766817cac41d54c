import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeEntraToken } from '../../test/support/doubles/entra-token.ts'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import { inMinutes, setExpiry, storeValues } from '../../test/support/homes/stored-values.ts'
import { cleanEnvironment, runBuilt } from '../../test/support/programs/built.ts'
import { makeToken, startMarkedService, type MarkedService, type Trouble } from './marked-service.ts'
import { markSecrets } from './marks.ts'
import { runTraced, type TracedRun } from './trace.ts'

const THROWING = join(import.meta.dirname, 'throwing.cjs')

/** Through which a new shell tells its environment to us alone. */
export const LOOK_PIPE = 'the pipe of a look'

/** The secrets of a case and where it plays. */
export interface Fixture {
  readonly home: TestHome
  readonly service: MarkedService
  readonly key: string
  readonly connectionString: string
  readonly storedToken: string
  readonly givenToken: string
  readonly entraToken: string
  readonly proxyPassword: string
}

export type Expected = readonly `${string} → ${string}`[]

export interface LeakCase {
  readonly name: string
  readonly args: (fixture: Fixture) => readonly string[]
  readonly input?: (fixture: Fixture) => string
  readonly env?: (fixture: Fixture) => Readonly<Record<string, string>>
  /** What is stored before: both values in files (with a young or an old token), the same by a whole setup, or nothing. */
  readonly store?: 'young' | 'old' | 'by setup' | 'inline'
  readonly files?: (fixture: Fixture) => Readonly<Record<string, string>>
  readonly trouble?: Trouble
  readonly thrown?: { readonly what: string; readonly at: string; readonly how: string }
  readonly straceOptions?: readonly string[]
  /** The places that have to show a secret, as `key → stdout`. Any other is a leak; a missing one fails as well. */
  readonly expected: Expected
  /** They may be there, since the run breaks off somewhere. */
  readonly possible?: Expected
  /** Undefined: any failure. */
  readonly exitCode?: number
  /** It may end in any way. */
  readonly anyEnd?: boolean
}

/** Does a case in a home of its own; returns what is wrong. */
export async function runCase(item: LeakCase): Promise<readonly string[]> {
  const home = makeHome()
  chmodSync(home.path, 0o755)
  const directory = join(dirname(home.path), 'run')
  mkdirSync(join(directory, 'tmp'), { recursive: true })
  const key = makeKey()
  const entraToken = makeEntraToken().replace(/[^.]*$/, randomBytes(256).toString('base64url'))
  const service = await startMarkedService(item.trouble, [key, entraToken])
  const connectionString = `endpoint=${service.endpoint};accesskey=${key}`
  const tokens = {
    storedToken: makeToken(),
    givenToken: makeToken(),
    entraToken,
    proxyPassword: randomBytes(24).toString('hex'),
  }
  const fixture: Fixture = { home, service, key, connectionString, ...tokens }
  try {
    await fill(item, fixture)
    const run = await runTraced(item.args(fixture), {
      directory,
      workingDirectory: home.path,
      env: {
        ...cleanEnvironment(home.path),
        TMPDIR: join(directory, 'tmp'),
        ...thrownEnvironment(item),
        ...item.env?.(fixture),
      },
      ...(item.input !== undefined && { input: item.input(fixture) }),
      ...(item.straceOptions !== undefined && { straceOptions: item.straceOptions }),
    })
    // Where it is killed, it cannot tidy up.
    const temporary = item.anyEnd === true ? [] : readdirSync(join(directory, 'tmp'))
    return [...judge(item, fixture, run), ...temporary.map((name) => `left over: ${name} of temporary files`)]
  } finally {
    await service.close()
    home.remove()
  }
}

/** Both characters that encodings change are in every one. */
export function makeKey(): string {
  return Buffer.concat([Buffer.from('fb', 'hex'), Buffer.from('ffff', 'hex'), randomBytes(61)]).toString('base64')
}

function thrownEnvironment({ thrown }: LeakCase): Readonly<Record<string, string>> {
  if (thrown === undefined) return {}
  const { what, at, how } = thrown
  return { NODE_OPTIONS: `--require ${THROWING}`, THROWN: what, THROWN_AT: at, THROWN_HOW: how }
}

async function fill({ store, files }: LeakCase, fixture: Fixture): Promise<void> {
  const { home, service, connectionString, storedToken } = fixture
  for (const [name, contents] of Object.entries(files?.(fixture) ?? {})) {
    const path = home.write(name, contents)
    if (name.startsWith('bin/')) chmodSync(path, 0o755)
  }
  if (store === undefined) return
  if (store === 'by setup' || store === 'inline') {
    const args = ['setup', '--yes', '--no-verify', '--connection-string-stdin', '--scope', 'chat']
    const inline = store === 'inline' ? ['--inline'] : []
    await runBuilt([...args, ...inline], { home: home.path, input: connectionString })
    return
  }
  const userId = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
  const expiresOn = inMinutes(600)
  storeValues(home, { connectionString, accessToken: storedToken, endpoint: service.endpoint, userId, expiresOn })
  chmodSync(join(home.path, '.config/acs-env'), 0o700)
  for (const name of ['connection-string', 'access-token']) chmodSync(join(home.path, '.config/acs-env', name), 0o600)
  if (store === 'old') setExpiry(home, inMinutes(5))
}

function judge(item: LeakCase, fixture: Fixture, run: TracedRun): readonly string[] {
  const { service, key, storedToken, givenToken, entraToken, proxyPassword } = fixture
  const issued = Object.fromEntries(service.tokens.map((token, index) => [`issued token ${index}`, token]))
  const signatures = Object.fromEntries(service.signatures.map((text, index) => [`signature ${index}`, text]))
  const marks = markSecrets({
    ...signatures,
    key,
    'stored token': storedToken,
    'given token': givenToken,
    'Entra token': entraToken,
    'proxy password': proxyPassword,
    ...issued,
  })
  const found = new Set<string>()
  for (const { place, bytes } of run.traces) {
    for (const name of marks.find(bytes)) {
      const shown = told(place, fixture)
      // Shells open the pipe as a file to be made, with any rights: it is there already, in a directory of ours.
      const isPublic = run.publicFiles.has(place) && shown !== LOOK_PIPE
      found.add(`${name.replace(/ \d+(?= in |$)/, '')} → ${shown}${isPublic ? ', public' : ''}`)
    }
  }
  const expected = new Set<string>(item.expected)
  const possible = new Set<string>([...expected, ...(item.possible ?? []), 'signature → the service'])
  const isRight =
    item.anyEnd === true || (item.exitCode === undefined ? run.exitCode !== 0 : run.exitCode === item.exitCode)
  return [
    ...[...found].filter((line) => !possible.has(line)).map((line) => `a leak: ${line}`),
    ...[...expected].filter((line) => !found.has(line)).map((line) => `not seen: ${line}`),
    ...leftOver(item, fixture, marks.find, [...possible].map(placeOf)),
    ...(isRight ? [] : [`it ended with ${run.exitCode}: ${run.stderr.slice(0, 400)}`]),
  ]
}

/** What a place is called in `expected`: without the port, the home and the random part of a temporary file. */
function told(place: string, { home, service }: Fixture): string {
  const { host } = new URL(service.endpoint)
  return (
    place
      .replace(`network to ${host}`, 'the service')
      .replace(`${home.path}/`, '~/')
      .replace(/\/\.([^/]+)\.acs-env-[\da-f]{12}$/, '/$1')
      .replace(/^.*\/acs-env-shell-[^/]+\/pipe-\d+$/, LOOK_PIPE)
      .replace(/environment of (?:sh|node|strace)$/, 'environment of node')
      // What \`exec\` starts gets the same environment behind it, where the tests themselves ignore SIGHUP.
      .replace(/environment of nohup$/, 'environment of true')
  )
}

/** Files with a secret in them that are not the right ones, or that others can read; what the user put there may stay. */
function leftOver(
  { files }: LeakCase,
  fixture: Fixture,
  find: (bytes: Buffer) => readonly string[],
  possible: readonly string[],
): readonly string[] {
  const { home } = fixture
  const given = Object.keys(files?.(fixture) ?? {}).map((name) => `~/${name}`)
  const own = ['connection-string', 'access-token', 'restore.json'].map((name) => `~/.config/acs-env/${name}`)
  return readdirSync(home.path, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    const shown = told(path, fixture)
    if (!entry.isFile() || given.includes(shown)) return []
    const [name] = find(readFileSync(path))
    if (name === undefined) return []
    const isPublic = (statSync(path).mode & 0o077) !== 0
    return [
      ...([...own, ...possible].includes(shown) ? [] : [`left over: ${name} in ${shown}`]),
      ...(isPublic ? [`left over: ${shown} is readable by others`] : []),
    ]
  })
}

function placeOf(line: string): string {
  return line.slice(line.indexOf(' → ') + 3)
}
