import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { makeWindowsRegistry, type WindowsRegistry } from '../../support/doubles/windows-registry.ts'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { runInWorld, type WorldRun } from '../../support/homes/world.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const RECORDS = 'Local/acs-env/restore.json'
const STATE = 'Local/acs-env/state.json'
const PATH = String.raw`C:\Tools;%USERPROFILE%\bin`
const EVERY_COMMAND = [['status'], ['token'], ['env'], ['refresh'], ['setup', '--yes'], ['unset', '--yes']]

let emulator: Emulator
let home: TestHome
let registry: WindowsRegistry

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(() => emulator.close())
beforeEach(async () => {
  home = makeHome()
  registry = makeWindowsRegistry()
  registry.values.set('Path', PATH).set('PATHEXT', '.EXE')
  registry.expanding.add('Path')
  const setup = await run('setup', '--yes', '--connection-string', emulator.connectionString)
  expect(setup.exitCode).toBe(0)
})
afterEach(() => home.remove())

function run(...args: readonly string[]): Promise<WorldRun> {
  const env = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` }
  return runInWorld(args, home.path, { platform: 'win32', env, run: registry.run })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function records(variables: unknown, version: unknown = 1): string {
  return JSON.stringify({ version, variables })
}

const OURS = { before: null, written: [] }
const own = (text: string): object => ({ before: { text, expands: false }, written: [] })

describe.each<readonly [string, () => string]>([
  ['speaks of a variable of Windows', () => records({ PATH: { before: null, written: [digest(PATH)] } })],
  ['has a value for a variable of Windows', () => records({ PATH: own('C:\\evil'), [TOKEN]: OURS })],
  ['has a value for one that is not there', () => records({ NODE_OPTIONS: own('--require C:\\evil.js') })],
  ['has a name that a script would run', () => records({ "X', 'A', 'USER'); START-PROCESS CALC; #": own('x') })],
  ['has a name that is an option', () => records({ '/M': own('x') })],
  ['has a name with an equals sign', () => records({ 'A=B': own('x') })],
  ['has a name with a line break', () => records({ 'A\n"PATH"="x"': own('x') })],
  ['has an empty name', () => records({ '': own('x') })],
  ['has a name of other letters', () => records({ ТOKEN: own('x') })],
  ['has a list in the place of a record', () => records({ [TOKEN]: [] })],
  ['has no record', () => records({ [TOKEN]: null })],
  ['has a number for a value', () => records({ [TOKEN]: { before: 1, written: [] } })],
  ['has no list of digests', () => records({ [TOKEN]: { before: null, written: {} } })],
  ['has a list of variables', () => records([])],
  ['is of no version', () => records({}, null)],
  ['is no object', () => '[]'],
  ['is cut', () => records({ [TOKEN]: OURS }).slice(0, -5)],
  ['is no JSON', () => 'eyJ'],
])('a file of records that %s', (_, contents) => {
  it('changes no other variable, nor makes one, and is not lost', async () => {
    const forged = contents()
    home.write(RECORDS, forged)
    const others = (): object =>
      Object.fromEntries([...registry.values].filter(([name]) => ![CONNECTION_STRING, TOKEN].includes(name)))
    const before = others()
    for (const args of EVERY_COMMAND) {
      const ran = await run(...args)
      expect([args, ran.exitCode]).not.toEqual([args, 70])
      expect([args, others()]).toEqual([args, before])
      expect([args, registry.expanding.has('Path')]).toEqual([args, true])
    }
    expect(registry.scripts.join('\n')).not.toMatch(/calc/i)
    expect(home.read(RECORDS)).toBe(Buffer.from(forged).toString('latin1'))
  })
})

describe('records whose names are in other letters', () => {
  it('are the same records: a later "setup" gives nothing of ours back', async () => {
    home.write(
      RECORDS,
      home.read(RECORDS).replaceAll(/"AZURE_\w+"/g, (name) => name.toLowerCase()),
    )
    expect((await run('status')).exitCode).toBe(0)
    expect((await run('setup', '--yes')).stderr).not.toContain('takes its place')
    expect((await run('unset', '--yes')).exitCode).toBe(0)
    expect([...registry.values.keys()]).toEqual(['Path', 'PATHEXT'])
  })
})

describe('a copy of a parked resource that names a variable of Windows', () => {
  it.each(['Path', 'NODE_PATH'])(
    '%j: it becomes the current one without that, also where a switch broke off',
    async (name) => {
      const copy = 'Local/acs-env/resources/default/state.json'
      const state = JSON.parse(home.read(STATE)) as { variables: object[] }
      const variables = [...state.variables, { name, value: 'access-token' }]
      home.write(copy, JSON.stringify({ ...state, name: 'default', variables }))
      for (const [value, file] of [
        [CONNECTION_STRING, 'connection-string'],
        [TOKEN, 'access-token'],
      ] as const) {
        home.write(copy.replace('state.json', file), registry.values.get(value) ?? '')
      }
      expect((await run('refresh')).exitCode).toBe(0)
      expect(registry.values.get('Path')).toBe(PATH)
      expect((await run('unset', '--all', '--yes')).exitCode).toBe(0)
      expect([...registry.values.keys()]).toEqual(['Path', 'PATHEXT'])
    },
  )
})

describe('a state that names a variable of Windows', () => {
  it.each(['Path', 'PATHEXT', 'NODE_OPTIONS', 'TEMP', 'ComSpec', "X'); calc; #", 'A=B', '/M', ''])(
    '%j gets no value, and none of it is read',
    async (name) => {
      const state = JSON.parse(home.read(STATE)) as { variables: object[] }
      const variables = [{ name, value: 'connection-string' }, { name, value: 'access-token' }, ...state.variables]
      home.write(STATE, JSON.stringify({ ...state, variables }))
      home.write(RECORDS, '')
      for (const args of EVERY_COMMAND) {
        const { exitCode, stdout } = await run(...args)
        expect([args, exitCode]).toEqual([args, 0])
        expect(stdout).not.toContain('C:\\Tools')
        expect(registry.values.get('Path')).toBe(PATH)
        expect(
          [...registry.values.keys()].filter((key) => key === name && key !== 'Path' && key !== 'PATHEXT'),
        ).toEqual([])
      }
      expect([...registry.values.keys()]).toEqual(['Path', 'PATHEXT'])
    },
  )
})

describe('a further name for the connection string', () => {
  it.each(['USER_ACS', 'SYSTEM_ACS', 'NODE_ACS', 'Os_Acs', `A${'b'.repeat(127)}`])(
    '%s is stored, and removed',
    async (name) => {
      const args = ['setup', '--yes', '--connection-string', emulator.connectionString, '--as', name]
      expect((await run(...args)).exitCode).toBe(0)
      expect(registry.values.get(name)).toBe(emulator.connectionString)
      expect((await run('refresh')).exitCode).toBe(0)
      expect((await run('unset', '--yes')).exitCode).toBe(0)
      expect([...registry.values.keys()]).toEqual(['Path', 'PATHEXT'])
    },
  )

  it.each(['NODE_PATH', 'TEMP', 'PathExt', 'appdata', 'NODE_TLS_REJECT_UNAUTHORIZED', '_'])(
    '%s is refused, and nothing is changed',
    async (name) => {
      const before = new Map(registry.values)
      const ran = await run('setup', '--yes', '--connection-string', emulator.connectionString, '--as', name)
      expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining('is already used for something else')])
      expect(new Map(registry.values)).toEqual(before)
    },
  )
})

describe('what a later version has written', () => {
  it.each([
    ['the records', RECORDS, () => records({ [TOKEN]: OURS }, 2)],
    ['the records, in a form of its own', RECORDS, () => '{"version":3,"names":{}}'],
    ['the records, of a version far ahead', RECORDS, () => '{"version":1e9}'],
    ['the state', STATE, () => '{"version":2,"variables":{}}'],
    ['the state, with what nobody knows', STATE, () => '{"version":99,"resources":[{"name":"a"}]}'],
  ])('%s: nothing is changed, and the hint is to update', async (_, file, contents) => {
    home.write(file, contents())
    const before = new Map(registry.values)
    const setup = ['setup', '--yes', '--connection-string', emulator.connectionString]
    for (const args of [['refresh'], setup, ['unset', '--yes']]) {
      const { exitCode, stderr } = await run(...args)
      expect([args, exitCode, stderr]).toEqual([
        args,
        1,
        expect.stringMatching(/was written by a later version of acs-env\.\nhint: update/),
      ])
    }
    expect(new Map(registry.values)).toEqual(before)
    expect(home.read(file)).toBe(contents())
  })
})

describe('exec where the user environment cannot be read', () => {
  beforeEach(() => {
    Object.assign(registry.moods, { reg: 'unreadable', powershell: 'denied' })
  })

  it('needs it for what is stored alone', async () => {
    const stored = await run('exec', '--dry-run', '--', 'x')
    expect([stored.exitCode, stored.stderr]).toEqual([1, expect.stringContaining('could not be read')])
    const command = ['exec', '--dry-run', '--connection-string', emulator.connectionString, '--', 'x']
    const given = await run(...command)
    expect([given.exitCode, given.stdout]).toEqual([0, expect.stringMatching(/^Would ask \S+ for a token .* run x /)])
    expect(given.stderr).toMatch(/since what is stored could not be read: The user environment .* could not be read/)
  })
})
