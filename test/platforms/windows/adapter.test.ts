import { rmSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator } from '../../../src/emulator/server.ts'
import { prepareStore } from '../../../src/platforms/resolve.ts'
import { Secret } from '../../../src/secret.ts'
import type { Applied, PreparedStore, StartupWish } from '../../../src/store/store.ts'
import { DEFAULT_VARIABLES, NO_STATE } from '../../../src/store/stored.ts'
import { makeWindowsRegistry, type Mood, type WindowsRegistry } from '../../support/doubles/windows-registry.ts'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { makeSystem, runInWorld, type WorldOptions, type WorldRun } from '../../support/homes/world.ts'

const CONNECTION_STRING = new Secret('endpoint=https://contoso.communication.azure.com/;accesskey=a2V5')
const TOKEN = new Secret(`eyJ${'a'.repeat(850)}`)
const LONG_TOKEN = new Secret(`eyJ${'b'.repeat(2690)}`)
const [CONNECTION_STRING_VARIABLE, TOKEN_VARIABLE] = [
  'AZURE_COMMUNICATION_CONNECTION_STRING',
  'AZURE_COMMUNICATION_ACCESS_TOKEN',
]

const NO_WISH: StartupWish = { shell: undefined, rcFile: undefined, inline: false }

let home: TestHome
let registry: WindowsRegistry
let prepared: PreparedStore

beforeEach(async () => {
  home = makeHome()
  registry = makeWindowsRegistry()
  prepared = await prepareStore(NO_WISH, makeSystem(home.path, world()))
})
afterEach(() => home.remove())

