import { ENTRA_APPLICATION, ENTRA_USER } from '../../test/support/doubles/entra-token.ts'
import { byLength } from '../support/campaign.ts'
import type { Expected, Fixture, LeakCase } from './fixture.ts'
import { TROUBLES } from './marked-service.ts'

const USER = '8:acs:00000000-0000-0000-0000-000000000000_11111111-1111-1111-1111-111111111111'
const STORE = '~/.config/acs-env'
const KEY_STORED = [`key → ${STORE}/connection-string`] as const
const TOKEN_STORED = [`issued token → ${STORE}/access-token`] as const
const BOTH_STORED = [...KEY_STORED, ...TOKEN_STORED]
const BOTH_INLINE = ['~/.bash_profile', '~/.bashrc'].flatMap(
  (file) => [`key → ${file}`, `issued token → ${file}`] as const,
)
const FROM_INPUT = ['--connection-string-stdin']
const parked = (name: string, token: string): Expected => [
  `key → ${STORE}/resources/${name}/connection-string`,
  `${token} → ${STORE}/resources/${name}/access-token`,
]
const TEAMS = ['teams-token', '--client', ENTRA_APPLICATION, '--aad-user', ENTRA_USER]

type Part = Omit<LeakCase, 'name'>

const fromInput = (args: readonly string[], expected: Expected, more: Partial<Part> = {}): Part => ({
  args: () => [...args, ...FROM_INPUT],
  input: ({ connectionString }) => connectionString,
  expected,
  exitCode: 0,
  ...more,
})

const ofStore = (args: readonly string[], expected: Expected, more: Partial<Part> = {}): Part => ({
  args: () => args,
  store: 'young',
  expected,
  exitCode: 0,
  ...more,
})

const teams = (expected: Expected, more: Partial<Part> = {}): Part => ({
  args: () => [...TEAMS, '--aad-token-stdin'],
  input: ({ entraToken }) => entraToken,
  store: 'young',
  expected,
  exitCode: 0,
  ...more,
})

const SETUP_AND_LOOK = ['setup', '--yes', '--scope', 'chat']
/** Without the shells that are opened to look whether they have the values: those have cases of their own. */
const SETUP = [...SETUP_AND_LOOK, '--no-verify']
const exported = ({ connectionString }: Fixture): Readonly<Record<string, string>> => ({
  '.bash_profile': `export AZURE_COMMUNICATION_CONNECTION_STRING="${connectionString}"\n`,
})

