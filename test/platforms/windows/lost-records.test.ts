import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { makeWindowsRegistry, type WindowsRegistry } from '../../support/doubles/windows-registry.ts'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { runInWorld, type WorldRun } from '../../support/homes/world.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const DIRECTORY = 'Local/acs-env'
const TAKEN_FOR_OURS = /^note: the records of acs-env are gone; /m

let emulator: Emulator
let other: Emulator
let home: TestHome
let registry: WindowsRegistry

beforeAll(async () => {
  ;[emulator, other] = await Promise.all([startEmulator({ port: 0 }), startEmulator({ port: 0 })])
})
afterAll(() => Promise.all([emulator.close(), other.close()]))
beforeEach(() => {
  home = makeHome()
  registry = makeWindowsRegistry()
})
afterEach(() => home.remove())

function run(...args: readonly string[]): Promise<WorldRun> {
  const env = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` }
  return runInWorld(args, home.path, { platform: 'win32', env, run: registry.run })
}

async function done(...args: readonly string[]): Promise<WorldRun> {
  const ran = await run(...args)
  expect([args, ran.exitCode, ran.stderr.replaceAll(/^note: .*\n/gm, '')]).toEqual([
    args,
    0,
    expect.not.stringMatching(/error/),
  ])
  return ran
}

const setup = (...args: readonly string[]): Promise<WorldRun> =>
  done('setup', '--yes', '--connection-string', emulator.connectionString, ...args)

function remove(...files: readonly string[]): void {
  for (const file of files) rmSync(join(home.path, DIRECTORY, file), { recursive: true })
}

const LOSSES: readonly (readonly [what: string, lose: () => void])[] = [
  ['the whole directory is gone', () => remove('')],
  ['the two files are gone', () => remove('restore.json', 'state.json')],
  ['the record of the variables is gone', () => remove('restore.json')],
  ['the record of the variables is empty', () => home.write(`${DIRECTORY}/restore.json`, '')],
  ['the record of the variables has blank lines alone', () => home.write(`${DIRECTORY}/restore.json`, '\r\n\r\n')],
  [
    'a power failure has left zeros',
    () => {
      for (const file of ['restore.json', 'state.json']) home.write(`${DIRECTORY}/${file}`, '\0'.repeat(400))
    },
  ],
]

describe.each(LOSSES)('where %s', (_, lose) => {
  it('the pair counts as stored', async () => {
    await setup()
    lose()
    const stored = new Map(registry.values)
    expect(JSON.parse((await done('status', '--json')).stdout)).toMatchObject({ ready: true, problems: [] })
    expect((await done('token')).stdout).toBe(`${stored.get(TOKEN)}\n`)
    expect(JSON.parse((await done('refresh', '--json')).stdout)).toMatchObject({ renewed: true })
    expect(registry.values.get(CONNECTION_STRING)).toBe(stored.get(CONNECTION_STRING))
    expect(registry.values.get(TOKEN)).not.toBe(stored.get(TOKEN))
    await done('unset', '--yes')
    expect([...registry.values.keys()]).toEqual([])
  })

  it('"unset" removes the pair, and says what it took for ours', async () => {
    await setup()
    lose()
    expect((await done('unset', '--dry-run')).stdout.match(/has the form of acs-env's own/g)).toHaveLength(2)
    const unset = await done('unset', '--yes', '--json')
    expect(JSON.parse(unset.stdout)).toMatchObject({ removed: [{ name: TOKEN }, { name: CONNECTION_STRING }] })
    expect(unset.stderr).toMatch(TAKEN_FOR_OURS)
    expect([...registry.values]).toEqual([])
    expect(home.list().filter((path) => path.endsWith('.json'))).toEqual([])
  })

  it('a later "setup", of another resource too, gives nothing of the pair back as the own value of anybody', async () => {
    await setup()
    lose()
    const again = await done('setup', '--yes', '--connection-string', other.connectionString)
    expect(again.stderr).toMatch(TAKEN_FOR_OURS)
    expect(again.stderr).not.toMatch(/takes its place/)
    expect(home.read(`${DIRECTORY}/restore.json`)).not.toMatch(/accesskey|eyJ/)
    expect((await done('unset', '--yes')).stderr).not.toMatch(/your own value/)
    expect([...registry.values]).toEqual([])
  })

  it('a token that was stored alone is removed', async () => {
    await setup('--token-only')
    lose()
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([])
  })

  it('the other variables stay', async () => {
    registry.values.set('Path', '%X%').set('OTHER', 'eyJ')
    await setup()
    lose()
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([
      ['Path', '%X%'],
      ['OTHER', 'eyJ'],
    ])
  })
})

describe('where a roaming profile brings what was stored on another computer', () => {
  const elsewhere = async (...commands: readonly (readonly string[])[]): Promise<void> => {
    const files = ['restore.json', 'state.json'].map((name) => [name, home.read(`${DIRECTORY}/${name}`)] as const)
    for (const command of commands) await done(...command)
    for (const [name, contents] of files) home.write(`${DIRECTORY}/${name}`, contents)
  }

  it.each<readonly [string, readonly (readonly string[])[]]>([
    ['refresh', [['refresh']]],
    ['refresh, twice', [['refresh'], ['refresh']]],
    ['refresh with another lifetime', [['refresh', '--expires-in', '2h']]],
    ['refresh with other scopes', [['refresh', '--scope', 'voip']]],
    ['setup once more', [['setup', '--yes']]],
  ])('a token of the same identity is removed: %s', async (_, commands) => {
    await setup()
    await elsewhere(...commands)
    expect(JSON.parse((await done('status', '--json')).stdout)).toMatchObject({ ready: true })
    expect((await done('unset', '--yes')).stderr).not.toMatch(/not by acs-env|your own/)
    expect([...registry.values]).toEqual([])
  })

  it('a later "setup" gives it back to nobody, and what was there before both', async () => {
    registry.values.set(TOKEN, 'by hand')
    await setup()
    await elsewhere(['refresh'])
    expect((await setup()).stderr).not.toMatch(/takes its place/)
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([[TOKEN, 'by hand']])
  })

  it('an own token that is a whole one comes back, and "unset" does not take it for one that it has left', async () => {
    await setup('--no-token')
    const own = await done('issue', '--scope', 'chat', '--connection-string', emulator.connectionString)
    registry.values.set(TOKEN, own.stdout.trim())
    expect((await setup()).stderr).toContain('takes its place')
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([[TOKEN, own.stdout.trim()]])
  })

  it('a token of another identity is the own value', async () => {
    await setup()
    await elsewhere(['setup', '--yes', '--new-user'])
    const token = registry.values.get(TOKEN)
    expect((await done('unset', '--yes')).stderr).toContain('but not by acs-env: it stays')
    expect([...registry.values]).toEqual([[TOKEN, token]])
  })
})

describe('what may as well have been set by hand', () => {
  it('a connection string alone stays, with the command that removes it', async () => {
    await setup('--no-token')
    remove('')
    const { stderr } = await done('unset', '--yes')
    expect(stderr).toContain(`reg delete HKCU\\Environment /v ${CONNECTION_STRING} /f`)
    expect(registry.values.get(CONNECTION_STRING)).toBe(emulator.connectionString)
  })

  it('a connection string alone is ours where the state still knows its resource', async () => {
    await setup('--no-token')
    remove('restore.json')
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([])
  })

  it('the connection string under a further name is removed where the state knows that name, else reported', async () => {
    await setup('--as', 'MY_ACS')
    remove('restore.json')
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([])
    await setup('--as', 'MY_ACS')
    remove('')
    const { stderr } = await done('unset', '--yes')
    expect(stderr).toContain('note: MY_ACS has the same value, and nothing tells that acs-env stored it: it stays.')
    expect([...registry.values.keys()]).toEqual(['MY_ACS'])
  })

  it.each([
    ['a word', 'by hand', 'by hand'],
    ['a token of no identity', undefined, `eyJ${'a'.repeat(800)}`],
    ['the parts in another order', 'accesskey=a2V5;endpoint=https://contoso.communication.azure.com/', 'by hand'],
    ['a connection string in quotes', '"endpoint=https://contoso.communication.azure.com/;accesskey=a2V5"', 'by hand'],
    [
      'a cut token beside a connection string',
      'endpoint=https://contoso.communication.azure.com/;accesskey=a2V5',
      'eyJhbGciOiJSUzI1NiJ9.e30',
    ],
    ['a connection string alone', 'endpoint=https://contoso.communication.azure.com/;accesskey=a2V5', undefined],
  ])('%s is the own value, and comes back', async (_, connectionString, token) => {
    if (connectionString !== undefined) registry.values.set(CONNECTION_STRING, connectionString)
    if (token !== undefined) registry.values.set(TOKEN, token)
    const before = new Map(registry.values)
    expect((await setup()).stderr).not.toMatch(TAKEN_FOR_OURS)
    await done('unset', '--yes')
    expect(new Map(registry.values)).toEqual(before)
  })

  it('a connection string of another resource beside the token that the state knows stays', async () => {
    await setup()
    remove('restore.json')
    const own = 'endpoint=https://contoso.communication.azure.com/;accesskey=a2V5'
    registry.values.set(CONNECTION_STRING, own)
    await setup()
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([[CONNECTION_STRING, own]])
    await setup('--token-only')
    remove('restore.json')
    await done('unset', '--yes')
    expect([...registry.values]).toEqual([[CONNECTION_STRING, own]])
  })

  it('a token that Skype has issued to a person is not ours, nor is the connection string beside it', async () => {
    const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url')
    const signature = Buffer.alloc(256, 'signature').toString('base64url')
    registry.values
      .set(CONNECTION_STRING, 'endpoint=https://contoso.communication.azure.com/;accesskey=a2V5')
      .set(TOKEN, `${part({ alg: 'RS256' })}.${part({ skypeid: 'live:somebody', exp: 4e9 })}.${signature}`)
    const before = new Map(registry.values)
    await done('unset', '--yes')
    expect(new Map(registry.values)).toEqual(before)
  })

  it('a value that Windows expands is never ours', async () => {
    await setup()
    remove('')
    registry.expanding.add(CONNECTION_STRING).add(TOKEN)
    const before = new Map(registry.values)
    await done('unset', '--yes')
    expect(new Map(registry.values)).toEqual(before)
  })
})

it('tells of a variable that all users of the computer have, where the own one goes', async () => {
  registry.machine.add(TOKEN.toLowerCase()).add('Path')
  await setup()
  const { stderr } = await done('unset', '--yes')
  expect(stderr).toContain(`note: ${TOKEN} is set for all users of this computer too: new consoles have that value.\n`)
  expect(stderr).not.toContain(CONNECTION_STRING)
  expect((await done('unset', '--yes')).stderr).toContain('for all users of this computer')
})

it('says nothing of the variables of the computer where the own value returns', async () => {
  registry.machine.add(TOKEN)
  registry.values.set(TOKEN, 'by hand')
  await setup()
  expect((await done('unset', '--yes')).stderr).not.toContain('for all users of this computer')
  expect(registry.values.get(TOKEN)).toBe('by hand')
})
