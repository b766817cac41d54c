import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { cleanEnvironment } from '../support/programs/built.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** All that a build reads. */
const SOURCES = [
  'src',
  'scripts',
  'node_modules',
  'package.json',
  'CHANGELOG.md',
  'tsconfig.json',
  'rolldown.config.ts',
]

const run = promisify(execFile)
const elsewhere = makeHome('another place')
afterAll(() => elsewhere.remove())

it('comes out the same, byte for byte, when it is built in another directory, time zone and language', async () => {
  await run('cp', ['-R', ...SOURCES, elsewhere.path], { cwd: ROOT })
  await run('npm', ['run', 'build'], {
    cwd: elsewhere.path,
    env: cleanEnvironment(elsewhere.path, { TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8' }),
  })
  const [here, there] = [join(ROOT, 'dist'), join(elsewhere.path, 'dist')]
  expect(readdirSync(there)).toEqual(readdirSync(here))
  const different = readdirSync(here).filter(
    (name) => !readFileSync(join(here, name)).equals(readFileSync(join(there, name))),
  )
  expect(different).toEqual([])
})

it('comes from packages that are pinned to one version and one content each', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string; link?: boolean }>
  }
  const unpinned = Object.entries(lock.packages).filter(
    ([path, { version, integrity }]) => path !== '' && !(version && integrity),
  )
  expect(unpinned).toEqual([])
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  expect(Object.values(manifest.devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})
