import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_VARIABLES, type Platform } from '../../src/platforms/platform.ts'
import { parseRegistryFile, renderRegistryFile } from '../../src/platforms/registry-file.ts'
import { resolvePlatform } from '../../src/platforms/resolve.ts'
import { Secret } from '../../src/secret.ts'
import { makeHome, type TestHome } from '../support/home.ts'
import { makeWindowsRegistry, type SetxMood, type WindowsRegistry } from '../support/windows-registry.ts'
import { makeSystem } from '../support/world.ts'

const CONNECTION_STRING = new Secret('endpoint=https://contoso.communication.azure.com/;accesskey=a2V5')
const TOKEN = new Secret(`eyJ${'a'.repeat(850)}`)
const LONG_TOKEN = new Secret(`eyJ${'b'.repeat(2690)}`)
const [CONNECTION_STRING_VARIABLE, TOKEN_VARIABLE] = [
  'AZURE_COMMUNICATION_CONNECTION_STRING',
  'AZURE_COMMUNICATION_ACCESS_TOKEN',
]

let home: TestHome
let registry: WindowsRegistry
let platform: Platform

beforeEach(async () => {
  home = makeHome()
  registry = makeWindowsRegistry()
  const env = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` }
  platform = await resolvePlatform(makeSystem(home.path, { platform: 'win32', env, run: registry.run }), {})
})
afterEach(() => home.remove())

async function store(accessToken: Secret): Promise<void> {
  const request = {
    connectionString: CONNECTION_STRING,
    accessToken,
    variables: DEFAULT_VARIABLES,
    earlier: {},
    remember: {},
    otherResource: false,
  }
  await platform.apply(await platform.plan(request))
}

describe('the user environment of Windows', () => {
  it('is written with setx alone where that does it', async () => {
    await store(TOKEN)
    expect(registry.calls).not.toContain('reg import')
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
  })

  it('takes another route for a value longer than setx keeps', async () => {
    await store(LONG_TOKEN)
    expect(registry.calls).toContain('reg import')
    expect(registry.values.get(TOKEN_VARIABLE)).toBe(LONG_TOKEN.reveal())
  })

  it.each<SetxMood>(['stores-nothing', 'changes-a-character', 'denied'])(
    'is right in the end when setx %s',
    async (mood) => {
      registry.mood = mood
      await store(TOKEN)
      expect(registry.values.get(TOKEN_VARIABLE)).toBe(TOKEN.reveal())
    },
  )

  it('keeps the previous values where nothing can be stored, and says so without a secret', async () => {
    await store(TOKEN)
    registry.mood = 'stores-nothing'
    registry.imports = false
    const error = await store(LONG_TOKEN).catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'registry', message: expect.stringContaining(String.raw`HKCU\Environment`) })
    expect(String(error)).not.toMatch(/bbb|a2V5/)
    expect(Object.fromEntries(registry.values)).toEqual({
      [CONNECTION_STRING_VARIABLE]: CONNECTION_STRING.reveal(),
      [TOKEN_VARIABLE]: TOKEN.reveal(),
    })
  })

  it('leaves the other variables alone', async () => {
    registry.values.set('Path', String.raw`C:\Tools;%USERPROFILE%\bin`)
    registry.values.set('EMPTY', '')
    await store(LONG_TOKEN)
    expect(registry.values.get('Path')).toBe(String.raw`C:\Tools;%USERPROFILE%\bin`)
    expect(registry.values.get('EMPTY')).toBe('')
  })

  it('sees values that somebody set by hand', async () => {
    registry.values.set(CONNECTION_STRING_VARIABLE, CONNECTION_STRING.reveal())
    expect((await platform.find()).connectionString?.reveal()).toBe(CONNECTION_STRING.reveal())
  })

  it.each([{ shell: 'bash' }, { rcFile: 'x' }, { inline: true }])('has no use for %o', async (options) => {
    const system = makeSystem(home.path, { platform: 'win32', env: { LOCALAPPDATA: home.path } })
    await expect(resolvePlatform(system, options)).rejects.toThrow('is for macOS and Linux')
  })
})

describe('registry files', () => {
  const key = String.raw`HKEY_CURRENT_USER\Environment`

  it('come back as they were written', () => {
    const values = new Map([
      ['PLAIN', 'endpoint=https://h/;accesskey=a=='],
      ['HARD', String.raw`a"b\c\\ é日😀 %PATH% '`],
      ['EMPTY', ''],
    ])
    expect(parseRegistryFile(renderRegistryFile(key, values))).toEqual(values)
  })

  it('say "-" for a value that is to go', () => {
    expect(renderRegistryFile(key, new Map([['GONE', undefined]])).toString('utf16le')).toContain('"GONE"=-\r\n')
  })

  it('may hold values of every type, of which the strings are read', () => {
    const text = [
      'Windows Registry Editor Version 5.00',
      '',
      `[${key}]`,
      '"NUMBER"=dword:00000001',
      '"BINARY"=hex:01,02',
      '"LIST"=hex(7):61,00,00,00,00,00',
      '"Path"=hex(2):25,00,50,00,25,00,3b,00,\\',
      '  61,00,00,00',
      String.raw`"TEMP"="C:\\Temp"`,
      '@="default"',
      '',
    ].join('\r\n')
    expect(parseRegistryFile(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toEqual(
      new Map([
        ['Path', '%P%;a'],
        ['TEMP', String.raw`C:\Temp`],
      ]),
    )
  })
})
