import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { KEYS, runInTerminal, type PtyRun } from '../programs/pty.ts'
import type { InsideCommand, InsideResult } from './windows/inside.ts'

export const COMPILER = 'x86_64-w64-mingw32-gcc'
/** Of a single run. */
const TIMEOUT_MS = 10 * 60_000
/** Longer than any test leaves a Windows alone; what a test that was killed has left ends then. */
const SERVER_IDLE_SECONDS = 600
/** The registry of programs under test, in the words of `reg`. */
const ENVIRONMENT_KEY = String.raw`HKEY_CURRENT_USER\Environment`
const TEST_KEY = String.raw`HKEY_CURRENT_USER\Software\acs-env-test`

/** The programs of Windows that have a double, and where each lies below System32. */
export const DOUBLES = {
  setx: 'setx.exe',
  powershell: 'WindowsPowerShell/v1.0/powershell.exe',
  reg: 'reg.exe',
} as const

export type Double = keyof typeof DOUBLES

const USUAL_DOUBLES: readonly Double[] = ['setx', 'powershell']

/** Where the bundle lies on drive C, and the Node for it. */
export const PROGRAM = "Jürgen's größe ★ 日本 (x86)"
const NODE_PATH = `C:\\${PROGRAM}\\node.exe`
const SCRIPT_PATH = `C:\\${PROGRAM}\\dist\\cli.cjs`

export interface WindowsRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

export interface WindowsRunOptions {
  readonly input?: string
  /** Environment variables of this run alone; under Wine those of the system cannot be given from outside. */
  readonly env?: Readonly<Record<string, string>>
  /** Whose doubles are there; Wine's own programs take the places of the others. */
  readonly doubles?: readonly Double[]
  /** Ends the program at once. */
  readonly signal?: AbortSignal
}

/** A Windows of a test's own. */
export interface WindowsBench {
  /** The Node for Windows, as a path of drive C. */
  readonly nodePath: string
  /** The name of the directory of the user at hand below `users`. */
  readonly user: string
  /** Runs the built bundle with the real Node for Windows. */
  run(args: readonly string[], options?: WindowsRunOptions): Promise<WindowsRun>
  /** Runs a program of Wine's own. */
  runProgram(command: readonly string[]): Promise<WindowsRun>
  /** Has all of these performed by one process of the Node for Windows, as `exec` would, in this directory of drive C. */
  inside(commands: readonly InsideCommand[], directory: string): Promise<readonly InsideResult[]>
  /**
   * The same in a console of 80 columns; exit code 98 when the console has no lines, no echo or no Ctrl+C afterwards.
   * Wine shows escape sequences as they are: they take up room on a line.
   */
  runInConsole(args: readonly string[], env?: Readonly<Record<string, string>>): PtyRun
  /** What a process that starts now has in its environment. */
  newProcessSees(names: readonly string[]): Promise<readonly (string | undefined)[]>
  /** The user environment as `reg export` tells it: name to everything behind the equals sign. */
  environment(): Promise<ReadonlyMap<string, string>>
  /** Imports lines of a `.reg` file into the user environment. */
  importLines(lines: readonly string[]): Promise<void>
  /** How the doubles behave from now on: see test/windows. One that is not named behaves well. */
  setMoods(moods: Readonly<Partial<Record<Double, string>>>): Promise<void>
  /** How the doubles were called since the last time this was asked. */
  calls(): readonly string[]
  /** Every file below a directory of drive C, as paths on this side. */
  files(directory?: string): readonly string[]
  makeDirectory(path: string): void
  /** A path of drive C on this side. */
  path(...parts: readonly string[]): string
  /** Ends all that runs in it. */
  stop(): Promise<void>
}

export interface WindowsRequirements {
  readonly wine: string
  readonly node: string
}

