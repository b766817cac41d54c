import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failing, other } from '../../support/doubles/other-services.ts'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { readTree } from '../../support/homes/home.ts'
import { inMinutes, setExpiry, storedToken, storeValues } from '../../support/homes/stored-values.ts'
import { runBuilt, type BuiltRun } from '../../support/programs/built.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const DIRECTORY = '.config/acs-env'

interface Document {
  readonly ready: boolean
  readonly user_id: string | null
  readonly scopes: readonly string[]
  readonly expires_on: string | null
  readonly expires_in_seconds: number | null
  readonly variables: readonly object[]
  readonly problems: readonly string[]
  readonly new_shell: object
}

interface Identity {
  readonly userId: string
  readonly expiresOn: string
}

const setup = (...args: readonly string[]): Promise<Identity> => setupAndLook('--no-verify', ...args)

/** Also opens new shells, which takes a while. */
async function setupAndLook(...args: readonly string[]): Promise<Identity> {
  const run = await acs(['setup', '--json', '--connection-string', emulator.connectionString, ...args])
  expect(run.exitCode).toBe(0)
  const { user_id, expires_on } = JSON.parse(run.stdout) as { readonly user_id: string; readonly expires_on: string }
  return { userId: user_id, expiresOn: expires_on }
}

const status = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<BuiltRun> =>
  runBuilt(['status', ...args], { home: home.path, env: { TZ: 'UTC', ...env } })

/** The document, whose line is all that is printed, and the exit code. */
async function document(
  env: Readonly<Record<string, string>> = {},
): Promise<Document & { readonly exitCode: number | null }> {
  const { exitCode, stdout, stderr } = await status(['--json'], env)
  const parsed = JSON.parse(stdout) as Document
  expect([stdout, stderr]).toEqual([`${JSON.stringify(parsed)}\n`, ''])
  return { exitCode, ...parsed }
}

const file = (name: string): string => join(home.path, DIRECTORY, name)
const variable = (name: string, storedIn: readonly string[], inEnvironment: string): object => ({
  name,
  stored_in: storedIn,
  in_environment: inEnvironment,
})
/** The date as people read it; the time zone is UTC. */
const dateOf = (time: string): string => {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) (\d\d:\d\d)/.exec(new Date(time).toUTCString()) ?? []
  return `${Number(day)} ${month} ${year} ${clock}`
}

describe('status after setup', () => {
  it('prints one document with --json, with nothing of the values in it: 0', async () => {
    const { userId, expiresOn } = await setup('--scope', 'chat', 'voip.join', '--expires-in', '90m')
    const found = await document()
    expect(found).toEqual({
      exitCode: 0,
      ready: true,
      name: 'default',
      user_id: userId,
      scopes: ['chat', 'voip.join'],
      expires_on: expiresOn,
      expires_in_seconds: expect.any(Number),
      variables: [
        variable(CONNECTION_STRING, [file('connection-string')], 'missing'),
        variable(TOKEN, [file('access-token')], 'missing'),
      ],
      problems: [],
      new_shell: { outcome: 'not-checked', checked_at: null, changed_since: [] },
      schedule: null,
    })
    expect(Number(found.expires_in_seconds) / 60).toBeCloseTo(90, -1)
  })

  it('shows it to people on standard output: 0', async () => {
    const { userId, expiresOn } = await setupAndLook()
    const run = await status([], { [CONNECTION_STRING]: emulator.connectionString, [TOKEN]: 'an older one' })
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(run.stdout.split('\n\n').slice(0, 3).join('\n\n')).toBe(
      [
        '✓ Ready.',
        '',
        `  ${CONNECTION_STRING}`,
        '    ~/.config/acs-env/connection-string',
        '    this shell has it',
        `  ${TOKEN}`,
        '    ~/.config/acs-env/access-token',
        '    this shell has another value',
        '',
        `  expires   ${dateOf(expiresOn)} (in 24 h)`,
        '  scopes    chat, voip',
        `  endpoint  ${emulator.endpoint}`,
        `  identity  ${userId}`,
      ].join('\n'),
    )
    expect(run.stdout).toContain('New terminals have them. For this one, run:\n\n  source ~/.bash_profile\n')
  })

  it('promises nothing of new terminals that were not looked at', async () => {
    await setup()
    const run = await status()
    expect([run.exitCode, run.stderr, run.stdout.split('\n')[0]]).toEqual([0, '', '✓ Stored.'])
    expect(run.stdout).toContain('New terminals were not looked at; they should have them. For this one, run:\n')
    expect(run.stdout).toMatch(/\n"acs-env doctor" opens new ones and looks\.\n$/)
  })

  it('gives no instruction where this shell has both values', async () => {
    await setupAndLook()
    const env = { [CONNECTION_STRING]: emulator.connectionString, [TOKEN]: storedToken(home) ?? '' }
    const run = await status([], env)
    expect(run.stdout).toMatch(/\n {2}identity {2}8:acs:[^\n]+\n$/)
  })

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing', {}, 'missing'],
    ['an empty value, which counts as none', { [TOKEN]: '' }, 'missing'],
    ['another value', { [TOKEN]: 'eyJ.an.older-one' }, 'differs'],
  ])('says of a shell that has %s that it does: the store is ready all the same', async (_, env, inEnvironment) => {
    await setup()
    expect(await document(env)).toMatchObject({
      exitCode: 0,
      ready: true,
      variables: [{ in_environment: 'missing' }, { name: TOKEN, in_environment: inEnvironment }],
    })
  })

  it('calls the value of this shell the same only where it is, to the byte', async () => {
    await setup()
    const token = storedToken(home) ?? ''
    for (const [value, expected] of [
      [token, 'same'],
      [`${token} `, 'differs'],
      [token.slice(0, -1), 'differs'],
    ] as const)
      expect(await document({ [TOKEN]: value })).toMatchObject({ variables: [{}, { in_environment: expected }] })
  })

  it('never shows a secret, whatever it finds', async () => {
    await setup()
    home.write(`${DIRECTORY}/connection-string`, other.connectionString)
    const secrets = [
      /accesskey=(.{12})/i.exec(other.connectionString)?.[1] ?? '',
      (storedToken(home) ?? '').slice(0, 24),
    ]
    for (const args of [[], ['--json'], ['--verbose']]) {
      const { stdout, stderr } = await status(args, { [TOKEN]: storedToken(home) ?? '' })
      for (const secret of secrets) expect(stdout + stderr).not.toContain(secret)
    }
  })

  it('asks nothing of the service, and writes nothing', async () => {
    storeValues(home, { connectionString: failing.connectionString, accessToken: 'eyJ.a.b', expiresOn: inMinutes(-5) })
    const before = readTree(home.path)
    const asked = failing.requests()
    await Promise.all([status(), status(['--json']), status(['--dry-run']), status(['--yes', '--quiet'])])
    expect([readTree(home.path), failing.requests()]).toEqual([before, asked])
  })

  it('has no colours without a terminal, and is the same with --quiet: it is the answer', async () => {
    await setup()
    const plain = await status()
    expect(plain.stdout).not.toContain('\u001B')
    expect((await status(['--quiet'])).stdout).toBe(plain.stdout)
  })
})

