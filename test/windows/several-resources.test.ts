import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import {
  CONNECTION_STRING,
  requirements,
  TOKEN,
  useWindows,
  WINDOWS_TIMEOUT_MS,
} from '../support/doubles/windows-suite.ts'

const STORED_IN = [CONNECTION_STRING, TOKEN].map((name) => ({ name, where: 'HKCU\\Environment' }))

describe.skipIf(requirements === undefined).concurrent('on Windows', { timeout: WINDOWS_TIMEOUT_MS }, () => {
  const onWindows = useWindows()

  it('keeps several resources, the current one in the registry and the others in files', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const other = await startEmulator({ port: 0 })
      try {
        const parked = (name: string, file: string): string | undefined => {
          const path = windows.path(`users/${windows.user}/AppData/Local/acs-env/resources/${name}/${file}`)
          return existsSync(path) ? readFileSync(path, 'utf8') : undefined
        }
        suite.documentOf(await suite.setup())
        const first = await suite.stored()
        const refused = await suite.setup(['--name', 'con'])
        expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('Windows has a device')])

        const setup = ['setup', '--yes', '--json', '--connection-string-stdin', '--name', 'staging']
        const second = await windows.run(setup, { input: other.connectionString })
        expect([second.exitCode, JSON.parse(second.stdout)]).toMatchObject([0, { stored: STORED_IN }])
        const current = await suite.stored()
        expect(current.connectionString).toBe(other.connectionString)
        expect([parked('default', 'connection-string'), parked('default', 'access-token')]).toEqual([
          first.connectionString,
          first.token,
        ])
        expect([parked('staging', 'connection-string'), parked('staging', 'state.json')]).toEqual([
          undefined,
          undefined,
        ])

        expect(JSON.parse((await windows.run(['use', '--json'])).stdout)).toMatchObject({
          current: 'staging',
          resources: [{ name: 'staging' }, { name: 'default', host: new URL(emulator.endpoint).host }],
        })
        const token = await windows.run(['token', '--name', 'DEFAULT'])
        expect(token.stdout).toBe(`${first.token}\n`)

        const used = suite.documentOf(await windows.run(['use', 'default', '--json']))
        expect(used).toMatchObject({ name: 'default', stored: STORED_IN })
        expect(await suite.stored()).toEqual(first)
        expect(parked('staging', 'access-token')).toBe(current.token)
        expect(parked('default', 'access-token')).toBeUndefined()
        expect(suite.documentOf(await windows.run(['status', '--json']))).toMatchObject({
          ready: true,
          name: 'default',
        })

        const refreshed = suite.documentOf(await windows.run(['refresh', '--name', 'staging', '--json']))
        expect(refreshed).toMatchObject({ renewed: true, activate: 'acs-env use staging' })
        expect(await suite.stored()).toEqual(first)

        expect((await windows.run(['unset', '--yes'])).exitCode).toBe(2)
        expect((await windows.run(['unset', '--all', '--yes', '--json'])).exitCode).toBe(0)
        expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
        expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
      } finally {
        await other.close()
      }
    }))
})
