import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  CONNECTION_STRING,
  requirements,
  SECOND_TRY,
  TOKEN,
  useWindows,
} from '../../test/support/doubles/windows-suite.ts'

/** `%M%`, as REG_EXPAND_SZ. */
const MINE = 'hex(2):25,00,4d,00,25,00,00,00'
const NO_REG = { doubles: ['setx', 'powershell', 'reg'] } as const

describe.skipIf(requirements === undefined).concurrent('on a Windows with less than usual', SECOND_TRY, () => {
  const onWindows = useWindows()

  it('without reg.exe an own value that expands comes back with its type', () =>
    onWindows(async ({ windows, ...suite }) => {
      await windows.importLines([`"${TOKEN}"="by hand é日😀"`, `"${CONNECTION_STRING}"=${MINE}`])
      const before = await windows.environment()
      await windows.setMoods({ reg: 'unreadable' })
      expect((await suite.setup([], NO_REG)).exitCode).toBe(0)
      expect((await suite.stored()).token).toMatch(/^eyJ/)
      expect((await windows.run(['unset', '--yes'], NO_REG)).exitCode).toBe(0)
      expect(await windows.environment()).toEqual(before)
      await windows.importLines([`"${TOKEN}"=-`, `"${CONNECTION_STRING}"=-`])
    }))

  it('without setx.exe both values are stored', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const setx = windows.path('windows', 'system32', 'setx.exe')
      const bytes = readFileSync(setx)
      rmSync(setx)
      try {
        suite.documentOf(await suite.setup())
        expect((await suite.stored()).connectionString).toBe(emulator.connectionString)
        expect(windows.calls().filter((call) => call.startsWith('setx'))).toEqual([])
      } finally {
        // A new file: the removed one is that of every other Windows too.
        writeFileSync(setx, bytes)
      }
    }))

  it.each([
    ['relative', 'Local'],
    ['of the current drive', String.raw`\Local`],
    ['of the current directory of a drive', 'C:Local'],
    ['not expanded', String.raw`%USERPROFILE%\AppData\Local`],
    ['of another system', '~/.config'],
  ])('a LOCALAPPDATA that is %s leads nowhere', (_, LOCALAPPDATA) =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      suite.documentOf(await suite.setup([], { env: { LOCALAPPDATA } }))
      expect((await suite.stored()).connectionString).toBe(emulator.connectionString)
      const files = windows.files().filter((file) => /(?:state|restore)\.json$/.test(file))
      const usual = windows.path('users', windows.user, 'AppData', 'Local', 'acs-env')
      expect(files.toSorted()).toEqual([`${usual}/restore.json`, `${usual}/state.json`])
    }),
  )

  it.each([
    ['on a share that is not there', String.raw`\\nosuch\share\Local`],
    ['on a drive that is not there', String.raw`Q:\Local`],
    ['a file', String.raw`C:\windows\system.ini`],
  ])('a LOCALAPPDATA that is %s keeps nothing from being read, and setup says what it lacks', (_, LOCALAPPDATA) =>
    onWindows(async ({ windows, ...suite }) => {
      const env = { env: { LOCALAPPDATA } }
      expect((await windows.run(['status'], env)).exitCode).toBe(3)
      const setup = await suite.setup([], env)
      expect([setup.exitCode, setup.stdout]).toEqual([1, ''])
      expect(JSON.parse(setup.stderr.replaceAll(/^note: .*\n/gm, ''))).toMatchObject({ error: { code: 'file' } })
      expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
    }),
  )
})
