import { describe, expect, it } from 'vitest'
import type { Double } from '../support/windows-bench.ts'
import { CONNECTION_STRING, requirements, TOKEN, useWindows } from '../support/windows-suite.ts'

const STORED_IN = [CONNECTION_STRING, TOKEN].map((name) => ({ name, where: 'HKCU\\Environment' }))
const NORMAL: readonly Double[] = ['setx', 'powershell']
const SCRIPT = `process.stdout.write(JSON.stringify([process.env.${CONNECTION_STRING}, process.env.${TOKEN}])); process.exitCode = 7`

describe.skipIf(requirements === undefined).concurrent('on Windows', () => {
  const onWindows = useWindows()

  it('goes through its whole life', () =>
    onWindows(async ({ windows, emulator, secrets, ...suite }) => {
      const first = suite.documentOf(await suite.setup())
      expect(first).toMatchObject({ platform: 'windows', stored: STORED_IN, activate: 'open a new PowerShell window' })
      const stored = await suite.stored()
      expect(stored.connectionString).toBe(emulator.connectionString)
      expect(stored.token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]{342}$/)
      expect(await windows.newProcessSees([CONNECTION_STRING, TOKEN])).toEqual([stored.connectionString, stored.token])
      expect(windows.calls()).toEqual([
        `setx ${CONNECTION_STRING} ${stored.connectionString?.length}`,
        `setx ${TOKEN} ${stored.token?.length}`,
      ])

      const second = suite.documentOf(await windows.run(['setup', '--yes', '--json']))
      expect(second.user_id).toBe(first.user_id)
      const again = await suite.stored()
      expect(again.token).not.toBe(stored.token)
      secrets.add(stored.token ?? '').add(again.token ?? '')

      const status = suite.documentOf(await windows.run(['status', '--json']))
      expect(status).toMatchObject({ ready: true, user_id: first.user_id, problems: [] })
      const { stdout } = await windows.run(['env', '--format', 'json'])
      expect(JSON.parse(stdout)).toEqual({ [CONNECTION_STRING]: again.connectionString, [TOKEN]: again.token })
      const cmd = await windows.run(['env', '--format', 'cmd'])
      expect(cmd.stdout).toBe(`set "${CONNECTION_STRING}=${again.connectionString}"\nset "${TOKEN}=${again.token}"\n`)

      const child = await windows.run(['exec', '--', windows.nodePath, '-e', SCRIPT])
      expect([child.exitCode, child.stderr]).toEqual([7, ''])
      expect(JSON.parse(child.stdout)).toEqual([again.connectionString, again.token])

      const young = await windows.run(['refresh', '--if-expires-within', '6h', '--json'])
      expect(suite.documentOf(young).renewed).toBe(false)
      const refreshed = suite.documentOf(await windows.run(['refresh', '--json']))
      expect(refreshed).toMatchObject({ user_id: first.user_id, renewed: true, platform: 'windows' })
      const renewed = await suite.stored()
      expect(renewed.connectionString).toBe(stored.connectionString)
      expect(renewed.token).not.toBe(again.token)

      const removed = suite.documentOf(await windows.run(['unset', '--yes', '--json']))
      expect(removed).toEqual({ removed: STORED_IN.toReversed(), revoked: false, user_deleted: false })
      expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
      expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
      expect(await windows.newProcessSees([CONNECTION_STRING, TOKEN])).toEqual([undefined, undefined])
      expect((await windows.run(['status'])).exitCode).toBe(3)
    }))

  it.each<[string, readonly Double[]]>([
    ['PowerShell', NORMAL],
    ['reg import', ['setx']],
  ])('a token of 2,693 characters goes by %s, and comes back whole', (_, doubles) =>
    onWindows(async ({ windows, secrets, ...suite }) => {
      const token = longToken()
      secrets.add(token)
      const store = ['setup', '--yes', '--json', '--token-only', '--access-token-stdin']
      suite.documentOf(await windows.run(store, { input: `${token}\n`, doubles }))
      expect((await suite.stored()).token).toBe(token)
      const { stdout } = await windows.run(['token'])
      expect(stdout).toBe(`${token}\n`)
      for (const call of windows.calls()) {
        expect(call).toMatch(/^powershell -NoProfile -NonInteractive -EncodedCommand \S+$/)
        const script = Buffer.from(call.split(' ').at(-1) ?? '', 'base64').toString('utf16le')
        expect(script).toContain(`SetEnvironmentVariable('${TOKEN}', $value, 'User')`)
        expect(script).not.toContain('eyJ')
      }
    }),
  )

  it.each([
    ['setx', NORMAL],
    ['reg import', []],
  ])('works by %s for a user whose name has spaces, quotes and letters of other scripts', (_, doubles) =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const user = "Jürgen O'Müller ★ 日本"
      const local = `C:\\users\\${user}\\AppData\\Local`
      const env = {
        USERPROFILE: `C:\\users\\${user}`,
        LOCALAPPDATA: local,
        TEMP: `${local}\\Temp`,
        TMP: `${local}\\Temp`,
      }
      windows.makeDirectory(`users/${user}/AppData/Local/Temp`)
      suite.documentOf(await suite.setup([], { env, doubles }))
      const before = await suite.stored()
      expect(before.connectionString).toBe(emulator.connectionString)
      expect(suite.documentOf(await windows.run(['refresh', '--json'], { env, doubles })).renewed).toBe(true)
      const { token } = await suite.stored()
      expect(token).not.toBe(before.token)
      expect(suite.documentOf(await windows.run(['status', '--json'], { env, doubles })).ready).toBe(true)
      expect(windows.files(`users/${user}`)).toEqual([windows.path(`users/${user}/AppData/Local/acs-env/state.json`)])
      const { exitCode, stderr } = await windows.run(['unset', '--yes', '--json'], { env, doubles })
      expect([exitCode, stderr]).toEqual([0, doubles.length > 0 ? '' : expect.stringMatching(/^note: .*sign out/)])
      expect(windows.files(`users/${user}`)).toEqual([])
    }),
  )

  it('takes over a variable that was set by hand in other letters', () =>
    onWindows(async ({ windows, ...suite }) => {
      const stored = async (): Promise<readonly (readonly [string, string])[]> =>
        [...(await windows.environment())].filter(([name]) => name.toUpperCase() === TOKEN)
      await windows.importLines([`"${TOKEN.toLowerCase()}"="by hand"`])
      suite.documentOf(await suite.setup())
      expect(await stored()).toEqual([[expect.anything(), expect.stringMatching(/^"eyJ/)]])
      expect(suite.documentOf(await windows.run(['unset', '--yes', '--json'])).removed).toHaveLength(2)
      expect(await stored()).toEqual([])
    }))

  it('gives a value that expands back with its type where nothing can be stored', () =>
    onWindows(async ({ windows, ...suite }) => {
      const MINE = 'hex(2):25,00,4d,00,25,00,00,00'
      await windows.importLines([`"${TOKEN}"=${MINE}`])
      // A directory in the place of the state: the variables are written by then.
      windows.makeDirectory(`users/${windows.user}/AppData/Local/acs-env/state.json`)
      const run = await suite.setup()
      expect(run.exitCode).toBe(1)
      expect((await windows.environment()).get(TOKEN)).toBe(MINE)
    }))
})

/** A token as long as the longest that were seen, for Teams users. */
function longToken(): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = encode({ alg: 'RS256', kid: 'x', typ: 'JWT' })
  const signature = Buffer.alloc(256, 'signature of the test').toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 3600
  for (let size = 1600; ; size += 1) {
    const payload = encode({ skypeid: 'orgid:x', scp: 1024, exp, filling: 'x'.repeat(size) })
    const token = `${header}.${payload}.${signature}`
    if (token.length >= 2693) return token
  }
}
