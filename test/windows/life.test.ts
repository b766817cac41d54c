import { describe, expect, it } from 'vitest'
import type { Double } from '../support/windows-bench.ts'
import { ACCESS_KEY, CONNECTION_STRING, requirements, TOKEN, useWindows } from '../support/windows-suite.ts'

const STORED_IN = [CONNECTION_STRING, TOKEN].map((name) => ({ name, where: 'HKCU\\Environment' }))
const NORMAL: readonly Double[] = ['setx', 'powershell']

describe.skipIf(requirements === undefined)('on Windows', () => {
  const suite = useWindows()

  it('goes through its whole life', { timeout: 120_000 }, async () => {
    const first = suite.documentOf(await suite.setup())
    expect(first).toMatchObject({ platform: 'windows', stored: STORED_IN, activate: 'open a new PowerShell window' })
    const stored = await suite.stored()
    expect(stored.connectionString).toBe(suite.emulator.connectionString)
    expect(stored.token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]{342}$/)
    expect(await suite.windows.newProcessSees(CONNECTION_STRING)).toBe(stored.connectionString)
    expect(await suite.windows.newProcessSees(TOKEN)).toBe(stored.token)
    expect(suite.windows.calls()).toEqual([
      `setx ${CONNECTION_STRING} ${stored.connectionString?.length}`,
      `setx ${TOKEN} ${stored.token?.length}`,
    ])

    const second = suite.documentOf(await suite.windows.run(['setup', '--yes', '--json']))
    expect(second.user_id).toBe(first.user_id)
    const again = await suite.stored()
    expect(again.token).not.toBe(stored.token)
    suite.secrets.add(stored.token ?? '').add(again.token ?? '')

    const status = suite.documentOf(await suite.windows.run(['status', '--json']))
    expect(status).toMatchObject({ ready: true, user_id: first.user_id, problems: [] })
    const { stdout } = await suite.windows.run(['env', '--format', 'json'])
    expect(JSON.parse(stdout)).toEqual({ [CONNECTION_STRING]: again.connectionString, [TOKEN]: again.token })
    const cmd = await suite.windows.run(['env', '--format', 'cmd'])
    expect(cmd.stdout).toBe(`set "${CONNECTION_STRING}=${again.connectionString}"\nset "${TOKEN}=${again.token}"\n`)

    const script = `process.stdout.write(JSON.stringify([process.env.${CONNECTION_STRING}, process.env.${TOKEN}])); process.exitCode = 7`
    const child = await suite.windows.run(['exec', '--', 'C:\\npm größe (x86)\\node.exe', '-e', script])
    expect([child.exitCode, child.stderr]).toEqual([7, ''])
    expect(JSON.parse(child.stdout)).toEqual([again.connectionString, again.token])

    expect(suite.documentOf(await suite.windows.run(['refresh', '--if-expires-within', '6h', '--json'])).renewed).toBe(
      false,
    )
    const refreshed = suite.documentOf(await suite.windows.run(['refresh', '--json']))
    expect(refreshed).toMatchObject({ user_id: first.user_id, renewed: true, platform: 'windows' })
    const renewed = await suite.stored()
    expect(renewed.connectionString).toBe(stored.connectionString)
    expect(renewed.token).not.toBe(again.token)
    expect(await suite.windows.newProcessSees(TOKEN)).toBe(renewed.token)

    const removed = suite.documentOf(await suite.windows.run(['unset', '--yes', '--json']))
    expect(removed).toEqual({ removed: STORED_IN.toReversed(), revoked: false, user_deleted: false })
    expect(await suite.stored()).toMatchObject({ connectionString: undefined, token: undefined })
    expect(suite.windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
    expect(await suite.windows.newProcessSees(TOKEN)).toBeUndefined()
    expect((await suite.windows.run(['status'])).exitCode).toBe(3)
  })

  describe('a token of 2,693 characters', () => {
    const token = longToken()

    it.each<[string, readonly Double[]]>([
      ['PowerShell', NORMAL],
      ['reg import', ['setx']],
    ])('goes by %s, and comes back whole', { timeout: 60_000 }, async (_, doubles) => {
      suite.secrets.add(token)
      const store = ['setup', '--yes', '--json', '--token-only', '--access-token-stdin']
      suite.documentOf(await suite.windows.run(store, { input: `${token}\n`, doubles }))
      expect((await suite.stored()).token).toBe(token)
      const { stdout } = await suite.windows.run(['token'])
      expect(stdout).toBe(`${token}\n`)
      for (const call of suite.windows.calls()) {
        expect(call).toMatch(/^powershell -NoProfile -NonInteractive -EncodedCommand \S+$/)
        const script = Buffer.from(call.split(' ').at(-1) ?? '', 'base64').toString('utf16le')
        expect(script).toContain(`SetEnvironmentVariable('${TOKEN}', $value, 'User')`)
        expect(script).not.toContain('eyJ')
      }
    })
  })

  describe('a connection string', () => {
    const HOST = 'https://contoso.unitedstates.communication.azure.com'
    const CANONICAL = `endpoint=${HOST}/;accesskey=${ACCESS_KEY}`

    it.each([
      ['as the portal gives it', CANONICAL],
      ['the other way round, without the slash', `accesskey=${ACCESS_KEY};endpoint=${HOST}`],
      ['in other letter cases, with a line ending', `ENDPOINT=${HOST.toUpperCase()}/;AccessKey=${ACCESS_KEY};\r\n`],
      ['in quotes with a byte order mark', `\uFEFF" ${CANONICAL} "`],
      ['as a setx line', `setx X "${CANONICAL}"`],
      ['as a PowerShell line', `PS C:\\> $env:X = "${CANONICAL}"`],
    ])('%s is stored in the one form', async (_, input) => {
      suite.documentOf(
        await suite.windows.run(['setup', '--yes', '--json', '--no-token', '--connection-string-stdin'], { input }),
      )
      expect((await suite.stored()).connectionString).toBe(CANONICAL)
      expect(await suite.windows.newProcessSees(CONNECTION_STRING)).toBe(CANONICAL)
    })

    it('for this machine, on every loopback host, is kept as it is', async () => {
      const input = `endpoint=http://[::1]:8080/;accesskey=${ACCESS_KEY}`
      suite.documentOf(
        await suite.windows.run(['setup', '--yes', '--json', '--no-token', '--connection-string-stdin'], { input }),
      )
      expect((await suite.stored()).connectionString).toBe(input)
    })
  })

  it('works for a user whose name has spaces, quotes and letters of other scripts', { timeout: 90_000 }, async () => {
    const profile = String.raw`C:\users\Jörg O'Neil 日本`
    const local = `${profile}\\AppData\\Local`
    const env = { USERPROFILE: profile, LOCALAPPDATA: local, TEMP: `${local}\\Temp`, TMP: `${local}\\Temp` }
    suite.windows.makeDirectory("users/Jörg O'Neil 日本/AppData/Local/Temp")
    for (const doubles of [NORMAL, []]) {
      suite.documentOf(await suite.setup([], { env, doubles }))
      const { connectionString, token } = await suite.stored()
      expect(connectionString).toBe(suite.emulator.connectionString)
      expect(await suite.windows.newProcessSees(TOKEN)).toBe(token)
      expect(suite.documentOf(await suite.windows.run(['status', '--json'], { env, doubles }))).toMatchObject({
        ready: true,
      })
    }
    expect(suite.windows.files("users/Jörg O'Neil 日本")).toEqual([
      suite.windows.path("users/Jörg O'Neil 日本/AppData/Local/acs-env/state.json"),
    ])
    expect((await suite.windows.run(['unset', '--yes'], { env })).exitCode).toBe(0)
    expect(suite.windows.files("users/Jörg O'Neil 日本")).toEqual([])
  })

  it('takes over a variable that was set by hand in other letters', async () => {
    await suite.windows.importLines([`"${TOKEN.toLowerCase()}"="by hand"`])
    suite.documentOf(await suite.setup())
    const stored = [...(await suite.windows.environment())].filter(([name]) => name.toUpperCase() === TOKEN)
    expect(stored).toEqual([[expect.anything(), expect.stringMatching(/^"eyJ/)]])
    expect(suite.documentOf(await suite.windows.run(['unset', '--yes', '--json'])).removed).toHaveLength(2)
    expect([...(await suite.windows.environment()).keys()].filter((name) => name.toUpperCase() === TOKEN)).toEqual([])
  })
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