/** The Node for Windows, or why the tests that need it are left out; in CI nothing may be. */
export function windowsRequirements(): WindowsRequirements | undefined {
  const wine = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine'].find((path) => existsSync(path))
  const node = process.env.ACS_ENV_TEST_WINDOWS_NODE ?? ''
  const hasCompiler = (process.env.PATH ?? '').split(':').some((path) => existsSync(join(path, COMPILER)))
  const missing = [
    wine === undefined && 'wine',
    !hasCompiler && COMPILER,
    !existsSync(node) && 'ACS_ENV_TEST_WINDOWS_NODE, the path of a node.exe',
  ].filter((name) => name !== false)
  if (wine !== undefined && missing.length === 0) return { wine, node: resolve(node) }
  if (process.env.CI) throw new Error(`missing: ${missing.join(', ')}; in CI nothing may be left out`)
  console.warn(`left out: tests on Windows, which need ${missing.join(', ')}`)
  return undefined
}

export function makeBench(wine: string, home: string): WindowsBench {
  const drive = join(home, 'prefix', 'drive_c')
  const { start, must } = wineRunner(wine, home)
  let count = 0

  const importText = async (key: string, lines: readonly string[]): Promise<void> => {
    const text = ['\uFEFFWindows Registry Editor Version 5.00', '', `[${key}]`, ...lines, '', ''].join('\r\n')
    writeFileSync(join(drive, 'test.reg'), Buffer.from(text, 'utf16le'))
    await must(['reg', 'import', String.raw`C:\test.reg`], { doubles: [] })
    rmSync(join(drive, 'test.reg'))
  }

  return {
    nodePath: NODE_PATH,
    user: userInfo().username,
    run: (args, options = {}) => {
      if (options.env === undefined) return start([NODE_PATH, SCRIPT_PATH, ...args], options)
      count += 1
      const file = join(drive, PROGRAM, `start-${count}.json`)
      writeFileSync(file, JSON.stringify({ args: [SCRIPT_PATH, ...args], env: options.env }))
      return start([NODE_PATH, `C:\\${PROGRAM}\\start.cjs`, `start-${count}.json`], options)
    },
    runProgram: (command) => start(command, { doubles: [] }),
    inside: async (commands, directory) => {
      count += 1
      const name = `inside-${count}.json`
      writeFileSync(join(drive, PROGRAM, name), JSON.stringify(commands))
      const script = ['-e', `process.chdir(${JSON.stringify(directory)}); require(process.argv[1])`]
      await must([NODE_PATH, ...script, `C:\\${PROGRAM}\\inside.cjs`, name])
      return JSON.parse(readFileSync(join(drive, PROGRAM, name), 'utf8')) as readonly InsideResult[]
    },
    runInConsole: (args, env = {}) => {
      const run = runInTerminal(args, {
        home,
        nodePath: NODE_PATH,
        program: [wine, String.raw`C:\press.exe`, NODE_PATH, SCRIPT_PATH],
        env: { ...wineEnvironment(home, USUAL_DOUBLES), ...env },
      })
      return {
        ...run,
        press: (key) => {
          // At once in whole: the other side reads it as soon as it is there.
          writeFileSync(join(drive, 'press-next'), KEYS[key])
          renameSync(join(drive, 'press-next'), join(drive, 'press'))
        },
      }
    },
    newProcessSees: async (names) => {
      const code = `process.stdout.write(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)))`
      const values = JSON.parse((await must([NODE_PATH, '-e', code])).stdout) as readonly (string | null)[]
      return values.map((value) => value ?? undefined)
    },
    environment: async () => {
      await must(['reg', 'export', ENVIRONMENT_KEY, String.raw`C:\test.reg`, '/y'], { doubles: [] })
      const text = readFileSync(join(drive, 'test.reg')).toString('utf16le')
      rmSync(join(drive, 'test.reg'))
      const lines = text.replaceAll(/\\\r\n\s*/g, '').split('\r\n')
      return new Map(
        lines.flatMap((line) => {
          const [, name, rest] = /^"([^"]*)"=(.*)$/.exec(line) ?? []
          return name === undefined || rest === undefined ? [] : [[name, rest] as const]
        }),
      )
    },
    importLines: (lines) => importText(ENVIRONMENT_KEY, lines),
    setMoods: (moods) =>
      importText(
        TEST_KEY,
        Object.keys(DOUBLES).map((name) => `"${name}"="${moods[name as Double] ?? ''}"`),
      ),
    calls: () => {
      const log = join(drive, 'doubles.log')
      appendFileSync(log, '')
      const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1)
      rmSync(log)
      return lines
    },
    files: (directory = '.') => filesBelow(join(drive, directory)),
    makeDirectory: (path) => void mkdirSync(join(drive, path), { recursive: true }),
    path: (...parts) => join(drive, ...parts),
    stop: () => stopWine(wine, home),
  }
}