/** Every command as it is meant to be used. */
const uses: Readonly<Record<string, Part>> = {
  'setup from standard input': fromInput(SETUP, BOTH_STORED),
  'setup by option': {
    args: ({ connectionString }) => [...SETUP, '--connection-string', connectionString],
    expected: [...BOTH_STORED, 'key → arguments of node'],
    exitCode: 0,
  },
  'setup from a command': {
    args: () => [...SETUP, '--connection-string-command', 'cat given/connection'],
    files: ({ connectionString }) => ({ 'given/connection': connectionString }),
    expected: [...BOTH_STORED, 'key → a pipe'],
    exitCode: 0,
  },
  'setup from the environment': {
    args: () => SETUP,
    env: ({ connectionString }) => ({ AZURE_COMMUNICATION_CONNECTION_STRING: connectionString }),
    expected: [...BOTH_STORED, 'key → environment of node'],
    exitCode: 0,
  },
  "setup from the Azure CLI's configuration": {
    args: () => SETUP,
    files: ({ connectionString }) => ({
      '.azure/config': `[communication]\nconnection_string = ${connectionString}\n`,
    }),
    env: () => ({ AZURE_CONFIG_DIR: '' }),
    expected: BOTH_STORED,
    exitCode: 0,
  },
  'setup over a store': ofStore(SETUP, TOKEN_STORED),
  'setup over a store with the key of another': {
    args: () => [...SETUP, ...FROM_INPUT],
    input: ({ connectionString }) => connectionString.replace(/;accesskey=.*/, `;accesskey=${'a'.repeat(88)}`),
    store: 'young',
    expected: TOKEN_STORED,
    exitCode: 0,
  },
  'setup --inline': fromInput([...SETUP, '--inline'], BOTH_INLINE),
  'setup --inline --rc-file': fromInput(
    [...SETUP, '--inline', '--rc-file', 'profile'],
    ['key → ~/profile', 'issued token → ~/profile'],
  ),
  'setup --no-token': fromInput(['setup', '--yes', '--no-verify', '--no-token'], KEY_STORED),
  'setup --token-only': fromInput([...SETUP, '--token-only'], TOKEN_STORED),
  'setup --as': fromInput([...SETUP, '--as', 'OTHER_NAME'], BOTH_STORED),
  'setup --access-token-stdin': {
    args: () => ['setup', '--yes', '--no-verify', '--access-token-stdin'],
    input: ({ givenToken }) => givenToken,
    expected: [`given token → ${STORE}/access-token`],
    exitCode: 0,
  },
  'setup that takes a line over': fromInput(
    SETUP,
    // The shell's parser is asked what stands before it, and whether the rest parses.
    [...BOTH_STORED, `key in base64 → ${STORE}/restore.json`, 'key → a pipe'],
    { files: exported },
  ),
  refresh: ofStore(['refresh'], TOKEN_STORED),
  'refresh that has nothing to do': ofStore(['refresh', '--if-expires-within', '1h'], []),
  status: ofStore(['status'], [], { store: 'by setup' }),
  'status in a shell that has them': ofStore(
    ['status'],
    ['key → environment of node', 'stored token → environment of node'],
    {
      store: 'by setup',
      env: ({ connectionString, storedToken }) => ({
        AZURE_COMMUNICATION_CONNECTION_STRING: connectionString,
        AZURE_COMMUNICATION_ACCESS_TOKEN: storedToken,
      }),
    },
  ),
  'setup --name, one of several resources': {
    args: () => [...SETUP, ...FROM_INPUT, '--name', 'other'],
    input: ({ connectionString }) => connectionString,
    store: 'young',
    expected: [...TOKEN_STORED, ...parked('other', 'issued token'), ...parked('default', 'stored token')],
    exitCode: 0,
  },
  'use, one of several resources': ofStore(
    ['use', 'other'],
    [`given token → ${STORE}/access-token`, ...parked('other', 'given token'), ...parked('default', 'stored token')],
    {
      files: ({ connectionString, givenToken }) => ({
        '.config/acs-env/resources/other/connection-string': connectionString,
        '.config/acs-env/resources/other/access-token': givenToken,
        '.config/acs-env/resources/other/state.json': '{"version":1}',
      }),
    },
  ),
  'token --name, one of several resources': ofStore(['token', '--name', 'other'], ['given token → stdout'], {
    files: ({ connectionString, givenToken }) => ({
      '.config/acs-env/resources/other/connection-string': connectionString,
      '.config/acs-env/resources/other/access-token': givenToken,
    }),
  }),
  unset: ofStore(['unset', '--yes'], [], { store: 'by setup' }),
  'unset --revoke': ofStore(['unset', '--revoke', '--yes'], [], { store: 'by setup' }),
  'unset that gives a line back': ofStore(['unset', '--yes'], ['key → ~/.bash_profile, public'], {
    store: 'by setup',
    files: exported,
  }),
  token: ofStore(['token'], ['stored token → stdout']),
  'token that renews': ofStore(['token'], [...TOKEN_STORED, 'issued token → stdout'], { store: 'old' }),
  issue: fromInput(['issue', '--scope', 'chat'], ['issued token → stdout']),
  ...Object.fromEntries(
    ['sh', 'fish', 'nu', 'tcsh', 'xonsh', 'elvish', 'powershell', 'cmd', 'dotenv', 'json'].map((format) => [
      `env --format ${format}`,
      ofStore(['env', '--format', format], ['key → stdout', 'stored token → stdout']),
    ]),
  ),
  'env --format github': ofStore(
    ['env', '--format', 'github'],
    ['key → stdout', 'stored token → stdout', 'key → ~/given/github', 'stored token → ~/given/github'],
    { env: () => ({ GITHUB_ENV: 'given/github' }), files: () => ({ 'given/github': '' }) },
  ),
  exec: ofStore(['exec', '--', 'true'], ['key → environment of true', 'stored token → environment of true']),
  'exec that renews': ofStore(
    ['exec', '--', 'true'],
    [...TOKEN_STORED, 'key → environment of true', 'issued token → environment of true'],
    { store: 'old' },
  ),
  'user create': ofStore(['user', 'create'], []),
  'user delete': ofStore(['user', 'delete', USER, '--yes'], []),
  revoke: ofStore(['revoke', '--yes'], []),
  'teams-token': teams(['Entra token → the service', 'issued token → stdout']),
  'teams-token by option': teams(
    ['Entra token → the service', 'issued token → stdout', 'Entra token → arguments of node'],
    {
      args: ({ entraToken }) => [...TEAMS, '--aad-token', entraToken],
    },
  ),
}

