import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { requirements, TOKEN, useWindows, WINDOWS_TIMEOUT_MS } from '../support/doubles/windows-suite.ts'

describe
  .skipIf(requirements === undefined)
  .concurrent('a .env file on Windows', { timeout: WINDOWS_TIMEOUT_MS }, () => {
    const onWindows = useWindows()

    it('is written, renewed and removed, and the registry is left alone', () =>
      onWindows(async ({ windows, emulator, secrets, ...suite }) => {
        windows.makeDirectory('project')
        const given = String.raw`C:\project\.env`
        const file = windows.path('project', '.env')
        const lines = (): readonly string[] => readFileSync(file, 'utf8').split('\n')
        const run = suite.documentOf(await suite.setup(['--dotenv', given]))
        expect(run).toMatchObject({
          stored: [{ where: given }, { where: given }],
          dotenv: { file: given, created: true, git: 'outside' },
        })
        expect(lines()[0]).toBe(`AZURE_COMMUNICATION_CONNECTION_STRING='${emulator.connectionString}'`)
        const [, token = ''] = lines()
        expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
        expect(windows.calls()).toEqual([])
        expect(suite.documentOf(await windows.run(['refresh', '--json']))).toMatchObject({ renewed: true })
        const [, renewed = ''] = lines()
        expect([renewed.startsWith(`${TOKEN}=eyJ`), renewed === token]).toEqual([true, false])
        const status = suite.documentOf(await windows.run(['status', '--json']))
        expect(status).toMatchObject({ ready: true, dotenv: [{ file: given, in_file: 'same' }] })
        const printed = await windows.run(['token'])
        expect(printed.stdout.trim()).toBe(renewed.slice(TOKEN.length + 1))
        suite.documentOf(await windows.run(['unset', '--yes', '--json']))
        expect(windows.files('project')).toEqual([])
        secrets.add(printed.stdout.trim())
      }))
  })
