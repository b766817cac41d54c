import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { commandTable } from '../../../src/args/commands.ts'
import { optionTable } from '../../../src/args/options.ts'
import { makeHome, type TestHome } from '../homes/home.ts'
import { storeValues } from '../homes/stored-values.ts'
import { runBuilt, type BuiltRun } from '../programs/built.ts'
import { hostileText } from './hostile-text.ts'

const OWN = '.config/acs-env'
const MEGABYTE = 1024 * 1024

/** What stands where acs-env, or a library in it, expects a file or a directory. */
interface Obstacle {
  readonly path: string
  readonly kind: 'directory' | 'pipe' | 'nothing' | 'unreadable' | 'link' | 'contents'
  /** Of a link where it leads to, otherwise what is in it. */
  readonly text: string
}

/** One run of the program with something wrong around it. */
export interface RubbishCase {
  /** Whether a good pair is stored, as far as nothing is put in its place. */
  readonly isStored: boolean
  readonly obstacles: readonly Obstacle[]
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly input: string
}

const words = (text: string): readonly string[] => text.split(' ')

const PATHS: readonly string[] = [
  ...words('connection-string access-token state.json restore.json .gitignore lock lock.clearing').map(
    (name) => `${OWN}/${name}`,
  ),
  OWN,
  `${OWN}/.access-token.acs-env-000000000000`,
  ...words('.config .bash_profile .bashrc .bash_login .profile .zshrc .zshenv .kshrc .mkshrc .azure .azure/config'),
  '.bash_profile.acs-env-000000000000',
]

/** Not LANG: a C library may crash on it before any program begins. */
const VARIABLES = words(
  'HOME PATH SHELL TMPDIR ENV ZDOTDIR XDG_CONFIG_HOME XDG_RUNTIME_DIR BASH_ENV HTTPS_PROXY HTTP_PROXY ALL_PROXY ' +
    'NO_PROXY NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED TERM COLUMNS TZ CI FORCE_COLOR NO_COLOR npm_command _ ' +
    'SUDO_UID PWD AZURE_CONFIG_DIR GITHUB_ENV WSL_DISTRO_NAME WSL_INTEROP AZURE_COMMUNICATION_CONNECTION_STRING ' +
    'AZURE_COMMUNICATION_ACCESS_TOKEN',
)

/** Any JSON, and what a record has, with a value of any kind in each place. */
const anyJson = fc.jsonValue({ maxDepth: 4 })
const forgedRecord = fc
  .record(
    {
      version: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, anyJson),
      ...Object.fromEntries(
        words(
          'endpoint user_id scopes lifetime_minutes expires_on token_digest variables profiles rc_file shell ' +
            'startup_files placement seen created_directories renewed_at later',
        ).map((name) => [name, fc.oneof(anyJson, fc.array(hostileText), hostileText)]),
      ),
    },
    { requiredKeys: ['version'] },
  )
  .map((value) => JSON.stringify(value))

const contents = fc.oneof(
  forgedRecord,
  anyJson.map((value) => JSON.stringify(value)),
  hostileText,
  fc.constantFrom(
    '',
    '\n',
    '\0',
    '\uFEFF',
    'null',
    '[]',
    '{"version":1,"profiles":{"__proto__":null}}',
    '{"__proto__":{"version":1}}',
    '['.repeat(100_000),
    '"'.repeat(MEGABYTE),
    'x'.repeat(MEGABYTE),
    '# >>> acs-env >>>\n',
    '# <<< acs-env <<<\n# >>> acs-env >>>\n',
    '99999999999999999999 host',
    '1',
    '-1',
    '[communication]\nconnection_string = %(x)s\n',
    'endpoint=https://a.example/;accesskey=a;accesskey=b',
  ),
)

const target = fc.constantFrom(
  ...words('. .. nothing / /dev/null /dev/zero /dev/full /proc/self/mem /proc/self/environ /proc/self/fd/0'),
  ...words(`.bash_profile a/b/c /root/x ${'d/'.repeat(300)}x`),
)

const obstacle: fc.Arbitrary<Obstacle> = fc.oneof(
  fc.record({ path: fc.constantFrom(...PATHS), kind: fc.constant('link' as const), text: target }),
  {
    weight: 2,
    arbitrary: fc.record({ path: fc.constantFrom(...PATHS), kind: fc.constant('contents' as const), text: contents }),
  },
  fc.record({
    path: fc.constantFrom(...PATHS),
    kind: fc.constantFrom('directory', 'pipe', 'nothing', 'unreadable'),
    text: fc.constant(''),
  }),
  // The two records more often than all else: most is in them.
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.constantFrom(`${OWN}/state.json`, `${OWN}/restore.json`),
      kind: fc.constant('contents' as const),
      text: contents,
    }),
  },
)

const value = fc.oneof(
  hostileText.filter((text) => !text.includes('\0')),
  fc.constantFrom(
    '',
    ' ',
    '/',
    '/dev/null',
    '/proc',
    '/proc/self/mem',
    '0',
    '-1',
    '1e9',
    'http://',
    'http://[',
    'x'.repeat(100_000),
  ),
  target,
)