/** The shells have what they read themselves, and so has each program that they start. */
const IN_SHELLS = ['key → environment of env', 'key → the pipe of a look'] as const
const TOKEN_IN_SHELLS = ['issued token → environment of env', 'issued token → the pipe of a look'] as const
/** The traced shell reports to us only. */
const TRACED = [
  'key → a pipe',
  'issued token → a pipe',
  'key → environment of node',
  'issued token → environment of node',
] as const
const OVERRIDDEN = {
  '.bash_profile': '. ~/.bashrc\n',
  '.bashrc': '. ~/.settings\n',
  // No place of the block is right: before this it is overridden, and after it it cannot be set.
  '.settings': 'readonly AZURE_COMMUNICATION_ACCESS_TOKEN=another\n',
}

/** Setups that open shells, and where those do not have the values find out why. */
const looks: Readonly<Record<string, Part>> = {
  'setup that looks': fromInput(SETUP_AND_LOOK, [...BOTH_STORED, ...IN_SHELLS, ...TOKEN_IN_SHELLS]),
  'setup that looks, from the environment': {
    args: () => SETUP_AND_LOOK,
    env: ({ connectionString }) => ({ AZURE_COMMUNICATION_CONNECTION_STRING: connectionString }),
    expected: [...BOTH_STORED, ...IN_SHELLS, ...TOKEN_IN_SHELLS, 'key → environment of node'],
    exitCode: 0,
  },
  doctor: ofStore(['doctor', '--offline'], [...IN_SHELLS, ...TOKEN_IN_SHELLS], { store: 'by setup' }),
  'setup --inline that looks': fromInput(
    [...SETUP_AND_LOOK, '--inline'],
    [...BOTH_INLINE, ...IN_SHELLS, ...TOKEN_IN_SHELLS],
  ),
  'setup that looks, and finds the line to blame': fromInput(SETUP_AND_LOOK, [...BOTH_STORED, ...IN_SHELLS], {
    files: () => OVERRIDDEN,
    possible: [...TOKEN_IN_SHELLS, ...TRACED],
    exitCode: 3,
  }),
  'setup --inline that looks, and finds the line to blame': fromInput(
    [...SETUP_AND_LOOK, '--inline'],
    [...BOTH_INLINE, ...IN_SHELLS],
    { files: () => OVERRIDDEN, possible: [...TOKEN_IN_SHELLS, ...TRACED], exitCode: 3 },
  ),
}

/** A crontab that is kept in the home, so that nobody's is touched. */
const CRONTAB = `#!/bin/sh
table=$HOME/given/crontab
case $1 in
  -l) cat "$table" 2>/dev/null || { echo 'no crontab for me' >&2; exit 1; } ;;
  -r) rm "$table" ;;
  *) cp -- "$1" "$table" ;;
esac
`
const withCrontab = {
  store: 'by setup',
  files: () => ({ 'bin/crontab': CRONTAB, 'given/other': 'mine\n' }),
  env: ({ home }: Fixture) => ({ PATH: `${home.path}/bin:${process.env.PATH}` }),
} as const
const SCHEDULE = ['schedule', '--scheduler', 'cron']

/** What registers a job: its rehearsal renews the token, and nobody is handed a secret for it. */
const jobs: Readonly<Record<string, Part>> = {
  schedule: ofStore(SCHEDULE, TOKEN_STORED, withCrontab),
  'schedule in a shell that has the values': ofStore(SCHEDULE, [...TOKEN_STORED, 'key → environment of node'], {
    ...withCrontab,
    env: (fixture) => ({
      ...withCrontab.env(fixture),
      AZURE_COMMUNICATION_CONNECTION_STRING: fixture.connectionString,
    }),
  }),
  'setup --schedule': fromInput([...SETUP, '--schedule'], BOTH_STORED, {
    files: withCrontab.files,
    env: withCrontab.env,
  }),
}

