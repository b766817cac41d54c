import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { windowsRequirements, type WindowsBench, type WindowsRun, type WindowsRunOptions } from './windows-bench.ts'
import { sharedWindowsTemplate, type WindowsTemplate } from './windows-template.ts'

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

/** A Windows with other people's variables and an emulator, for one test. */
interface WindowsSuite {
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

/** Does `work` with a Windows that nobody else uses, and looks afterwards whether it was left as it has to be. */
type OnWindows = (work: (suite: WindowsSuite) => Promise<void>) => Promise<void>

export const requirements = windowsRequirements()

/** As for all tests in CI: what fails twice is a finding. Nothing here is random, and Wine has a life of its own. */
export const SECOND_TRY = { retry: process.env.CI ? 1 : 0 }

/** Only for what hangs forever: on a busy machine each program that Wine starts may take seconds. */
export const WINDOWS_TIMEOUT_MS = 15 * 60_000

/** Tests that wait for a time limit cost nothing beside others; more than that only get into each other's way. */
const AT_ONCE = 3

/** Windows for the tests of the suite at hand, some of which may run at once. */
export function useWindows(): OnWindows {
  const free: WindowsBench[] = []
  const made: WindowsBench[] = []
  const waiting: ((windows: WindowsBench) => void)[] = []
  let template: WindowsTemplate | undefined
  let emulator: Emulator | undefined
  let taken = 0

  beforeAll(async () => {
    if (requirements === undefined) return
    emulator = await startEmulator({ port: 0, accessKey: ACCESS_KEY })
    template = await sharedWindowsTemplate(requirements)
  }, WINDOWS_TIMEOUT_MS)
  afterAll(async () => {
    await Promise.all(made.map((windows) => windows.stop()))
    template?.remove()
    await emulator?.close()
  }, WINDOWS_TIMEOUT_MS)

  const take = async (): Promise<WindowsBench> => {
    const windows = free.pop()
    if (windows !== undefined) return windows
    if (taken === AT_ONCE) return new Promise((resolve) => waiting.push(resolve))
    taken += 1
    const fresh = await there(template).make()
    made.push(fresh)
    await fresh.importLines(Object.entries(OTHERS).map(([name, value]) => `"${name}"=${value}`))
    return fresh
  }
  const giveBack = (windows: WindowsBench): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(windows)
    else next(windows)
  }
  return async (work) => {
    const windows = await take()
    const suite = makeSuite(windows, there(emulator))
    try {
      await work(suite)
      await requireOrder(suite)
    } finally {
      await tidy(windows)
      giveBack(windows)
    }
  }
}

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('Windows is not there yet.')
  return value
}

function makeSuite(windows: WindowsBench, emulator: Emulator): WindowsSuite {
  const secrets = new Set([ACCESS_KEY])
  const secretsIn = (bytes: Buffer): readonly string[] =>
    [...secrets].filter((secret) => bytes.includes(secret) || bytes.includes(secret, 0, 'utf16le'))
  return {
    windows,
    emulator,
    secrets,
    secretsIn,
    setup: (args = [], options = {}) =>
      windows.run(['setup', '--yes', '--json', '--connection-string-stdin', ...args], {
        input: emulator.connectionString,
        ...options,
      }),
    documentOf: ({ exitCode, stdout, stderr }) => {
      expect([exitCode, stderr.replace(/^note: the endpoint is http.*\n/, '')]).toEqual([0, ''])
      expect(secretsIn(Buffer.from(stdout))).toEqual([])
      return JSON.parse(stdout) as Record<string, unknown>
    },
    stored: async () => {
      const values = await windows.environment()
      // None of the values that are stored has a character that is escaped there.
      const text = (name: string): string | undefined => values.get(name)?.slice(1, -1)
      return { connectionString: text(CONNECTION_STRING), token: text(TOKEN) }
    },
  }
}

/** The variables of others are as they were, and no file has a secret or is left of a run. */
async function requireOrder({ windows, secrets, secretsIn }: WindowsSuite): Promise<void> {
  const environment = await windows.environment()
  const token = environment.get(TOKEN)
  if (token !== undefined) secrets.add(token.slice(1, -1))
  const files = [...windows.files('users'), ...windows.files('windows/temp'), windows.path('doubles.log')]
  expect(Object.fromEntries(environment)).toMatchObject(OTHERS)
  expect(files.filter((file) => existsSync(file) && secretsIn(readFileSync(file)).length > 0)).toEqual([])
  expect(files.filter((file) => /acs-env-registry|lock/.test(file))).toEqual([])
}

/** Removes what a test has stored, by hand: a run of `unset` takes ten times as long. */
async function tidy(windows: WindowsBench): Promise<void> {
  await windows.setMoods({})
  await windows.importLines([CONNECTION_STRING, TOKEN].map((name) => `"${name}"=-`))
  windows.calls()
  for (const user of readdirSync(windows.path('users'))) {
    rmSync(windows.path('users', user, 'AppData/Local/acs-env'), { recursive: true, force: true })
  }
}
