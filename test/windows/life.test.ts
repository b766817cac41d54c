import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Double } from '../support/doubles/windows-bench.ts'
import {
  CONNECTION_STRING,
  requirements,
  TOKEN,
  useWindows,
  WINDOWS_TIMEOUT_MS,
} from '../support/doubles/windows-suite.ts'

const STORED_IN = [CONNECTION_STRING, TOKEN].map((name) => ({ name, where: 'HKCU\\Environment' }))
const NORMAL: readonly Double[] = ['setx', 'powershell']
const SCRIPT = `process.stdout.write(JSON.stringify([process.env.${CONNECTION_STRING}, process.env.${TOKEN}])); process.exitCode = 7`

describe.skipIf(requirements === undefined).concurrent('on Windows', { timeout: WINDOWS_TIMEOUT_MS }, () => {
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

      const demo = await windows.run(['demo'])
      expect([demo.exitCode, demo.stdout]).toEqual([0, ''])
      expect(demo.stderr).toContain('this is what it would do to yours')
      expect(await suite.stored()).toEqual(renewed)
      const dry = await windows.run(['unset', '--dry-run', '--json'])
      expect(JSON.parse(dry.stdout)).toMatchObject({ changes: [{ change: 'remove' }, { change: 'remove' }] })
      const removed = suite.documentOf(await windows.run(['unset', '--yes', '--json']))
      expect(removed).toEqual({ removed: STORED_IN.toReversed(), revoked: false, user_deleted: false })
      expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
      expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
      expect(await windows.newProcessSees([CONNECTION_STRING, TOKEN])).toEqual([undefined, undefined])
      expect((await windows.run(['status'])).exitCode).toBe(3)
    }))

  it('works where reg.exe is forbidden, and knows its own values where the records are gone', () =>
    onWindows(async ({ windows, emulator, secrets, ...suite }) => {
      const run = { doubles: ['setx', 'powershell', 'reg'] } as const
      await windows.setMoods({ reg: 'unreadable' })
      suite.documentOf(await suite.setup([], run))
      const stored = await suite.stored()
      expect(stored.connectionString).toBe(emulator.connectionString)
      secrets.add(stored.token ?? '')
      rmSync(windows.path(`users/${windows.user}/AppData/Local/acs-env`), { recursive: true })
      const status = suite.documentOf(await windows.run(['status', '--json'], run))
      expect(status).toMatchObject({ ready: true, problems: [] })
      const unset = await windows.run(['unset', '--yes', '--json'], run)
      expect([unset.exitCode, unset.stderr]).toEqual([0, expect.stringContaining('the records of acs-env are gone')])
      expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
      expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
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
      const ours = ['restore.json', 'state.json'].map((name) =>
        windows.path(`users/${user}/AppData/Local/acs-env/${name}`),
      )
      expect(windows.files(`users/${user}`).toSorted()).toEqual(ours)
      const { exitCode, stderr } = await windows.run(['unset', '--yes', '--json'], { env, doubles })
      expect([exitCode, stderr]).toEqual([0, doubles.length > 0 ? '' : expect.stringMatching(/^note: .*sign out/)])
      expect(windows.files(`users/${user}`)).toEqual([])
    }),
  )

  it('takes over variables that were set by hand, in other letters and of another type, and gives them back', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const MINE = 'hex(2):25,00,4d,00,25,00,00,00'
      await windows.importLines([`"${TOKEN.toLowerCase()}"="by hand"`, `"${CONNECTION_STRING}"=${MINE}`])
      const before = await windows.environment()
      const plan = await windows.run(['setup', '--dry-run', '--connection-string', emulator.connectionString])
      expect(plan.stdout.match(/- \(your own value; "unset" brings it back\)/g)).toHaveLength(2)
      expect(await windows.environment()).toEqual(before)
      const setup = await suite.setup()
      const took = (name: string): string =>
        `note: ${name} was set in HKCU\\Environment; acs-env takes its place, and "unset" brings it back.`
      expect(setup.exitCode).toBe(0)
      for (const name of [CONNECTION_STRING, TOKEN]) expect(setup.stderr.split('\n')).toContain(took(name))
      const again = await suite.setup()
      expect(again.stderr).not.toContain('takes its place')
      const during = [...(await windows.environment())].filter(([name]) => name.toUpperCase() === TOKEN)
      expect(during).toEqual([[expect.anything(), expect.stringMatching(/^"eyJ/)]])

      const dry = await windows.run(['unset', '--dry-run', '--json'])
      expect(JSON.parse(dry.stdout)).toMatchObject({ changes: [{ change: 'remove' }, { change: 'remove' }] })
      // A value that expands can only be imported, which notifies no program; storing the token after it notifies all.
      const unset = await windows.run(['unset', '--yes', '--json'])
      expect([unset.exitCode, unset.stderr.split('\n')]).toEqual([
        0,
        [`note: ${TOKEN} has your own value again.`, `note: ${CONNECTION_STRING} has your own value again.`, ''],
      ])
      expect(JSON.parse(unset.stdout)).toMatchObject({ removed: [{ name: TOKEN }, { name: CONNECTION_STRING }] })
      const after = await windows.environment()
      expect(after.get(CONNECTION_STRING)).toBe(MINE)
      const values = (map: ReadonlyMap<string, string>): object =>
        Object.fromEntries([...map].map(([name, value]) => [name.toUpperCase(), value]))
      expect(values(after)).toEqual(values(before))
      expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])

      const nothing = await windows.run(['unset', '--yes'])
      expect(nothing).toMatchObject({ exitCode: 0, stdout: '' })
      expect(nothing.stderr).toContain(`${TOKEN} is set in HKCU\\Environment, but not by acs-env: it stays.`)
      expect(nothing.stderr).toContain('Nothing is stored.')
      expect(values(await windows.environment())).toEqual(values(before))
      await windows.importLines([`"${TOKEN}"=-`, `"${CONNECTION_STRING}"=-`])
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