interface WineRunner {
  start(command: readonly string[], options?: WindowsRunOptions): Promise<WindowsRun>
  /** The same; an exit code other than 0 is an error. */
  must(command: readonly string[], options?: WindowsRunOptions): Promise<WindowsRun>
}

export function wineRunner(wine: string, home: string): WineRunner {
  let count = 0
  const start = async (
    command: readonly string[],
    { input = '', doubles = USUAL_DOUBLES, signal }: WindowsRunOptions = {},
  ): Promise<WindowsRun> => {
    count += 1
    // Files: Node for Windows dies under Wine when a standard stream is a pipe.
    const files = ['in', 'out', 'err'].map((name) => join(home, `${count}.${name}`))
    const [inFile = '', outFile = '', errFile = ''] = files
    writeFileSync(inFile, input)
    const descriptors = [openSync(inFile, 'r'), openSync(outFile, 'w'), openSync(errFile, 'w')]
    const began = performance.now()
    try {
      const child = spawn(wine, command, {
        cwd: home,
        env: wineEnvironment(home, doubles),
        stdio: descriptors,
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
      })
      signal?.addEventListener('abort', () => child.kill('SIGKILL'))
      const [exitCode] = (await once(child, 'exit')) as [number | null]
      return {
        exitCode,
        stdout: readFileSync(outFile, 'utf8'),
        stderr: readFileSync(errFile, 'utf8'),
        elapsedMs: performance.now() - began,
      }
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor)
      for (const file of files) rmSync(file)
    }
  }
  const must: WineRunner['must'] = async (command, options) => {
    const run = await start(command, options)
    if (run.exitCode !== 0) throw new Error(`${command.join(' ')}: ${run.exitCode}\n${run.stdout}${run.stderr}`)
    return run
  }
  return { start, must }
}

/** Debian's server ends with its last program (`-p0`): one that starts in that moment is dropped, 1 of 100. */
export async function startWine(wine: string, home: string): Promise<void> {
  await wineServer(wine, home, [`-p${SERVER_IDLE_SECONDS}`])
}

export async function stopWine(wine: string, home: string): Promise<void> {
  await wineServer(wine, home, ['-k', '-w']).catch(() => undefined)
}

async function wineServer(wine: string, home: string, args: readonly string[]): Promise<void> {
  const env = wineEnvironment(home, [])
  // No pipes: the server would keep them open.
  const child = spawn(join(dirname(wine), 'wineserver'), args, { env, stdio: 'ignore' })
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  if (exitCode !== 0) throw new Error(`wineserver ${args.join(' ')}: ${exitCode}`)
}

/** Not through links: the user's directories have some that lead out of the prefix. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}

function wineEnvironment(home: string, doubles: readonly Double[]): Record<string, string> {
  const native = doubles.map((name) => `${name}.exe=n`)
  const builtin = (Object.keys(DOUBLES) as Double[])
    .filter((name) => !doubles.includes(name))
    .map((name) => `${name}.exe=b`)
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    WINEPREFIX: join(home, 'prefix'),
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: ['mscoree,mshtml=', 'winemenubuilder.exe=d', ...native, ...builtin].join(';'),
  }
}