function world(): WorldOptions {
  const env = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` }
  return { platform: 'win32', env, run: registry.run }
}

async function store(accessToken: Secret): Promise<Applied> {
  const request = {
    connectionString: CONNECTION_STRING,
    accessToken,
    variables: DEFAULT_VARIABLES,
    earlier: NO_STATE,
    issued: {},
    createdDirectories: [],
    otherResource: false,
    remembered: { name: undefined, identities: [], invalidated: undefined, seen: undefined },
    switch: undefined,
  }
  return prepared.apply(await prepared.plan<never>({ kind: 'store', request }))
}

describe('the user environment of Windows', () => {
  it('is written with setx alone where that does it', async () => {
    const { activation } = await store(TOKEN)
    expect(new Set(registry.calls)).toEqual(new Set(['reg export', 'setx']))
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
    expect(activation.text).toBe('open a new PowerShell window')
  })

  it.each([
    ['longer than setx keeps', LONG_TOKEN],
    ['that begins like an option', new Secret('/abc+def==')],
    ['that setx or a console would expand', new Secret('100%PATH%')],
    ['that the documentation of setx would expand', new Secret('a~PATH~b')],
  ])('takes another route for a value %s, on which it is in no argument', async (_, value) => {
    await store(value)
    expect(registry.calls.filter((call) => call === 'setx')).toHaveLength(1)
    expect(registry.calls).toContain('powershell')
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(value.reveal())
    expect(JSON.stringify(registry.argumentLists)).not.toContain(value.reveal())
  })

  it.each<Mood>(['stores-nothing', 'changes-a-character', 'denied', 'hangs', 'is-missing'])(
    'is right in the end when setx %s',
    async (mood) => {
      registry.moods.setx = mood
      const { activation } = await store(TOKEN)
      expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
      expect(activation.text).toBe('open a new PowerShell window')
    },
  )

  it.each<Mood>(['stores-nothing', 'changes-a-character', 'denied', 'hangs', 'is-missing'])(
    'is right in the end when PowerShell %s too, and says that open programs were not told',
    async (mood) => {
      registry.moods.setx = mood
      registry.moods.powershell = mood
      const { activation } = await store(LONG_TOKEN)
      expect(registry.values.get(TOKEN_VARIABLE)).toBe(LONG_TOKEN.reveal())
      expect(registry.calls.at(-2)).toBe('reg import')
      expect(activation.text).toMatch(/sign out of Windows and in again/)
    },
  )

  it('waits once for what hangs, not once for each value', async () => {
    registry.moods.setx = 'hangs'
    await store(TOKEN)
    expect(registry.calls.filter((call) => call === 'setx')).toHaveLength(1)
  })

  it('accepts a slow setx, but does not promise that all programs heard of it', async () => {
    registry.moods.setx = 'is-slow'
    registry.moods.powershell = 'is-missing'
    registry.moods.reg = 'denied'
    const { activation } = await store(TOKEN)
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
    expect(activation.text).toMatch(/sign out of Windows and in again/)
  })

  it('keeps the previous values where nothing can be stored, and says so without a secret', async () => {
    await store(TOKEN)
    registry.moods.setx = 'stores-nothing'
    registry.moods.powershell = 'denied'
    registry.moods.reg = 'denied'
    const error = await store(LONG_TOKEN).catch((failure: unknown) => failure)
    expect(error).toMatchObject({
      code: 'registry',
      message: `${TOKEN_VARIABLE} could not be stored in HKCU\\Environment (PowerShell: exit code 1; reg import: exit code 1).`,
    })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/bbb|a2V5/)
    expect(Object.fromEntries(registry.values)).toEqual({
      [CONNECTION_STRING_VARIABLE]: CONNECTION_STRING.reveal(),
      [TOKEN_VARIABLE]: TOKEN.reveal(),
    })
  })

  it('keeps the previous values where the state cannot be written', async () => {
    await store(TOKEN)
    const plan = await prepared.plan<never>({ kind: 'renew', accessToken: LONG_TOKEN, issued: { userId: '8:acs:a_b' } })
    home.write('Local/acs-env/state.json', 'changed by another program')
    await expect(prepared.apply(plan)).rejects.toThrow(/state\.json/)
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
  })

  it('puts a value that expands back as one', async () => {
    registry.values.set(TOKEN_VARIABLE, '%MINE%')
    registry.expanding.add(TOKEN_VARIABLE)
    const plan = await prepared.plan<never>({ kind: 'renew', accessToken: TOKEN, issued: { userId: '8:acs:a_b' } })
    home.write('Local/acs-env/state.json', 'changed by another program')
    await expect(prepared.apply(plan)).rejects.toThrow(/state\.json/)
    expect(registry.calls).toContain('setx')
    expect([...registry.values]).toEqual([[TOKEN_VARIABLE, '%MINE%']])
    expect([...registry.expanding]).toEqual([TOKEN_VARIABLE])
  })

  it('says which value it could not put back', async () => {
    await store(TOKEN)
    registry.moods.setx = 'changes-a-character'
    registry.moods.powershell = 'denied'
    registry.moods.reg = 'denied'
    await expect(store(new Secret('eyJnew'))).rejects.toThrow(
      /^AZURE_COMMUNICATION_ACCESS_TOKEN could not be stored .* The previous value of \w+ACCESS_TOKEN could not be put back\.$/,
    )
  })

  it.each(['unreadable', 'hangs'] as const)('is not guessed when reg is %s', async (mood) => {
    Object.assign(registry.moods, { reg: mood, powershell: mood === 'hangs' ? mood : 'denied' })
    await expect(prepared.find()).rejects.toMatchObject({ code: 'registry' })
  })

  it('ignores letter case in names', async () => {
    registry.values.set(TOKEN_VARIABLE.toLowerCase(), 'by hand')
    await store(TOKEN)
    expect(registry.values.get(TOKEN_VARIABLE.toLowerCase())).toBe(TOKEN.reveal())
    expect(registry.values.size).toBe(2)
  })

  it.each([
    ['PowerShell, which tells open programs', 'powershell', 'well'],
    ['reg delete', 'reg delete', 'stores-nothing'],
  ] as const)('is emptied by %s', async (_, call, mood) => {
    await store(TOKEN)
    registry.moods.powershell = mood
    registry.calls.length = 0
    await prepared.apply(await prepared.plan<never>({ kind: 'remove' }))
    expect(registry.values.size).toBe(0)
    expect(registry.calls).toContain(call)
    expect(registry.calls).not.toContain('setx')
  })

  it.each([
    ['well', ''],
    ['stores-nothing', 'note: if new consoles have the old values, sign out of Windows and in again.\n'],
  ] as const)('is emptied by unset, which tells whether all were told: PowerShell %s', async (mood, stderr) => {
    await store(TOKEN)
    registry.moods.powershell = mood
    const run = await runInWorld(['unset', '--yes', '--json'], home.path, world())
    expect(run).toMatchObject({ exitCode: 0, stderr })
    expect(registry.values.size).toBe(0)
  })

  it('leaves no file behind, also where a run was killed some time ago', async () => {
    const left = 'Local/Temp/acs-env-registry-left'
    home.write(`${left}/environment.reg`, 'secret')
    utimesSync(join(home.path, left), new Date(0), new Date(0))
    home.write('Local/Temp/acs-env-registry-of-another-run/value.reg', 'secret')
    await store(LONG_TOKEN)
    const files = home.list().filter((path) => path.includes('registry'))
    expect(files).toEqual([
      'Local/Temp/acs-env-registry-of-another-run',
      'Local/Temp/acs-env-registry-of-another-run/value.reg',
    ])
  })

  it('leaves the other variables alone', async () => {
    registry.values.set('Path', String.raw`C:\Tools;%USERPROFILE%\bin`)
    registry.values.set('EMPTY', '')
    await store(LONG_TOKEN)
    expect(registry.values.get('Path')).toBe(String.raw`C:\Tools;%USERPROFILE%\bin`)
    expect(registry.values.get('EMPTY')).toBe('')
  })

  it('counts what a killed run had stored as its own', async () => {
    await store(TOKEN)
    rmSync(join(home.path, 'Local/acs-env/state.json'))
    expect((await prepared.plan<never>({ kind: 'remove' })).notes).toEqual([])
    await prepared.apply(await prepared.plan<never>({ kind: 'remove' }))
    expect(registry.values.size).toBe(0)
    expect(home.list().filter((path) => path.endsWith('.json'))).toEqual([])
  })

  it('keeps a copy of what somebody had set by hand only where it could not be put back', async () => {
    const kept = (): readonly string[] => home.list().filter((path) => path.endsWith('restore.json'))
    registry.values.set(CONNECTION_STRING_VARIABLE, 'by hand')
    registry.moods.setx = 'stores-nothing'
    registry.moods.powershell = 'denied'
    registry.moods.reg = 'denied'
    await expect(store(TOKEN)).rejects.toThrow(/could not be stored/)
    expect(kept()).toEqual([])
    registry.moods.setx = 'changes-a-character'
    await expect(store(TOKEN)).rejects.toThrow(/could not be put back\.$/)
    expect(home.read('Local/acs-env/restore.json')).toContain('"by hand"')
    Object.assign(registry.moods, { setx: 'well', powershell: 'well', reg: 'well' })
    await store(TOKEN)
    await prepared.apply(await prepared.plan<never>({ kind: 'remove' }))
    expect([...registry.values]).toEqual([[CONNECTION_STRING_VARIABLE, 'by hand']])
    expect(kept()).toEqual([])
  })

  it.each([
    ['connection string', '--token-only', CONNECTION_STRING_VARIABLE],
    ['token', '--no-token', TOKEN_VARIABLE],
  ])('leaves a %s alone that somebody set by hand where it is not asked for: %s', async (_, option, name) => {
    const emulator = await startEmulator({ port: 0 })
    const command = ['setup', '--yes', option, '--connection-string', emulator.connectionString]
    const unset = (): Promise<WorldRun> => runInWorld(['unset', '--yes'], home.path, world())
    registry.values.set(name, 'by hand')
    expect((await runInWorld(command, home.path, world())).exitCode).toBe(0)
    expect(registry.values.get(name)).toBe('by hand')
    expect((await unset()).stderr).toContain(`${name} is set in HKCU\\Environment, but not by acs-env: it stays.`)
    expect([...registry.values]).toEqual([[name, 'by hand']])

    // A value that gets a name which was given up is the user's too.
    registry.values.clear()
    await runInWorld(['setup', '--yes', '--connection-string', emulator.connectionString], home.path, world())
    expect((await runInWorld(command, home.path, world())).exitCode).toBe(0)
    expect(registry.values.has(name)).toBe(false)
    registry.values.set(name, 'by hand')
    await unset()
    expect([...registry.values]).toEqual([[name, 'by hand']])
    await emulator.close()
  })

  it('refreshes nothing that it did not store', async () => {
    registry.values.set(CONNECTION_STRING_VARIABLE, CONNECTION_STRING.reveal())
    registry.values.set(TOKEN_VARIABLE, TOKEN.reveal())
    const run = await runInWorld(['refresh'], home.path, world())
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/^error: No access token is stored\.\n/)])
    expect(home.list().filter((path) => path.endsWith('.json'))).toEqual([])
  })

  it('never has the key of one resource beside the token of another while the own values return', async () => {
    registry.values.set(CONNECTION_STRING_VARIABLE, 'old')
    registry.values.set(TOKEN_VARIABLE, 'old token')
    await store(TOKEN)
    const plan = await prepared.plan<never>({ kind: 'remove' })
    const values = new Map(registry.values)
    const pairs = plan.steps.flatMap((step) => {
      if (step.kind === 'delete-variable') values.delete(step.name)
      else if (step.kind === 'set-variable') values.set(step.name, step.after.reveal())
      else return []
      return [[values.get(CONNECTION_STRING_VARIABLE), values.get(TOKEN_VARIABLE)]]
    })
    expect(pairs.at(-1)).toEqual(['old', 'old token'])
    for (const [connectionString, token] of pairs) {
      if (token !== undefined) expect([connectionString, token]).toEqual(['old', 'old token'])
    }
    // What is put back after a failure goes the same way backwards.
    for (const step of plan.steps.toReversed()) {
      if (step.kind !== 'set-variable' && step.kind !== 'delete-variable') continue
      if (step.before === undefined) values.delete(step.name)
      else values.set(step.name, step.before.text)
      const token = values.get(TOKEN_VARIABLE)
      if (token === 'old token') expect(values.get(CONNECTION_STRING_VARIABLE)).toBe('old')
      if (token === TOKEN.reveal()) expect(values.get(CONNECTION_STRING_VARIABLE)).toBe(CONNECTION_STRING.reveal())
    }
    expect(values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
    await prepared.apply(plan)
    expect(Object.fromEntries(registry.values)).toEqual({
      [CONNECTION_STRING_VARIABLE]: 'old',
      [TOKEN_VARIABLE]: 'old token',
    })
  })

  it('takes away the temporary files that a killed run has left', async () => {
    const left = 'Local/acs-env/.restore.json.acs-env-0123456789ab'
    await store(TOKEN)
    home.write(left, 'secret')
    await prepared.apply(await prepared.plan<never>({ kind: 'remove' }))
    expect(home.list()).not.toContain(left)
  })

  it('is not changed where the kept values cannot be understood', async () => {
    await store(TOKEN)
    home.write('Local/acs-env/restore.json', '{"version":1,"variables":{"X":1}}')
    await expect(prepared.plan<never>({ kind: 'remove' })).rejects.toThrow(/restore\.json cannot be understood/)
    await expect(store(LONG_TOKEN)).rejects.toThrow(/restore\.json cannot be understood/)
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
  })

  it('is written to a file below the profile of the user, also without LOCALAPPDATA', async () => {
    home.write('AppData/Local/Temp/other', '')
    const env = { USERPROFILE: home.path, SystemRoot: String.raw`C:\Windows` }
    await (await prepareStore(NO_WISH, makeSystem(home.path, { ...world(), env }))).find()
    const [verb, , file = ''] = registry.argumentLists[0] ?? []
    expect([verb, dirname(dirname(file))]).toEqual(['export', join(home.path, 'AppData/Local/Temp')])
  })

  it('does not count values that somebody set by hand as its own', async () => {
    registry.values.set(CONNECTION_STRING_VARIABLE, CONNECTION_STRING.reveal())
    expect((await prepared.find()).connectionString).toBeUndefined()
    await store(TOKEN)
    expect((await prepared.find()).connectionString?.reveal()).toBe(CONNECTION_STRING.reveal())
    registry.values.set(CONNECTION_STRING_VARIABLE, 'changed later')
    expect((await prepared.find()).connectionString?.reveal()).toBe('changed later')
    const { notes } = await prepared.plan<never>({ kind: 'remove' })
    expect(notes).toEqual([`${CONNECTION_STRING_VARIABLE} is set in HKCU\\Environment, but not by acs-env: it stays.`])
    await prepared.apply(await prepared.plan<never>({ kind: 'remove' }))
    expect([...registry.values]).toEqual([[CONNECTION_STRING_VARIABLE, 'changed later']])
  })

  it.each([{ shell: 'bash' }, { rcFile: 'x' }, { inline: true }])('has no use for %o', async (wish) => {
    const system = makeSystem(home.path, { platform: 'win32', env: { LOCALAPPDATA: home.path } })
    await expect(prepareStore({ ...NO_WISH, ...wish }, system)).rejects.toThrow('is for macOS and Linux')
  })
})