const ways: readonly (readonly string[])[] = byLength(
  [[], ['--json', '--verbose'], ['--dry-run']],
  [
    [],
    ['--json'],
    ['--verbose'],
    ['--quiet', '--no-color'],
    ['--json', '--verbose'],
    ['--dry-run'],
    ['--dry-run', '--json', '--verbose'],
  ],
)

function inWays(name: string, part: Part, itsWays: readonly (readonly string[])[]): readonly LeakCase[] {
  return itsWays.flatMap((way) => {
    // These two are refused together, which is a case of its own below.
    if (way.includes('--json') && /--format (?!json)/.test(name)) return []
    const args = (fixture: Fixture): readonly string[] => insertOptions(part.args(fixture), way)
    const isDry = way.includes('--dry-run')
    return [{ ...part, name: [name, ...way].join(' '), args, ...(isDry && dryExpected(part)) }]
  })
}

function insertOptions(args: readonly string[], way: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end === -1 ? [...args, ...way] : [...args.slice(0, end), ...way, ...args.slice(end)]
}

/** A dry run still prints, and still gets what it is given; it stores, issues and hands on nothing. */
function dryExpected({ expected, possible = [] }: Part): Pick<LeakCase, 'expected' | 'possible'> {
  const stays = /→ (?:arguments of node|environment of node|a pipe)$/
  return {
    expected: expected.filter((line) => stays.test(line)),
    possible: [...possible, 'stored token → stdout', ...expected.filter((line) => line.endsWith('stdout'))],
  }
}

/** Commands that ask the service, in each of its troubles. */
const asking = [
  'setup from standard input',
  'setup over a store',
  'refresh',
  'token that renews',
  'issue',
  'exec that renews',
  'user create',
  'revoke',
  'unset --revoke',
  'teams-token',
] as const

const inTrouble: readonly LeakCase[] = [...TROUBLES, ...byLength([], ['silence'] as const)].flatMap((trouble, turn) =>
  asking.flatMap((name, index) => {
    const part = uses[name]
    if (part === undefined) throw new Error(`There is no use "${name}"`)
    if (part.store === 'by setup' && byLength(turn % 4 !== 0, false)) return []
    // A service in trouble cannot serve a setup first.
    const store = part.store === 'by setup' ? ('young' as const) : part.store
    const verbose = (turn + index) % 2 === 0 ? ['--verbose'] : ['--json']
    const failing: Part = {
      ...part,
      ...(store !== undefined && { store }),
      expected: name === 'teams-token' ? ['Entra token → the service'] : [],
      // A token that has nearly expired is used as it is, with a warning.
      possible: ['stored token → stdout', 'key → environment of true', 'stored token → environment of true'],
      trouble,
    }
    const { exitCode: _, ...anyFailure } = failing
    const goesOn = store === 'old'
    return inWays(`${name}, ${trouble}`, goesOn ? failing : anyFailure, [verbose])
  }),
)

/** Connection strings with the key in every wrong position. */
const mistaken: readonly LeakCase[] = Object.entries<(fixture: Fixture) => string>({
  'the key alone': ({ key }) => key,
  'as the endpoint': ({ key }) => `endpoint=https://${key}/;accesskey=${key}`,
  'as the path': ({ key }) => `endpoint=https://contoso.example/${key};accesskey=${key}`,
  'as a user name': ({ key }) => `endpoint=https://${encodeURIComponent(key)}@contoso.example/;accesskey=${key}`,
  'as the scheme': ({ key }) => `endpoint=${key}://contoso.example/;accesskey=${key}`,
  'as the port': ({ key }) => `endpoint=https://contoso.example:${key}/;accesskey=${key}`,
  'as the name of a part': ({ key }) => `endpoint=https://contoso.example/;${key}=${key}`,
  'with a letter of no key': ({ key }) => `endpoint=https://contoso.example/;accesskey=%${key}`,
  cut: ({ key }) => `endpoint=https://contoso.example/;accesskey=${key.slice(0, -3)}`,
  'for Storage': ({ key }) => `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${key}`,
  'with http': ({ key }) => `endpoint=http://contoso.example/;accesskey=${key}`,
}).flatMap(([name, write]) => [
  ...inWays(
    `a connection string ${name}`,
    withoutExit(fromInput(SETUP, [], { input: write })),
    byLength([['--verbose']], ways),
  ),
  ...inWays(
    `a connection string ${name}, by option`,
    {
      args: (fixture) => ['issue', '--scope', 'chat', '--connection-string', write(fixture)],
      expected: [],
      possible: ['key → arguments of node', 'key in URL → arguments of node'],
      exitCode: 2,
    },
    byLength([['--json']], ways),
  ),
  ...inWays(
    `a connection string ${name}, in the environment`,
    {
      args: () => ['exec', '--', 'true'],
      env: (fixture) => ({ AZURE_COMMUNICATION_CONNECTION_STRING: write(fixture).replaceAll('\n', ' ') }),
      expected: [],
      possible: ['key → environment of node', 'key in URL → environment of node'],
    },
    [['--verbose']],
  ),
])

