import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, openSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { BUILT, cleanEnvironment } from '../support/programs/built.ts'

const home = makeHome()
afterAll(() => home.remove())

const env = cleanEnvironment(home.path)

/** Both are answered before the program is loaded; `help` is answered by the program. */
describe('the overview that the build has rendered', () => {
  it.each([
    'bin/acs-env',
    'project/node_modules/.bin/acs-env',
    '.npm/_npx/1a2b/node_modules/.bin/acs-env',
    '.cache/pnpm/dlx/1a2b/node_modules/.bin/acs-env',
    'xfs-1a2b/dlx-12/node_modules/.bin/acs-env',
    '.bun/install/cache/.bunx-0/node_modules/.bin/acs-env',
    '.cache/deno/npm/registry.npmjs.org/acs-env/0.1.0/dist/cli.cjs',
  ])('is what the program says that was started as %s', (path) => {
    const script = join(home.path, path)
    mkdirSync(dirname(script), { recursive: true })
    symlinkSync(BUILT, script)
    const say = (option: string): string =>
      execFileSync(process.execPath, [script, option], { env, cwd: home.path, encoding: 'utf8' })
    expect(say('--help')).toContain('\nUsage: ')
    expect(say('--help')).toBe(say('help'))
  })
})

describe('what cannot be written', () => {
  it.runIf(process.platform === 'linux').each(['--version', '--help'])('is told of %s', (option) => {
    const stdout = openSync('/dev/full', 'w')
    const run = spawnSync(process.execPath, [BUILT, option], {
      env,
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    })
    expect([run.status, run.stderr]).toEqual([1, expect.stringMatching(/^error: .*\(ENOSPC\)\.\nhint: .*\n$/)])
  })

  it.each(['--version', '--help'])('is no error where nobody reads the answer to %s', (option) => {
    const script = '("$@"; echo "ended:$?" >&2) | true'
    const run = spawnSync('/bin/sh', ['-c', script, 'sh', process.execPath, BUILT, option], { env, encoding: 'utf8' })
    expect(run.stderr).toBe('ended:0\n')
  })
})
