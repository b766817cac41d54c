import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { cleanEnvironment } from '../support/programs/built.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const LARGEST_PACKED_BYTES = 265_000
const LARGEST_UNPACKED_BYTES = 800_000
/** In the words of the MIT, ISC, Apache and BSD licences. */
const PERMISSION = /permission (?:is hereby granted|to use)|apache license|redistribution and use/i
const OVERVIEW = /^From an Azure Communication Services connection string/

interface PackReport {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly scripts?: Readonly<Record<string, string>>
}

// Its name has a space, as those of users have.
const home = makeHome('my home')
const projectPath = join(home.path, 'project')
const installedPath = join(projectPath, 'node_modules/acs-env')

let report: PackReport
let reports: readonly PackReport[]
let tarballPath: string

beforeAll(async () => {
  for (const name of ['packed', 'project', 'empty']) mkdirSync(join(home.path, name))
  const packed = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', join(home.path, 'packed')],
    ROOT,
  )
  reports = JSON.parse(packed.stdout) as PackReport[]
  if (reports[0] === undefined) throw new Error('npm pack made nothing.')
  report = reports[0]
  tarballPath = join(home.path, 'packed', report.filename)
  home.write('project/package.json', '{"private":true}')
  await run('npm', ['install', '--offline', tarballPath], projectPath)
}, 60_000)

afterAll(() => home.remove())

describe('the package', () => {
  it('is one tarball', () => {
    expect(reports).toHaveLength(1)
    expect(readdirSync(join(home.path, 'packed'))).toEqual([report.filename])
  })

  it('holds what was built, the manifest, the licence and the readme, and nothing else', () => {
    const built = readdirSync(join(ROOT, 'dist')).map((name) => `dist/${name}`)
    const files = report.files.map(({ path }) => path).filter((path) => path !== 'README.md')
    expect(files.toSorted()).toEqual([...built, 'LICENSE', 'package.json'].toSorted())
    expect(built.filter((path) => !/^dist\/(?:[\w-]+\.cjs|THIRD-PARTY-NOTICES\.txt|acs-env\.1)$/.test(path))).toEqual(
      [],
    )
  })

  it('is small', () => {
    console.log(`packed ${report.size} bytes, unpacked ${report.unpackedSize} bytes`)
    expect(report.size).toBeLessThanOrEqual(LARGEST_PACKED_BYTES)
    expect(report.unpackedSize).toBeLessThanOrEqual(LARGEST_UNPACKED_BYTES)
  })

  it('needs no other package, and runs nothing when it is installed', () => {
    const manifest = readManifest(installedPath)
    for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
      expect(manifest).not.toHaveProperty(field)
    }
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(manifest.scripts).not.toHaveProperty(script)
    }
    const installed = readdirSync(join(projectPath, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(installed).toEqual(['acs-env'])
  })

  // npm takes the man pages from a list alone.
  it.skipIf(process.platform === 'win32')('brings its man page where it is installed for the user', async () => {
    const prefix = join(home.path, 'prefix')
    await run('npm', ['install', '--global', '--offline', '--prefix', prefix, tarballPath], projectPath)
    const page = readFileSync(join(prefix, 'share/man/man1/acs-env.1'), 'utf8')
    expect(page).toBe(readFileSync(join(ROOT, 'dist/acs-env.1'), 'utf8'))
  })

  it('says nowhere in which directory it was built', () => {
    const names = readdirSync(join(installedPath, 'dist'))
    const telling = names.filter((name) => readFileSync(join(installedPath, 'dist', name), 'utf8').includes(ROOT))
    expect(telling).toEqual([])
  })
})

describe('the licences of others', () => {
  const notices = () =>
    readFileSync(join(installedPath, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')
      .split(`${'-'.repeat(80)}\n`)
      .slice(1)
      .flatMap((notice) => {
        const [, titles = '', text = ''] = /^((?:.+\n)+)\n([^]*)$/.exec(notice) ?? []
        // Packages that share a text stand above it together.
        return titles
          .split('\n')
          .slice(0, -1)
          .map((title) => {
            const [, name = '', version = ''] = /^(\S+) (\d+\.\d+\.\d+\S*) \(.+\)$/.exec(title) ?? []
            return { title, name, version, text }
          })
      })

  it.each(['@azure/communication-identity', 'enquirer', 'execa', 'os-name'])('are there for %s', (name) => {
    const { version } = readManifest(join(ROOT, 'node_modules', name))
    expect(notices()).toContainEqual(expect.objectContaining({ name, version }))
  })

  it('are there in full for every package', () => {
    expect(notices().length).toBeGreaterThan(20)
    const incomplete = notices().filter(({ name, text }) => name === '' || text.length < 500 || !PERMISSION.test(text))
    expect(incomplete.map(({ title }) => title)).toEqual([])
  })
})

describe('the installed command', () => {
  const { version } = readManifest(ROOT)

  it('runs from node_modules/.bin', async () => {
    const { stdout, stderr } = await run(join(projectPath, 'node_modules/.bin/acs-env'), ['--help'], projectPath)
    expect(stdout).toMatch(OVERVIEW)
    expect(stdout).toContain('\nUsage: npx acs-env [command] [options]\n')
    expect(stderr).toBe('')
  })

  it('runs with npx', async () => {
    expect(await run('npx', ['--no-install', 'acs-env', '--version'], projectPath)).toMatchObject({
      stdout: `${version}\n`,
    })
  })

  it.each([
    ['the overview', ['--help'], '\nUsage: npx acs-env [command] [options]\n'],
    ['the help of a command', ['setup', '--help'], '\n  npx acs-env setup --scope chat --expires-in 90m\n'],
  ])('prints commands that run as printed in %s, when run with npx', async (_name, args, printed) => {
    const { stdout } = await run('npx', ['--no-install', 'acs-env', ...args], projectPath)
    expect(stdout).toContain(printed)
    expect(stdout).not.toMatch(/(?<!npx )acs-env (?:\[command\]|setup|COMMAND)/)
  })

  it('prints a hint that runs as printed, when run with npx', async () => {
    const failed = run('npx', ['--no-install', 'acs-env', 'issue', '--zyzzyva'], projectPath)
    await expect(failed).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^hint: "npx acs-env issue --help" lists what there is$/m),
    })
  })

  it('runs with npx where nothing is installed, nothing is cached and there is no network', async () => {
    const emptyPath = join(home.path, 'empty')
    expect(
      await run('npx', ['--yes', '--offline', '--package', tarballPath, 'acs-env', '--version'], emptyPath),
    ).toMatchObject({
      stdout: `${version}\n`,
    })
    expect(readdirSync(emptyPath)).toEqual([])
  })
})

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** In a folder, with a cache of its own; rejects with the exit code and the output where it fails. */
function run(program: string, args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const env = cleanEnvironment(home.path, {
    // The Node of the tests first, so that npm and the command run on it too.
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    npm_config_cache: join(home.path, 'caches', basename(cwd)),
    npm_config_loglevel: 'error',
  })
  return promisify(execFile)(program, [...args], { cwd, env, timeout: 30_000 })
}
