import { spawn } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { hasOpenssl, makeCertificate } from '../support/doubles/certificate.ts'
import {
  json,
  MARKED_KEY,
  startFaultyService,
  startSilentService,
  unusedPort,
  type Answer,
  type FaultyService,
} from '../support/doubles/faulty-service.ts'
import { makeHome } from '../support/homes/home.ts'
import { storeGoodPair } from '../support/homes/stored-values.ts'
import { inMinutes, storeValues } from '../support/homes/stored-values.ts'
import {
  BUILT,
  cleanEnvironment,
  runBuilt,
  type BuiltOptions,
  type BuiltRun,
  unhurriedMs,
} from '../support/programs/built.ts'

const LIMIT_MS = 15_000
const HOST = 'contoso.unitedstates.communication.azure.com'
const GOOD = `endpoint=https://${HOST}/;accesskey=${MARKED_KEY}`
const UNKNOWN_USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'

interface Expected {
  readonly exitCode: number
  readonly message: RegExp
  readonly hint?: RegExp
}

/** Runs the program in an empty home and requires what every failure has in common. */
async function expectFailure(
  args: readonly string[],
  expected: Expected,
  options: BuiltOptions = {},
): Promise<BuiltRun> {
  const home = makeHome()
  try {
    const run = await runBuilt(args, { home: home.path, ...options })
    const [error = '', hint, ...rest] = run.stderr.split('\n').filter((line) => line !== '')
    expect(error).toMatch(/^error: \S.*[.?]$/)
    expect(error).toMatch(expected.message)
    expect(hint ?? '').toMatch(/^hint: \S/)
    if (expected.hint !== undefined) expect(hint).toMatch(expected.hint)
    expect(rest).toEqual([])
    expect(run.stdout).toBe('')
    expect(run.stderr).not.toContain(MARKED_KEY)
    expect(run.exitCode).toBe(expected.exitCode)
    expect(await unhurriedMs(run, LIMIT_MS)).toBeLessThan(LIMIT_MS)
    expect(home.list()).toEqual([])
    return run
  } finally {
    home.remove()
  }
}

describe('wrong use of the command line', () => {
  const setup = (...args: string[]): string[] => ['setup', '--no-verify', ...args]
  it.concurrent.each<[string, string[], RegExp]>([
    ['an unknown command', ['stup'], /"stup" is not a command/],
    ['an unknown option', setup('--dry-rnu'), /no option --dry-rnu/],
    ['an option of another command', ['issue', '--inline'], /"issue" has no option --inline/],
    ['a further argument', setup('chat'), /"chat" is one argument too many/],
    ['a connection string as an argument', setup(GOOD), /An argument is one argument too many|An argument/],
    ['an option without its value', setup('--connection-string', '--yes'), /--connection-string needs a value/],
    ['an option without its value at the end', setup('--user'), /--user needs a value/],
    ['an empty value', setup('--connection-string', ''), /--connection-string is empty/],
    ['a value for a switch', setup('--yes=no'), /--yes takes no value/],
    ['no connection string and no terminal', setup(), /There is no connection string/],
    ['no connection string with --yes', setup('--yes'), /There is no connection string/],
    [
      'two sources of the connection string',
      setup('--connection-string', GOOD, '--connection-string-stdin'),
      /more than one way/,
    ],
    ['no scope for issue', ['issue', '--connection-string', GOOD], /--scope is missing/],
    ['an unknown scope', setup('--connection-string', GOOD, '--scope', 'chat,pstn'), /"pstn" is not a scope/],
    ['a mistyped scope', setup('--connection-string', GOOD, '--scope', 'voip.jion'), /is not a scope/],
    [
      'a lifetime below the range',
      setup('--connection-string', GOOD, '--expires-in', '59'),
      /59 minutes is not possible/,
    ],
    [
      'a lifetime above the range',
      setup('--connection-string', GOOD, '--expires-in', '25h'),
      /1500 minutes is not possible/,
    ],
    ['a lifetime that is no number', setup('--connection-string', GOOD, '--expires-in', 'soon'), /is not a time/],
    [
      'an identity that cannot be one',
      setup('--connection-string', GOOD, '--user', 'bob'),
      /not the id of an identity/,
    ],
    [
      'a name that cannot be one',
      setup('--connection-string', GOOD, '--as', 'A-B'),
      /not the name of an environment variable/,
    ],
    ['a name in use', setup('--connection-string', GOOD, '--as', 'PATH'), /PATH is already used/],
    ['a contradiction', setup('--no-token', '--token-only'), /--no-token and --token-only do not go together/],
    ['an unknown shell', setup('--connection-string', GOOD, '--shell', 'rc'), /not a shell that acs-env knows/],
  ])('%s: 2', async (_, args, message) => {
    await expectFailure(args, { exitCode: 2, message })
  })
})

