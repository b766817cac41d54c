import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const SOURCES = resolve(import.meta.dirname, '../windows')
const DIST = resolve(import.meta.dirname, '../../dist')
const COMPILER = 'x86_64-w64-mingw32-gcc'
const TIMEOUT_MS = 120_000
/** The registry of programs under test, in the words of `reg`. */
const ENVIRONMENT_KEY = String.raw`HKEY_CURRENT_USER\Environment`
const TEST_KEY = String.raw`HKEY_CURRENT_USER\Software\acs-env-test`

/** The programs of Windows that have a double, and where each lies below System32. */
const DOUBLES = { setx: 'setx.exe', powershell: 'WindowsPowerShell/v1.0/powershell.exe', reg: 'reg.exe' } as const

export type Double = keyof typeof DOUBLES

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
}

/** A Windows of a test's own. */
export interface WindowsBench {
  /** Runs the built bundle with the real Node for Windows. */
  run(args: readonly string[], options?: WindowsRunOptions): Promise<WindowsRun>
  /** What a process that starts now has in its environment. */
  newProcessSees(name: string): Promise<string | undefined>
  /** The user environment as `reg export` tells it: name to everything behind the equals sign. */
  environment(): Promise<ReadonlyMap<string, string>>
  /** Imports lines as they stand in a `.reg` file into the user environment. */
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
  remove(): Promise<void>
}

/** The Node for Windows, or why the tests that need it are left out; in CI nothing may be. */
export function windowsRequirements(): { readonly wine: string; readonly node: string } | undefined {
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
  console.warn(`left out: tests on Windows, for want of ${missing.join(', ')}`)
  return undefined
}

/** A new Windows: a Wine prefix with the doubles, and a copy of the bundle in a directory with a hard name. */
export async function makeWindows({ wine, node }: { wine: string; node: string }): Promise<WindowsBench> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'acs-env-windows-')))
  const drive = join(home, 'prefix', 'drive_c')
  const system32 = join(drive, 'windows', 'system32')
  const program = 'npm größe (x86)'
  let count = 0

  const start = async (
    command: readonly string[],
    { input = '', doubles = ['setx', 'powershell'] }: WindowsRunOptions = {},
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
  const must = async (command: readonly string[], options?: WindowsRunOptions): Promise<WindowsRun> => {
    const run = await start(command, options)
    if (run.exitCode !== 0) throw new Error(`${command.join(' ')}: ${run.exitCode}\n${run.stdout}${run.stderr}`)
    return run
  }
  const importText = async (key: string, lines: readonly string[]): Promise<void> => {
    const text = ['\uFEFFWindows Registry Editor Version 5.00', '', `[${key}]`, ...lines, '', ''].join('\r\n')
    writeFileSync(join(drive, 'test.reg'), Buffer.from(text, 'utf16le'))
    await must(['reg', 'import', String.raw`C:\test.reg`], { doubles: [] })
    rmSync(join(drive, 'test.reg'))
  }

  await must(['wineboot', '-i'], { doubles: [] })
  await compileDoubles(home)
  copyFileSync(join(system32, 'reg.exe'), join(system32, 'reg-itself.exe'))
  // Node for Windows wants to see Windows 10.
  await must(['reg', 'add', String.raw`HKCU\Software\Wine`, '/v', 'Version', '/d', 'win10', '/f'], { doubles: [] })
  for (const [name, path] of Object.entries(DOUBLES)) copyFileSync(join(home, `${name}.exe`), join(system32, path))
  cpSync(DIST, join(drive, program, 'dist'), { recursive: true })
  copyFileSync(node, join(drive, program, 'node.exe'))
  writeFileSync(join(drive, program, 'start.cjs'), START)
  const nodePath = `C:\\${program}\\node.exe`

  return {
    run: (args, options = {}) => {
      const script = [`C:\\${program}\\dist\\cli.cjs`, ...args]
      if (options.env === undefined) return start([nodePath, ...script], options)
      writeFileSync(join(drive, program, 'start.json'), JSON.stringify({ args: script, env: options.env }))
      return start([nodePath, `C:\\${program}\\start.cjs`], options)
    },
    newProcessSees: async (name) => {
      const code = `process.stdout.write(JSON.stringify(process.env[${JSON.stringify(name)}] ?? null))`
      return (JSON.parse((await must([nodePath, '-e', code])).stdout) as string | null) ?? undefined
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
    remove: async () => {
      await promisify(execFile)(join(dirname(wine), 'wineserver'), ['-k', '-w'], {
        env: wineEnvironment(home, []),
      }).catch(() => undefined)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }

  async function compileDoubles(directory: string): Promise<void> {
    const libraries = ['-ladvapi32', '-lcrypt32']
    await Promise.all(
      Object.keys(DOUBLES).map((name) => {
        const files = ['-o', join(directory, `${name}.exe`), join(SOURCES, `${name}.c`)]
        return promisify(execFile)(COMPILER, ['-O1', '-s', '-Wall', '-Werror', '-municode', ...files, ...libraries])
      }),
    )
  }
}

/** Not through links: the user's directories have some that lead out of the prefix. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}

/** Starts the bundle with more in its environment: Wine takes the names that Windows itself sets from nobody. */
const START = `
const { spawnSync } = require('node:child_process')
const { args, env } = JSON.parse(require('node:fs').readFileSync(__dirname + '/start.json', 'utf8'))
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } })
process.exitCode = status === null ? 99 : status
`

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
