import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { createUserEnvironment, type UserEnvironment } from '../../../src/platforms/windows/user-environment.ts'
import { Secret } from '../../../src/secret.ts'
import { makeWindowsRegistry, type Mood, type WindowsRegistry } from '../../support/doubles/windows-registry.ts'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { makeSystem, runInWorld, type WorldOptions, type WorldRun } from '../../support/homes/world.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

let emulator: Emulator
let home: TestHome
let registry: WindowsRegistry

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(() => emulator.close())
beforeEach(() => {
  home = makeHome()
  registry = makeWindowsRegistry()
  mkdirSync(join(home.path, 'Local'))
})
afterEach(() => home.remove())

function world(env: Readonly<Record<string, string>> = {}): WorldOptions {
  const usual = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` }
  return { platform: 'win32', env: { ...usual, ...env }, run: registry.run }
}

function run(args: readonly string[], options = world()): Promise<WorldRun> {
  return runInWorld(args, home.path, options)
}

const environment = (): UserEnvironment => createUserEnvironment(makeSystem(home.path, world()))

describe('where a policy forbids reg.exe', () => {
  beforeEach(() => {
    registry.moods.reg = 'unreadable'
  })

  it('all commands work, by PowerShell', async () => {
    const setup = await run(['setup', '--yes', '--json', '--connection-string', emulator.connectionString])
    expect([setup.exitCode, registry.values.get(CONNECTION_STRING)]).toEqual([0, emulator.connectionString])
    const token = registry.values.get(TOKEN)
    expect(JSON.parse((await run(['status', '--json'])).stdout)).toMatchObject({ ready: true })
    expect((await run(['token'])).stdout).toBe(`${token}\n`)
    expect((await run(['refresh'])).exitCode).toBe(0)
    expect(registry.values.get(TOKEN)).not.toBe(token)
    expect((await run(['unset', '--yes'])).exitCode).toBe(0)
    expect([...registry.values]).toEqual([])
    expect(home.list().filter((path) => path.includes('registry'))).toEqual([])
  })

  it('reg is asked once alone', async () => {
    const { read } = environment()
    await read()
    await read()
    expect(registry.calls).toEqual(['reg export', 'powershell read', 'powershell read'])
  })

  it.each([
    ['letters of other scripts', 'é日😀 ★'],
    ['quotes, backslashes and what PowerShell replaces', String.raw`C:\x "a" 'b' ‘c’ $env:X $(y) ` + '`z`'],
    ['line breaks', 'a\r\nb\n\tc'],
    ['nothing', ''],
    ['32,000 characters', 'x'.repeat(32_000)],
    ['what looks like the lines of the answer', 'end 1\nString YQ== YQ=='],
  ])('a value with %s is read as it is', async (_, text) => {
    registry.values.set('Name é', text).set('Path', text)
    registry.expanding.add('Path')
    const values = await environment().read()
    expect(values.string('NAME É')).toEqual({ text, expands: false })
    expect(values.string('path')).toEqual({ text, expands: true })
  })

  it.each(['%MINE%', String.raw`%USERPROFILE%\é 'x' "y"`, '100%', '%', `%A%${'x'.repeat(2000)}`])(
    'the own value %s comes back with its type',
    async (own) => {
      registry.values.set(TOKEN, own)
      registry.expanding.add(TOKEN)
      await run(['setup', '--yes', '--connection-string', emulator.connectionString])
      expect(registry.values.get(TOKEN)).toMatch(/^eyJ/)
      expect(registry.expanding.has(TOKEN)).toBe(false)
      await run(['unset', '--yes'])
      expect([...registry.values]).toEqual([[TOKEN, own]])
      expect([...registry.expanding]).toEqual([TOKEN])
      expect(JSON.stringify(registry.argumentLists)).not.toContain(own)
    },
  )

  it.each<Mood>(['stores-nothing', 'denied', 'hangs', 'is-missing', 'changes-a-character'])(
    'nothing is guessed at where PowerShell %s, and the error names both',
    async (mood) => {
      registry.values.set(TOKEN, 'eyJ')
      registry.moods.powershell = mood
      const error = await environment()
        .read()
        .catch((failure: unknown) => failure)
      expect(error).toMatchObject({
        code: 'registry',
        message: expect.stringMatching(/could not be read \(reg export: exit code 1; PowerShell: .+\)\.$/),
      })
    },
  )
})

describe('a name is data', () => {
  it.each([
    ['a quote', "X', 'A', 'User'); Start-Process calc; #"],
    ['a quote of a typewriter that sets in print', 'X’, ’A’); Start-Process calc; #'],
    ['other quotes', 'X‘‚‛'],
    ['what is replaced between other quotes', 'X$(Start-Process calc)`n'],
    ['a line break', "X\n'\nStart-Process calc"],
  ])('to PowerShell, with %s', async (_, name) => {
    registry.moods.setx = 'stores-nothing'
    for (const expands of [false, true]) {
      await environment()
        .write(name, new Secret('value'), expands)
        .catch(() => undefined)
      const last = (registry.scripts.at(-1) ?? '').split('\n').slice(4).join('\n')
      const [, between = ''] = /\((?:'HKEY_CURRENT_USER\\Environment', )?'(.*)', \$value, '\w+'\)$/s.exec(last) ?? []
      expect(between.replaceAll(/(['‘’‚‛])\1/g, '$1')).toBe(name)
      expect(between.replaceAll(/(['‘’‚‛])\1/g, '')).not.toMatch(/['‘’‚‛]/)
    }
  })
})

describe('where reg export says that all went well', () => {
  it.each([
    ['and writes an empty file', Buffer.alloc(0)],
    ['and writes one in another encoding', Buffer.from('Windows Registry Editor Version 5.00\r\n\r\n[HKEY_X]\r\n')],
    ['and writes a message', Buffer.from('\uFEFFDer Vorgang wurde erfolgreich beendet.\r\n', 'utf16le')],
    ['and writes the first line alone', Buffer.from('\uFEFFWindows Registry Editor Version 5.00\r\n\r\n', 'utf16le')],
  ])('%s, PowerShell is asked, and an own value comes back', async (_, bytes) => {
    registry.values.set(TOKEN, 'by hand')
    const options: WorldOptions = {
      ...world(),
      run: async (program, args, given) => {
        const result = await registry.run(program, args, given)
        if (args[0] === 'export') writeFileSync(args[2] ?? '', bytes)
        return result
      },
    }
    const setup = await run(['setup', '--yes', '--connection-string', emulator.connectionString], options)
    expect([setup.exitCode, registry.values.get(CONNECTION_STRING)]).toEqual([0, emulator.connectionString])
    expect((await run(['unset', '--yes'], options)).exitCode).toBe(0)
    expect([...registry.values]).toEqual([[TOKEN, 'by hand']])
  })
})

describe('the files that reg reads and writes', () => {
  it.each([
    ['TEMP is a directory that does not exist', { TEMP: '/nope', TMP: '/nope', TMPDIR: '/nope' }],
    ['there is no directory for temporary files in the profile', {}],
  ])('have a place where %s', async (_, env) => {
    const options = world(env)
    const setup = await run(['setup', '--yes', '--connection-string', emulator.connectionString], options)
    expect([setup.exitCode, registry.values.size]).toEqual([0, 2])
  })

  it('are not needed: without any place for them PowerShell reads', async () => {
    const system = { ...makeSystem(home.path, world()), temporaryDirectory: join(home.path, 'nope') }
    registry.values.set(TOKEN, 'value')
    const values = await createUserEnvironment(system).read()
    expect(values.get(TOKEN)?.reveal()).toBe('value')
    expect(registry.calls).toEqual(['powershell read'])
    registry.moods.powershell = 'denied'
    await expect(createUserEnvironment(system).read()).rejects.toThrow(/reg export: no temporary directory; PowerShell/)
  })

  it('have no place below a file', async () => {
    rmSync(join(home.path, 'Local'), { recursive: true })
    writeFileSync(join(home.path, 'Local'), '')
    registry.values.set(TOKEN, 'value')
    expect((await environment().read()).get(TOKEN)?.reveal()).toBe('value')
  })
})

describe('the directory of the user', () => {
  it.each([
    ['relative', 'Local'],
    ['relative, with dots', '../Local'],
    ['not expanded', '%USERPROFILE%/AppData/Local'],
    ['in quotes', '"/Local"'],
    ['a URL', 'file:///Local'],
  ])('is not taken from a LOCALAPPDATA that is %s', async (_, LOCALAPPDATA) => {
    const USERPROFILE = join(home.path, 'profile')
    const setup = ['setup', '--yes', '--connection-string', emulator.connectionString]
    const ran = await run(setup, world({ LOCALAPPDATA, USERPROFILE }))
    expect([ran.exitCode, ran.stderr]).toEqual([0, expect.not.stringContaining('error')])
    const ours = home.list().filter((path) => path.endsWith('state.json'))
    expect(ours).toEqual(['profile/AppData/Local/acs-env/state.json'])
    const nowhere = await run(['status'], world({ LOCALAPPDATA, USERPROFILE: 'profile' }))
    expect(nowhere).toMatchObject({ exitCode: 1, stdout: '' })
    expect(nowhere.stderr).toContain('LOCALAPPDATA is not the full path of a directory.')
  })
})