describe('a secret in the place of a name', () => {
  it('is not shown where it is no profile: 1', async () => {
    const args = ['setup', '--no-verify', '--yes', '--connection-string-stdin', '--rc-file', `${GOOD}/profile`]
    await expectFailure(args, { exitCode: 1, message: /accesskey=… does not exist/ }, { input: GOOD })
  })

  it('is not shown where it is no program: 127', async () => {
    const home = makeHome()
    // With nothing stored, a token would be asked for first.
    storeGoodPair(home)
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: GOOD }
    const run = await runBuilt(['exec', '--', `./${GOOD}`], { home: home.path, env })
    home.remove()
    expect([run.exitCode, run.stderr]).toEqual([127, expect.stringMatching(/accesskey=…" was not found\.\n/)])
    expect(run.stderr).not.toContain(MARKED_KEY)
  })
})

describe('connection strings that are none', () => {
  const storage = `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${MARKED_KEY};EndpointSuffix=core.windows.net`
  const bus = `Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${MARKED_KEY}`
  it.concurrent.each<[string, string, RegExp]>([
    ['of Storage', storage, /connection string of an Azure Storage resource/],
    ['of Service Bus', bus, /connection string of a Service Bus or Event Hubs resource/],
    ['of SignalR', `Endpoint=https://a.service.signalr.net;AccessKey=${MARKED_KEY};Version=1.0;`, /SignalR/],
    ['a bare key', MARKED_KEY, /only an access key/],
    ['a bare endpoint', `https://${HOST}/`, /only the endpoint/],
    [
      'placeholder text',
      'endpoint=https://<RESOURCE_NAME>.communication.azure.com/;accesskey=<ACCESS_KEY>',
      /still the example/,
    ],
    ['the documentation’s own example', '<yourConnectionString>', /still the example/],
    [
      'an access token',
      `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(200)}.${'b'.repeat(342)}`,
      /an access token, not a connection string/,
    ],
    ['parts without names', `https://${HOST}/;${MARKED_KEY}`, /have no names/],
    ['no access key, as after an unquoted ;', `endpoint=https://${HOST}/`, /no access key/],
    ['no endpoint', `accesskey=${MARKED_KEY}`, /no endpoint/],
    ['a cut key', GOOD.slice(0, -3), /not whole/],
    [
      'a key with other characters',
      `endpoint=https://${HOST}/;accesskey=k%y${MARKED_KEY}`,
      /characters that no key has/,
    ],
    ['http:// to another machine', GOOD.replace('https', 'http'), /would send it unencrypted/],
    ['an endpoint with a path', `endpoint=https://${HOST}/identities;accesskey=${MARKED_KEY}`, /after the host name/],
    ['an endpoint without a scheme', `endpoint=${HOST};accesskey=${MARKED_KEY}`, /does not begin with https/],
    ['two keys', `${GOOD};accesskey=${MARKED_KEY}`, /two parts/],
    ['a line break in one with a short key', `endpoint=https://${HOST}/;\naccesskey=a2V5`, /line break/],
    ['a line break in a cut one', GOOD.slice(0, -3).replace(';', ';\n'), /not whole/],
    ['a label before another service', `Key: ${bus}`, /connection string of a Service Bus/],
    ['rubbish', 'hello', /not a connection string/],
    ['far too long a text', 'x'.repeat(100_000), /too long/],
  ])('%s: 2', async (_, text, message) => {
    await expectFailure(
      ['setup', '--no-verify', '--connection-string-stdin'],
      { exitCode: 2, message },
      { input: text },
    )
  })

  it.each([undefined, 2])('JSON without a connection string is named, indented by %s: 2', async (indent) => {
    const hint = /--query primaryConnectionString --output tsv/
    const options = { input: JSON.stringify({ primaryKey: MARKED_KEY, secondaryKey: MARKED_KEY }, undefined, indent) }
    const expected = { exitCode: 2, message: /This is JSON/, hint }
    await expectFailure(['setup', '--no-verify', '--connection-string-stdin'], expected, options)
  })

  it('only what came through a shell may have been cut by it', async () => {
    const cut = `endpoint=https://${HOST}/`
    const message = /no access key/
    const expected = { exitCode: 2, message, hint: /";" ends a command in a shell/ }
    await expectFailure(['setup', '--no-verify', '--connection-string', cut], expected)
    await expectFailure(['issue', '--scope', 'chat'], expected, { env: { AZURE_COMMUNICATION_CONNECTION_STRING: cut } })
    const copied = { exitCode: 2, message, hint: /^hint: in the Azure portal/ }
    await expectFailure(['setup', '--no-verify', '--connection-string-stdin'], copied, { input: cut })
  })

  it.each([' ', 'endpoint=https://<RESOURCE>.communication.azure.com/;accesskey=<KEY>'])(
    'how to get past a wrong one in the environment is said: %j',
    async (value) => {
      const hint = /; or unset AZURE_COMMUNICATION_CONNECTION_STRING, or give --connection-string-stdin$/
      const env = { AZURE_COMMUNICATION_CONNECTION_STRING: value }
      await expectFailure([], { exitCode: 2, message: /in the environment: the connection string is/, hint }, { env })
    },
  )

  it('a wrong one in the environment is named as such', async () => {
    const message = /AZURE_COMMUNICATION_CONNECTION_STRING in the environment: this is only an access key/
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: MARKED_KEY }
    await expectFailure(['issue', '--scope', 'chat'], { exitCode: 2, message }, { env })
  })

  it('a command that fails is named, and what it printed is not', async () => {
    const command = `echo ${MARKED_KEY}; exit 3`
    const message = /--connection-string-command failed: it ended with exit code 3/
    await expectFailure(['setup', '--no-verify', '--connection-string-command', command], { exitCode: 1, message })
  })
})

describe('access tokens that are none', () => {
  it.concurrent.each<[string, string, RegExp]>([
    ['nothing', '', /not a whole access token/],
    ['rubbish', 'hello', /not a whole access token/],
    ['a cut signature', jwt({ exp: 4e9 }).slice(0, -100), /not a whole access token/],
    ['an expired one', jwt({ exp: 1_600_000_000 }), /has expired/],
  ])('%s: 2', async (_, input, message) => {
    await expectFailure(['setup', '--no-verify', '--access-token-stdin'], { exitCode: 2, message }, { input })
  })

  function jwt(payload: object): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(payload)}.${Buffer.alloc(256).toString('base64url')}`
  }
})

describe('the service and the network', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator({ port: 0 })
  })
  afterAll(() => emulator.close())

  const both = (connectionString: string): readonly (readonly string[])[] => [
    ['setup', '--no-verify', '--connection-string', connectionString],
    ['issue', '--scope', 'chat', '--connection-string', connectionString],
  ]

  it('an unknown identity: 4', async () => {
    for (const args of both(emulator.connectionString)) {
      await expectFailure([...args, '--user', UNKNOWN_USER], { exitCode: 4, message: /no such identity/ })
    }
  })

  it('a wrong key: 4', async () => {
    for (const args of both(`endpoint=${emulator.endpoint};accesskey=${MARKED_KEY}`)) {
      await expectFailure(args, { exitCode: 4, message: /refused the access key \(Denied\)/ })
    }
  })

  it('a wrong clock is not mistaken for a wrong key: 4', async () => {
    const behind = await startFaultyService(
      json(
        401,
        { error: { code: 'Denied', message: 'Denied by the resource provider.' } },
        {
          date: new Date(Date.now() + 3_600_000).toUTCString(),
        },
      ),
    )
    const [args = []] = both(behind.connectionString)
    await expectFailure(args, { exitCode: 4, message: /clock is 1 h behind/ })
    await behind.close()
  })

  it('a refused connection: 1, less than a second later than an answer', async () => {
    const [answered = []] = both(`endpoint=${emulator.endpoint};accesskey=${MARKED_KEY}`)
    const [refused = []] = both(`endpoint=http://127.0.0.1:${await unusedPort()}/;accesskey=${MARKED_KEY}`)
    // Side by side, so that a busy machine slows both.
    const [answer, refusal] = await Promise.all([
      expectFailure(answered, { exitCode: 4, message: /refused the access key/ }),
      expectFailure(refused, { exitCode: 1, message: /refused the connection/, hint: /emulator/ }),
    ])
    expect(refusal.elapsedMs - answer.elapsedMs).toBeLessThan(1_000)
  })

  it('an unknown host: 1, with its name', async () => {
    const [args = []] = both(`endpoint=https://contso.invalid/;accesskey=${MARKED_KEY}`)
    await expectFailure(args, { exitCode: 1, message: /contso\.invalid/ })
  })

  it.skipIf(!hasOpenssl())('an untrusted certificate: 1', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'acs-env-test-'))
    const { certificate, key } = makeCertificate(directory)
    const secure = await startEmulator({ port: 0, tls: { certificate, key } })
    try {
      const [args = []] = both(secure.connectionString)
      await expectFailure(args, {
        exitCode: 1,
        message: /certificate of .* is not trusted/,
        hint: /NODE_EXTRA_CA_CERTS .*ca\.pem.*emulator/,
      })
    } finally {
      await secure.close()
      rmSync(directory, { recursive: true })
    }
  })

  it.concurrent('a silent server: 1', async () => {
    const silent = await startSilentService()
    const [args = []] = both(silent.connectionString)
    const run = await expectFailure(args, { exitCode: 1, message: /did not answer in time/ })
    await silent.close()
    expect(run.elapsedMs).toBeGreaterThan(5_000)
  })

  const hostile = '\u001B[2J\u0007\u202Eevil'
  const error = (code: string, message: string): object => ({ error: { code, message } })
  it.concurrent.each<[string, Answer, RegExp, RegExp | undefined, number]>([
    ['429 with a long Retry-After', json(429, {}, { 'retry-after': '120' }), /too many requests/, /in 2 min/, 1],
    ['429 with a short Retry-After', json(429, {}, { 'retry-after': '1' }), /too many requests/, undefined, 4],
    ['429 without Retry-After', json(429, {}), /too many requests/, /wait a minute/, 4],
    // The identity may have been made.
    ['500', json(500, error('InternalError', 'no')), /problem of its own \(status 500/, undefined, 1],
    ['504', json(504, {}), /status 504/, undefined, 1],
    ['503 with Retry-After', json(503, {}, { 'retry-after': '60' }), /status 503/, /in 1 min/, 1],
    ['400', json(400, error('ValidationError', 'Bad.')), /did not accept the request/, undefined, 1],
    ['404', json(404, {}), /did not accept the request \(status 404/, /Communication Services/, 1],
    ['escape sequences in the message', json(400, error('Bad', hostile)), /\\x1b\[2J\\x07\\u202eevil/, undefined, 1],
    ['a page that is no JSON', page(200), /not one of Communication Services/, /sign-in page/, 1],
    ['503 without Retry-After', json(503, {}), /status 503/, undefined, 4],
    ['an error page that is no JSON', page(502), /status 502|not one of/, undefined, 1],
    ['201 with no JSON', page(201), /not one of Communication Services/, undefined, 1],
    [
      'an answer without a token',
      json(201, { identity: { id: UNKNOWN_USER } }),
      /not one of Communication/,
      undefined,
      1,
    ],
    ['an empty answer', json(201, {}), /not one of Communication Services/, undefined, 1],
    [
      'a token with a line break in it',
      json(201, { identity: { id: UNKNOWN_USER }, accessToken: { token: 'a\nb', expiresOn: '2030-01-01T00:00:00Z' } }),
      /not one of Communication Services/,
      undefined,
      1,
    ],
    ['a redirect', json(307, {}, { location: 'http://127.0.0.1:9/' }), /sent the request elsewhere/, undefined, 1],
    ['a reset', (request) => request.socket.destroy(), /broke off/, undefined, 1],
  ])('%s: 1', async (_, answer, message, hint, requests) => {
    const service: FaultyService = await startFaultyService(answer)
    const [args = []] = both(service.connectionString)
    await expectFailure(args, { exitCode: 1, message, ...(hint && { hint }) })
    await service.close()
    expect(service.requests()).toBe(requests)
  })

  it.concurrent('a refusal is not tried again, whatever it says of waiting: 4', async () => {
    const service = await startFaultyService(json(403, {}, { 'retry-after': '0' }))
    const [, args = []] = both(service.connectionString)
    await expectFailure(args, { exitCode: 4, message: /refused/ })
    await service.close()
    expect(service.requests()).toBe(1)
  })

  it.concurrent.each([408, 500, 502, 504])('%i is tried again where no identity is made', async (status) => {
    const service = await startFaultyService(json(status, {}))
    const [, args = []] = both(service.connectionString)
    await expectFailure([...args, '--user', UNKNOWN_USER], { exitCode: 1, message: new RegExp(`status ${status}`) })
    await service.close()
    expect(service.requests()).toBe(4)
  })

  it.concurrent('an identity of elsewhere and then silence: 1, in the time of one request', async () => {
    const service = await startFaultyService((request, response, count) => {
      const answer = json(403, error('IdentityNotOwned', 'The identity is of another resource.'))
      if (count === 1) setTimeout(() => answer(request, response, count), 8_000)
    })
    const home = makeHome()
    const { endpoint = '' } = /endpoint=(?<endpoint>[^;]+)/.exec(service.connectionString)?.groups ?? {}
    const { connectionString } = service
    storeValues(home, {
      connectionString,
      accessToken: 'eyJ.a.b',
      expiresOn: inMinutes(60),
      endpoint,
      userId: UNKNOWN_USER,
    })
    const run = await runBuilt(['setup', '--no-verify', '--yes'], { home: home.path })
    await service.close()
    home.remove()
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/making a new one[^]*did not answer in time/)])
    expect(await unhurriedMs(run, LIMIT_MS)).toBeLessThan(LIMIT_MS)
  })

  function page(status: number): Answer {
    return (_request, response) =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>login</html>')
  }

  it('with --json the error is a document on standard error', async () => {
    const home = makeHome()
    const run = await runBuilt(['setup', '--no-verify', '--json'], { home: home.path })
    home.remove()
    expect(run.stdout).toBe('')
    expect(run.exitCode).toBe(2)
    expect(JSON.parse(run.stderr)).toEqual({
      error: { code: 'missing_connection_string', message: expect.any(String), hint: expect.any(String) },
    })
  })
})