const environment = fc
  .array(fc.tuple(fc.constantFrom(...VARIABLES), value), { maxLength: 2 })
  .map((pairs) => Object.fromEntries(pairs))

/** A demo takes long, and an emulator runs until it is stopped. */
const COMMANDS = Object.keys(commandTable).filter((name) => !['demo', 'emulator'].includes(name))

const usual = fc.constantFrom<readonly string[]>(
  ['setup', '--yes', '--no-verify'],
  ['setup', '--yes', '--no-verify', '--no-token', '--connection-string-stdin'],
  ['setup', '--yes', '--no-verify', '--inline', '--access-token-stdin', '--token-only'],
  ['setup', '--dry-run'],
  ['refresh'],
  ['refresh', '--if-expires-within', '1h'],
  ['status', '--json'],
  ['status'],
  ['unset', '--yes'],
  ['unset', '--yes', '--delete-user'],
  ['token'],
  ['env'],
  ['env', '--format', 'github'],
  ['exec', '--', 'true'],
)

const options = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...Object.keys(optionTable)), value)
      .map(([name, text]) =>
        'value' in optionTable[name as keyof typeof optionTable] ? [`--${name}`, text] : [`--${name}`],
      ),
    value.map((text) => [text]),
  ),
  { maxLength: 3 },
)

const args = fc.oneof(
  { weight: 3, arbitrary: usual },
  fc.tuple(fc.constantFrom(...COMMANDS), options).map(([command, more]) => [...command.split(' '), ...more.flat()]),
  // "exec" takes it for the command to run.
  fc.tuple(usual, options).map(([command, more]) => (command[0] === 'exec' ? command : [...command, ...more.flat()])),
)

export const rubbishCase: fc.Arbitrary<RubbishCase> = fc.record({
  isStored: fc.boolean(),
  obstacles: fc.array(obstacle, { maxLength: 3 }),
  env: environment,
  args,
  input: fc.oneof(fc.constant(''), hostileText, contents),
})

/** What every run but a bug ends with. */
const EXPECTED = [0, 1, 2, 3, 4, 126, 127, 130]
const LIMIT_MS = 15_000
/** An error is a sentence of its own. Text of rubbish may be in it. */
const SENTENCE = /^error: .+|^\{"error":/m

/** Runs the built program as the case says; returns what is wrong with how that ended. */
export async function judgeRubbish(item: RubbishCase): Promise<readonly string[]> {
  const home = makeHome()
  try {
    layOut(item, home)
    const { args, env, input } = item
    const stop = AbortSignal.timeout(LIMIT_MS)
    const run = await runBuilt(args, { home: home.path, env, input, signal: stop }).catch(() => undefined)
    const told = run === undefined ? 'was still running after 15 s' : judge(run)
    return told === undefined ? [] : [`${told}: ${describeRubbish(item)}`]
  } finally {
    home.remove()
  }
}

function judge({ exitCode, signal, stderr }: BuiltRun): string | undefined {
  if (signal !== null || !EXPECTED.includes(exitCode ?? -1))
    return `ended with ${signal ?? exitCode}, ${stderr.slice(0, 300)}`
  const isError = ![0, 3].includes(exitCode ?? -1)
  return isError && !SENTENCE.test(stderr) ? `ended with ${exitCode} and no error` : undefined
}

/** In one line that is not a megabyte long. */
export function describeRubbish(item: RubbishCase): string {
  const shorten = (_: string, text: unknown): unknown => (typeof text === 'string' ? text.slice(0, 200) : text)
  return JSON.stringify(item, shorten)
}

/** Makes a home what the case says. */
function layOut({ isStored, obstacles }: RubbishCase, home: TestHome): void {
  if (isStored) {
    storeValues(home, {
      connectionString: 'endpoint=http://127.0.0.1:1/;accesskey=c2VjcmV0',
      accessToken: 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl',
      expiresOn: new Date(Date.now() + 3_600_000),
      endpoint: 'http://127.0.0.1:1/',
    })
  }
  for (const { path, kind, text } of obstacles) {
    const whole = join(home.path, path)
    try {
      mkdirSync(dirname(whole), { recursive: true })
      rmSync(whole, { recursive: true, force: true })
      put(whole, kind, text)
    } catch {
      // Behind another obstacle: that one is enough.
    }
  }
}

function put(path: string, kind: Obstacle['kind'], text: string): void {
  switch (kind) {
    case 'directory':
      return void mkdirSync(join(path, 'x'), { recursive: true })
    case 'pipe':
      return void execFileSync('mkfifo', [path])
    case 'link':
      return symlinkSync(text, path)
    case 'unreadable':
      mkdirSync(path)
      return chmodSync(path, 0)
    case 'contents':
      return writeFileSync(path, text)
    case 'nothing':
  }
}