/** Connection strings in text that was copied along with them: setup finds each. */
const wrapped: readonly LeakCase[] = Object.entries<(fixture: Fixture) => string>({
  twice: ({ connectionString }) => `${connectionString};${connectionString}`,
  'with a line break': ({ connectionString, key }) => `${connectionString}\n${key}`,
  'in quotes that do not match': ({ connectionString }) => `"${connectionString}'`,
  'in a line of a shell': ({ connectionString }) => `export A=B; ${connectionString}`,
}).flatMap(([name, write]) => [
  ...inWays(
    `a connection string ${name}`,
    fromInput(SETUP, BOTH_STORED, { input: write }),
    byLength([['--verbose']], ways),
  ),
  ...inWays(
    `a connection string ${name}, by option`,
    {
      args: (fixture) => ['issue', '--scope', 'chat', '--connection-string', write(fixture)],
      expected: ['key → arguments of node', 'issued token → stdout'],
      exitCode: 0,
    },
    byLength([['--json']], ways),
  ),
  ...inWays(
    `a connection string ${name}, in the environment`,
    {
      args: () => ['exec', '--', 'true'],
      env: (fixture) => ({ AZURE_COMMUNICATION_CONNECTION_STRING: write(fixture).replaceAll('\n', ' ') }),
      expected: ['key → environment of node', 'key → environment of true', 'issued token → environment of true'],
      exitCode: 0,
    },
    [['--verbose']],
  ),
])

/** Secrets where no secret belongs. */
const misplaced: readonly LeakCase[] = Object.entries<(secret: string) => readonly string[]>({
  'as a command': (secret) => [secret],
  'as an argument': (secret) => ['setup', secret],
  'as an option': (secret) => ['setup', `--${secret}`],
  'behind a mistyped option': (secret) => ['setup', `--conection-string=${secret}`],
  'behind a mistyped option, apart': (secret) => ['setup', '--conection-string', secret],
  'behind a switch': (secret) => ['setup', `--yes=${secret}`],
  'as a scope': (secret) => ['issue', '--scope', secret],
  'as a lifetime': (secret) => ['issue', '--scope', 'chat', '--expires-in', secret],
  'as an identity': (secret) => ['issue', '--scope', 'chat', '--user', secret],
  'as a shell': (secret) => ['setup', '--shell', secret],
  'as a name': (secret) => ['setup', '--as', secret],
  'as a format': (secret) => ['env', '--format', secret],
  'as a port': (secret) => ['emulator', '--port', secret],
  'as an identity to delete': (secret) => ['user', 'delete', secret],
  'in short options': (secret) => ['setup', `-y${secret}`],
}).flatMap(([name, write]) =>
  (['key', 'connectionString', 'storedToken'] as const).flatMap((secret, index): readonly LeakCase[] => [
    {
      name: `the ${secret} ${name}`,
      args: (fixture) => [...write(fixture[secret]), ...(index === 1 ? ['--json'] : ['--verbose'])],
      expected: [`${secret === 'storedToken' ? 'stored token' : 'key'} → arguments of node`],
    },
  ]),
)

