import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { inject } from 'vitest'
import {
  COMPILER,
  DOUBLES,
  makeBench,
  PROGRAM,
  startWine,
  stopWine,
  wineRunner,
  type WindowsBench,
  type WindowsRequirements,
} from './windows-bench.ts'

const SOURCES = resolve(import.meta.dirname, 'windows')
const DIST = resolve(import.meta.dirname, '../../../dist')
/** Other programs of the tests, on drive C. */
const PROGRAMS = ['press', 'tell'] as const
const LIBRARIES = ['-ladvapi32', '-lcrypt32']
/** Says that the template is there, or why it is not. */
const OUTCOME = 'outcome'
const IS_THERE = 'is there'
const POLL_MS = 200

export interface WindowsTemplate {
  make(): Promise<WindowsBench>
  /** Removes all that were made of it. */
  remove(): void
}

/**
 * A Windows to make others of. The first test file that asks for it makes it, which takes as long as several tests do;
 * those that ask in the meantime wait, and for the others it is there.
 */
export async function sharedWindowsTemplate(requirements: WindowsRequirements): Promise<WindowsTemplate> {
  const home = join(inject('sharedDirectory'), 'windows')
  const outcome = join(home, OUTCOME)
  if (isFirst(home)) {
    writeFileSync(`${outcome}-next`, await makeTemplate(requirements, home).then(() => IS_THERE, String))
    renameSync(`${outcome}-next`, outcome)
  }
  while (!existsSync(outcome)) await sleep(POLL_MS)
  const said = readFileSync(outcome, 'utf8')
  if (said !== IS_THERE) throw new Error(`There is no Windows: ${said}`)
  return openTemplate(requirements, home)
}

function isFirst(home: string): boolean {
  try {
    mkdirSync(home)
    return true
  } catch (error) {
    if (existsSync(home)) return false
    throw error
  }
}

/** A Wine prefix with the doubles, and a copy of the bundle in a directory with a hard name. */
async function makeTemplate({ wine, node }: WindowsRequirements, home: string): Promise<void> {
  const template = join(home, 'template')
  const drive = join(template, 'prefix', 'drive_c')
  const system32 = join(drive, 'windows', 'system32')

  mkdirSync(join(template, 'prefix'), { recursive: true })
  await startWine(wine, template)
  const runner = wineRunner(wine, template)
  await Promise.all([runner.must(['wineboot', '-i'], { doubles: [] }), compileDoubles(home), bundleInside(home)])
  // Node for Windows wants to see Windows 10.
  await runner.must(['reg', 'add', String.raw`HKCU\Software\Wine`, '/v', 'Version', '/d', 'win10', '/f'], {
    doubles: [],
  })
  await stopWine(wine, template)
  copyFileSync(join(system32, 'reg.exe'), join(system32, 'reg-itself.exe'))
  for (const [name, path] of Object.entries(DOUBLES)) copyFileSync(join(home, `${name}.exe`), join(system32, path))
  for (const name of PROGRAMS) copyFileSync(join(home, `${name}.exe`), join(drive, `${name}.exe`))
  cpSync(DIST, join(drive, PROGRAM, 'dist'), { recursive: true })
  copyFileSync(node, join(drive, PROGRAM, 'node.exe'))
  writeFileSync(join(drive, PROGRAM, 'start.cjs'), START)
  copyFileSync(join(home, 'inside.cjs'), join(drive, PROGRAM, 'inside.cjs'))
}

/** Those it makes share its files as far as nobody writes to them. */
function openTemplate({ wine }: WindowsRequirements, home: string): WindowsTemplate {
  const prefix = join(home, 'template', 'prefix')
  const places: string[] = []
  return {
    make: async () => {
      const place = mkdtempSync(join(home, 'place-'))
      places.push(place)
      mkdirSync(join(place, 'prefix'))
      // Wine writes to the registry files, and to none of drive C that was there before.
      const parts = readdirSync(prefix).filter((name) => name !== 'drive_c')
      await promisify(execFile)('cp', ['-a', ...parts.map((name) => join(prefix, name)), join(place, 'prefix')])
      await promisify(execFile)('cp', ['-al', join(prefix, 'drive_c'), join(place, 'prefix')])
      await startWine(wine, place)
      return makeBench(wine, place)
    },
    remove: () => {
      for (const place of places) rmSync(place, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function compileDoubles(directory: string): Promise<void> {
  await Promise.all(
    [...Object.keys(DOUBLES), ...PROGRAMS].map((name) => {
      const files = ['-o', join(directory, `${name}.exe`), join(SOURCES, `${name}.c`)]
      return promisify(execFile)(COMPILER, ['-O1', '-s', '-Wall', '-Werror', '-municode', ...files, ...LIBRARIES])
    }),
  )
}

async function bundleInside(directory: string): Promise<void> {
  const bundle = await rolldown({ input: join(SOURCES, 'inside.ts'), platform: 'node' })
  await bundle.write({ file: join(directory, 'inside.cjs'), format: 'cjs' })
  await bundle.close()
}

/** Starts the bundle with more in its environment: Wine takes the names that Windows itself sets from nobody. */
const START = `
const { spawnSync } = require('node:child_process')
const { args, env } = JSON.parse(require('node:fs').readFileSync(__dirname + '/' + process.argv[2], 'utf8'))
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } })
process.exitCode = status === null ? 99 : status
`