describe('odd surroundings', () => {
  it('a closed or full standard error stops nothing', async () => {
    const emulator = await startEmulator({ port: 0 })
    const home = makeHome()
    const script = `"${process.execPath}" "${BUILT}" setup --yes --connection-string '${emulator.connectionString}' 2>/dev/full`
    const full = await runShell(script, home.path)
    expect([full.exitCode, home.list()]).toEqual([0, expect.arrayContaining(['.config/acs-env/access-token'])])
    const issue = `"${process.execPath}" "${BUILT}" issue --scope chat --connection-string '${emulator.connectionString}'`
    const closed = await runShell(`${issue} 2>&-`, home.path)
    expect([closed.exitCode, closed.stdout]).toEqual([0, expect.stringMatching(/^eyJ[\w.-]+\n$/)])
    const fullOutput = await runShell(`${issue} >/dev/full`, home.path)
    expect([fullOutput.exitCode, fullOutput.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: Standard output could not be written/),
    ])
    home.remove()
    await emulator.close()
  })

  it('a directory that is gone', async () => {
    const home = makeHome()
    const gone = join(home.path, 'gone')
    const run = await runShell(
      `mkdir "${gone}"; cd "${gone}"; rmdir "${gone}"; "${process.execPath}" "${BUILT}" status`,
      home.path,
    )
    expect([run.exitCode, run.stdout]).toEqual([3, expect.stringMatching(/Nothing is stored/)])
    home.remove()
  })

  it('an unknown login shell keeps nobody from reading what is stored', async () => {
    const home = makeHome()
    const run = await runBuilt(['status'], { home: home.path, env: { SHELL: '/usr/bin/tcsh' } })
    expect([run.exitCode, run.stdout]).toEqual([3, expect.stringMatching(/Nothing is stored/)])
    home.remove()
  })

  it('an access token that never expires', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${part({ alg: 'RS256' })}.${part({ exp: 1e17 })}.${Buffer.alloc(256).toString('base64url')}`
    await expectFailure(
      ['setup', '--no-verify', '--access-token-stdin'],
      { exitCode: 2, message: /not a whole access token/ },
      { input: token },
    )
  })

  it('a command that does not end: SIGTERM ends us at once', async () => {
    const home = makeHome()
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 800)
    const args = ['issue', '--scope', 'chat', '--connection-string-command', 'sleep 20; echo x']
    const started = performance.now()
    await runBuilt(args, { home: home.path, signal: controller.signal }).catch(() => undefined)
    expect(performance.now() - started).toBeLessThan(5_000)
    home.remove()
  })

  it('an identity that would drive the terminal is none', async () => {
    const evil = {
      identity: { id: '8:acs:\u001B]0;pwn\u0007' },
      accessToken: { token: 'eyJ.a.b', expiresOn: '2030-01-01T00:00:00Z' },
    }
    const service = await startFaultyService(json(201, evil))
    for (const args of [
      ['user', 'create'],
      ['issue', '--scope', 'chat'],
    ]) {
      const run = await expectFailure([...args, '--connection-string', service.connectionString], {
        exitCode: 1,
        message: /not one of/,
      })
      expect(run.stderr).not.toContain('\u001B')
    }
    await service.close()
  })

  function runShell(
    script: string,
    home: string,
  ): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
    const child = spawn('bash', ['-c', script], { env: cleanEnvironment(home), stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', (data: Buffer) => (said.stdout += data.toString()))
    child.stderr.on('data', (data: Buffer) => (said.stderr += data.toString()))
    return new Promise((settle) => child.once('close', (exitCode) => settle({ exitCode, ...said })))
  }
})

describe('places that cannot be written', () => {
  it('a profile that is a directory: 1', async () => {
    const home = makeHome()
    home.write('.bash_profile/file', '')
    const run = await runBuilt(['setup', '--no-verify', '--connection-string', GOOD], { home: home.path })
    expect(run.stderr).toMatch(/^error: .*\.bash_profile could not be read: it is a directory\.\nhint: /)
    expect(run.exitCode).toBe(1)
    expect(home.list()).toEqual(['.bash_profile', '.bash_profile/file'])
    home.remove()
  })

  it('a home that cannot be written: 1, before any request', async () => {
    const emulator = await startEmulator({ port: 0 })
    const home = makeHome()
    // Root may write everywhere, so the test then becomes somebody else.
    const user = process.getuid?.() === 0 ? 65_534 : undefined
    const builtCopy = join(dirname(home.path), 'dist')
    cpSync(dirname(BUILT), builtCopy, { recursive: true })
    if (user !== undefined) chownSync(dirname(home.path), user, user)
    chmodSync(home.path, 0o555)
    const run = await runBuilt(['setup', '--no-verify', '--connection-string', emulator.connectionString], {
      home: home.path,
      script: join(builtCopy, 'cli.cjs'),
      ...(user !== undefined && { userId: user }),
    })
    expect(run.stderr).toMatch(/error: .*\/home could not be written to: permission denied\.\nhint: /)
    expect(run.exitCode).toBe(1)
    expect(home.list()).toEqual([])
    chmodSync(home.path, 0o755)
    home.remove()
    await emulator.close()
  })

  it.each([
    ['is not set', undefined],
    ['is not absolute', 'home'],
    ['is not a directory', '/dev/null'],
  ])('HOME %s: 1', async (_, home) => {
    const run = await runBuilt(
      ['setup', '--no-verify', '--connection-string', GOOD],
      home === undefined ? {} : { env: { HOME: home } },
    )
    expect(run.stderr).toMatch(/^error: HOME is not .*\nhint: set HOME/)
    expect(run.exitCode).toBe(1)
  })

  it('broken markers: 1, with their lines, and the file as it was', async () => {
    const home = makeHome()
    const profile = 'one\n# >>> acs-env >>>\ntwo\n# >>> acs-env >>>\n# <<< acs-env <<<\n'
    home.write('.bash_profile', profile)
    const run = await runBuilt(['setup', '--no-verify', '--connection-string', GOOD], { home: home.path })
    expect(run.stderr).toMatch(/^error: ~\/\.bash_profile: .*not one pair \(lines 2, 4, 5\)\.\nhint: /)
    expect(run.exitCode).toBe(1)
    expect(home.read('.bash_profile')).toBe(profile)
    expect(home.list()).toEqual(['.bash_profile'])
    home.remove()
  })

  it('a config directory that is a file: 1', async () => {
    const home = makeHome()
    mkdirSync(join(home.path, '.config'))
    home.write('.config/acs-env', 'mine')
    const run = await runBuilt(['setup', '--no-verify', '--connection-string', GOOD], { home: home.path })
    expect(run.stderr).toMatch(/^error: /)
    expect(run.exitCode).toBe(1)
    expect(home.read('.config/acs-env')).toBe('mine')
    home.remove()
  })
})