describe('status judges by what setup was asked to store', () => {
  it('the connection string alone after --no-token', async () => {
    await setup('--no-token')
    expect(await document()).toMatchObject({
      exitCode: 0,
      ready: true,
      expires_on: null,
      expires_in_seconds: null,
      variables: [variable(CONNECTION_STRING, [file('connection-string')], 'missing')],
      problems: [],
    })
    expect((await status()).stdout).not.toMatch(/expires|scopes/)
  })

  it('the token alone after --token-only, and still the endpoint', async () => {
    await setup('--token-only')
    expect(await document()).toMatchObject({
      exitCode: 0,
      variables: [variable(TOKEN, [file('access-token')], 'missing')],
    })
    const { stdout } = await status()
    expect(stdout).toContain(`\n  endpoint  ${emulator.endpoint}\n`)
    expect(stdout).toMatch(/have it\b/)
    expect(stdout).not.toMatch(/\bthem\b/)
  })

  it('a further name too, which this shell may have without the first one', async () => {
    await setup('--as', 'ACS')
    expect(await document({ ACS: emulator.connectionString })).toMatchObject({
      exitCode: 0,
      variables: [
        variable(CONNECTION_STRING, [file('connection-string')], 'missing'),
        variable('ACS', [file('connection-string')], 'same'),
        variable(TOKEN, [file('access-token')], 'missing'),
      ],
    })
  })

  it.each([
    ['that did not look at new shells', setup],
    ['that did', setupAndLook],
  ])('the profiles where --inline put the values, after a setup %s', async (_, begin) => {
    await begin('--inline')
    const profiles = ['.bash_profile', '.bashrc'].map((name) => join(home.path, name))
    const inEach = (...more: readonly string[]): readonly object[] => [
      variable(CONNECTION_STRING, [...more.slice(0, 1), ...profiles], 'missing'),
      variable(TOKEN, [...more.slice(1), ...profiles], 'missing'),
    ]
    expect(await document()).toMatchObject({ exitCode: 0, variables: inEach() })
    // As a backup brings them back.
    const values = { 'connection-string': emulator.connectionString, 'access-token': 'abc' }
    for (const [name, value] of Object.entries(values)) home.write(`${DIRECTORY}/${name}`, value)
    expect((await document()).variables).toEqual(inEach(file('connection-string'), file('access-token')))
  })
})