/** Files that cannot be written, each kind of call failing at each time. */
const faults: readonly LeakCase[] = [
  'pwrite64:error=ENOSPC',
  'rename:error=EROFS',
  'rename:error=EBUSY',
  'fsync:error=EIO',
  'fchmod:error=EPERM',
  'rename:signal=SIGKILL',
].flatMap((fault) =>
  byLength([2, 4], [1, 2, 3, 4, 5, 6]).flatMap((when): readonly LeakCase[] =>
    ['setup from standard input', 'setup --inline', 'setup that takes a line over', 'refresh'].flatMap((name) => {
      const part = uses[name]
      if (part === undefined) return []
      const possible: Expected = [
        ...BOTH_STORED,
        ...part.expected,
        `stored token → ${STORE}/access-token`,
        `key in base64 → ${STORE}/restore.json`,
        // Their own line, given back where a later step failed.
        ...(part.files === exported ? (['key → ~/.bash_profile, public'] as const) : []),
      ]
      const straceOptions = ['-e', `inject=${fault}:when=${when}`]
      return [
        {
          ...withoutExit(part),
          name: `${name}, ${fault} at ${when}`,
          straceOptions,
          expected: [],
          possible,
          anyEnd: true,
        },
      ]
    }),
  ),
)

/** Bugs: exceptions with the secret in them, thrown by what we call. */
const bugs: readonly LeakCase[] = ['signing', 'writing', 'parsing', 'hashing'].flatMap((at) =>
  ['error', 'type error', 'text', 'thing', 'lines like places', 'a code', 'a name'].flatMap((what, index) =>
    ['at once', 'later', 'rejected'].flatMap((how, turn): readonly LeakCase[] => {
      if (byLength((index + turn) % 3 !== 0 && what !== 'lines like places', false)) return []
      const way = turn % 2 === 0 ? ['--json'] : ['--verbose']
      const part = fromInput([...SETUP, ...way], [], { thrown: { what, at, how }, possible: BOTH_STORED })
      return [{ ...withoutExit(part), name: `a bug in ${at}: ${what}, ${how}`, anyEnd: true }]
    }),
  ),
)

/** What people turn on to debug a program. */
const watched: readonly LeakCase[] = [
  { NODE_DEBUG: 'http,https,net,tls,stream,timer,execa,module,esm,fs,http2,undici,cluster,worker', DEBUG: '*' },
  { AZURE_LOG_LEVEL: 'verbose', DEBUG: '*,azure*,-none' },
  { NODE_OPTIONS: '--trace-uncaught --trace-warnings --trace-exit --trace-deprecation' },
  { NODE_OPTIONS: '--enable-source-maps --stack-trace-limit=100', FORCE_COLOR: '3' },
  { OTEL_LOG_LEVEL: 'debug', AZURE_TRACING_DISABLED: '', NODE_V8_COVERAGE: '' },
].flatMap((env) =>
  ['setup from standard input', 'refresh', 'issue', 'exec that renews', 'teams-token', 'token'].flatMap((name) => {
    const part = uses[name]
    // Node itself prints the headers then.
    const possible: Expected = 'NODE_DEBUG' in env ? ['signature → stderr'] : []
    const named = `${name} with ${Object.keys(env).join(' and ')}`
    return part === undefined ? [] : [{ ...part, name: named, env: () => env, possible }]
  }),
)

/** The same with a proxy that wants a password; the server of the service plays the proxy, and makes no tunnel. */
const watchedProxy: readonly LeakCase[] = [
  { NODE_DEBUG: 'http,https,net,tls,stream,timer,undici' },
  { AZURE_LOG_LEVEL: 'verbose', DEBUG: '*' },
].map((env) => ({
  ...fromInput(
    ['issue', '--scope', 'chat', '--verbose'],
    ['proxy password → environment of node', 'proxy password in base64 → the service'],
  ),
  name: `a proxy with a password, and ${Object.keys(env).join(' and ')}`,
  input: ({ key }) => `endpoint=https://contoso.invalid/;accesskey=${key}`,
  env: ({ service, proxyPassword }) => ({
    ...env,
    HTTPS_PROXY: `http://user:${proxyPassword}@${new URL(service.endpoint).host}`,
  }),
  exitCode: 1,
}))

function withoutExit(part: Part): Part {
  const { exitCode: _, ...rest } = part
  return rest
}

export const leakCases: readonly LeakCase[] = [
  ...Object.entries(uses).flatMap(([name, part]) => inWays(name, part, ways)),
  ...Object.entries({ ...looks, ...jobs }).flatMap(([name, part]) => inWays(name, part, [[], ['--json', '--verbose']])),
  ...inTrouble,
  ...mistaken,
  ...wrapped,
  ...misplaced,
  ...faults,
  ...bugs,
  ...watched,
  ...watchedProxy,
]
