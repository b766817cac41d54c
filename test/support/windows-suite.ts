import { existsSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import {
  makeWindows,
  windowsRequirements,
  type WindowsBench,
  type WindowsRun,
  type WindowsRunOptions,
} from './windows-bench.ts'

export const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
export const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
export const ACCESS_KEY = Buffer.from('an access key of the test on Windows: 64 bytes, as the real ones').toString(
  'base64',
)
/** What else a user has there: one value of every type. */
const OTHERS = {
  ACS_TEST_STRING: String.raw`"C:\\Tools \"x\" é日😀 100%"`,
  ACS_TEST_EMPTY: '""',
  Path: 'hex(2):25,00,55,00,53,00,45,00,52,00,50,00,52,00,4f,00,46,00,49,00,4c,00,45,00,25,00,5c,00,62,00,00,00',
  ACS_TEST_BINARY: 'hex:00,01,ff',
  ACS_TEST_NONE: 'hex(0):',
  ACS_TEST_NUMBER: 'dword:0000002a',
  ACS_TEST_LARGE_NUMBER: 'hex(b):ff,ff,ff,ff,ff,ff,ff,7f',
  ACS_TEST_LIST: 'hex(7):61,00,00,00,62,00,00,00,00,00',
}

/** The two variables as the registry has them. */
interface StoredPair {
  readonly connectionString: string | undefined
  readonly token: string | undefined
}

/** A Windows with other people's variables and an emulator, for the tests of a file. */
export interface WindowsSuite {
  readonly windows: WindowsBench
  readonly emulator: Emulator
  /** What must be in no output, no error and no file. */
  readonly secrets: Set<string>
  secretsIn(bytes: Buffer): readonly string[]
  /** Runs `setup` with the connection string of the emulator on standard input. */
  setup(args?: readonly string[], options?: WindowsRunOptions): Promise<WindowsRun>
  /** The JSON that a successful run printed. */
  documentOf(run: WindowsRun): Record<string, unknown>
  stored(): Promise<StoredPair>
}

export const requirements = windowsRequirements()

/**
 * Sets up a Windows for the tests of the suite at hand. After each of them it looks whether the other variables are as
 * they were and no file has a secret, and removes what the test has stored.
 */
export function useWindows(): WindowsSuite {
  let windows: WindowsBench | undefined
  let emulator: Emulator | undefined
  const secrets = new Set([ACCESS_KEY])
  const there = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('Windows is not there yet.')
    return value
  }
  const suite: WindowsSuite = {
    get windows() {
      return there(windows)
    },
    get emulator() {
      return there(emulator)
    },
    secrets,
    secretsIn: (bytes) =>
      [...secrets].filter((secret) => bytes.includes(secret) || bytes.includes(secret, 0, 'utf16le')),
    setup: (args = [], options = {}) =>
      suite.windows.run(['setup', '--yes', '--json', '--connection-string-stdin', ...args], {
        input: suite.emulator.connectionString,
        ...options,
      }),
    documentOf: ({ exitCode, stdout, stderr }) => {
      expect([exitCode, stderr.replace(/^note: the endpoint is http.*\n/, '')]).toEqual([0, ''])
      expect(suite.secretsIn(Buffer.from(stdout))).toEqual([])
      return JSON.parse(stdout) as Record<string, unknown>
    },
    stored: async () => {
      const values = await suite.windows.environment()
      // None of the values that are stored has a character that is escaped there.
      const text = (name: string): string | undefined => values.get(name)?.slice(1, -1)
      return { connectionString: text(CONNECTION_STRING), token: text(TOKEN) }
    },
  }

  beforeAll(async () => {
    if (requirements === undefined) return
    emulator = await startEmulator({ port: 0, accessKey: ACCESS_KEY })
    windows = await makeWindows(requirements)
    await windows.importLines(Object.entries(OTHERS).map(([name, value]) => `"${name}"=${value}`))
  }, 120_000)
  afterAll(async () => {
    await windows?.remove()
    await emulator?.close()
  }, 60_000)
  afterEach(() => tidy(suite), 60_000)
  return suite
}

async function tidy({ windows, secrets, secretsIn }: WindowsSuite): Promise<void> {
  const before = await windows.environment()
  const token = before.get(TOKEN)
  if (token !== undefined) secrets.add(token.slice(1, -1))
  const files = [...windows.files('users'), ...windows.files('windows/temp'), windows.path('doubles.log')]
  const telling = files.filter((file) => existsSync(file) && secretsIn(readFileSync(file)).length > 0)
  await windows.setMoods({})
  const unset = await windows.run(['unset', '--yes'])
  windows.calls()

  expect(Object.fromEntries(before)).toMatchObject(OTHERS)
  expect(telling).toEqual([])
  expect(files.filter((file) => /acs-env-registry|lock/.test(file))).toEqual([])
  expect(unset.exitCode).toBe(0)
}