describe('status that finds something wrong: 3', () => {
  it('with nothing stored', async () => {
    expect(await document()).toEqual({
      exitCode: 3,
      ready: false,
      name: null,
      user_id: null,
      scopes: [],
      expires_on: null,
      expires_in_seconds: null,
      variables: [variable(CONNECTION_STRING, [], 'missing'), variable(TOKEN, [], 'missing')],
      problems: ['Nothing is stored yet.'],
      new_shell: { outcome: 'not-checked', checked_at: null, changed_since: [] },
      schedule: null,
    })
    expect(await status()).toMatchObject({
      exitCode: 3,
      stdout: '✗ Not ready.\n  - Nothing is stored yet.\n\n"acs-env setup" puts this right.\n',
      stderr: '',
    })
    expect(home.list()).toEqual([])
  })

  it('with nothing stored, also where this shell has values from elsewhere', async () => {
    expect(await document({ [CONNECTION_STRING]: emulator.connectionString })).toMatchObject({
      exitCode: 3,
      variables: [
        { stored_in: [], in_environment: 'differs' },
        { stored_in: [], in_environment: 'missing' },
      ],
      problems: ['Nothing is stored yet.'],
    })
  })

  it('with an expired token, and since when', async () => {
    const { userId } = await setup()
    setExpiry(home, inMinutes(-180))
    const found = await document()
    expect(found).toMatchObject({
      exitCode: 3,
      ready: false,
      user_id: userId,
      problems: ['The access token has expired.'],
    })
    expect(Math.round(Number(found.expires_in_seconds) / 60)).toBe(-180)
    const { stdout } = await status()
    expect(stdout).toMatch(/^✗ Not ready\.\n {2}- The access token has expired\.\n\n/)
    expect(stdout).toContain('\n  expired   3 h ago\n')
    expect(stdout).toMatch(/\n"acs-env refresh" issues a new token\.\n$/)
  })

  it.each([
    ['access-token', TOKEN],
    ['connection-string', CONNECTION_STRING],
  ])('with no %s where one was stored', async (name, variableName) => {
    await setup()
    home.write(`${DIRECTORY}/${name}`, '')
    const { exitCode, problems, variables } = await document()
    expect([exitCode, problems[0]]).toEqual([3, `${variableName} is not stored.`])
    expect(variables).toContainEqual(variable(variableName, [], 'missing'))
    expect((await status()).stdout).not.toContain(`    ~/.config/acs-env/${name}`)
  })

  it.each([
    ['connection-string', 'endpoint=https://contoso', 'The stored connection string is damaged.'],
    ['access-token', 'not a token', 'The stored access token is damaged.'],
  ])('with a damaged %s, whose text it does not repeat', async (name, text, problem) => {
    await setup()
    home.write(`${DIRECTORY}/${name}`, text)
    const run = await status()
    expect([run.exitCode, run.stdout.split('\n')[1]]).toEqual([3, `  - ${problem}`])
    expect(run.stdout).not.toContain(text)
    expect(await document()).toMatchObject({ exitCode: 3, problems: [problem] })
  })

  it('with the token of one resource beside the connection string of another', async () => {
    await setup()
    home.write(`${DIRECTORY}/connection-string`, other.connectionString)
    const [issuer, stored] = [new URL(emulator.endpoint).host, new URL(other.endpoint).host]
    expect(await document()).toMatchObject({
      exitCode: 3,
      problems: [`The access token is one of ${issuer}, the connection string one of ${stored}.`],
    })
    expect((await status()).stdout).toContain(`\n  endpoint  ${other.endpoint}\n`)
  })
})

describe('status where the state is', () => {
  it.each([
    ['lost', undefined],
    ['empty', ''],
    ['no JSON', 'rubbish'],
    ['JSON of another kind', '[1]'],
    ['of a later version', '{"version":9}'],
  ])('%s goes by the token and the files', async (_, contents) => {
    const { userId, expiresOn } = await setup('--scope', 'voip')
    if (contents === undefined) rmSync(file('state.json'))
    else home.write(`${DIRECTORY}/state.json`, contents)
    expect(await document()).toMatchObject({
      exitCode: 0,
      ready: true,
      user_id: userId,
      scopes: ['voip'],
      // The claim has no fraction of a second.
      expires_on: expiresOn.replace(/\.\d+Z$/, '.000Z'),
      problems: [],
    })
  })
})

describe('status that cannot look', () => {
  it.each([
    [['extra'], '"extra" is one argument too many.'],
    [['--user', '8:acs:a_b'], '"status" has no option --user.'],
  ])('is wrong usage as %j: 2', async (args, message) => {
    expect(await status(args)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: `error: ${message}\nhint: "acs-env status --help" lists what there is\n`,
    })
  })

  it('says so where there is no HOME: 1', async () => {
    expect(await status(['--json'], { HOME: '' })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: '{"error":{"code":"home","message":"HOME is not set.","hint":"set HOME to your home directory"}}\n',
    })
  })
})
