import { describe, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { runBuilt } from '../support/programs/built.ts'
import { oldNodes } from '../support/programs/nodes.ts'

const HINT = 'install one from https://nodejs.org/en/download, or with a version manager, as in "nvm install --lts"'

describe.each(oldNodes())('on Node $version', ({ path: nodePath, version }) => {
  const message = `acs-env needs Node 20.19 or newer; this is ${version.slice(1)}.`

  it.each(['', 'setup --yes', 'status', '--help', '--version', 'exec -- true --json'])(
    '"acs-env %s" says which Node it needs, and does nothing else',
    async (args) => {
      const home = makeHome()
      const run = await runBuilt(args.split(' '), { home: home.path, nodePath })
      expect(run).toMatchObject({ exitCode: 1, stdout: '', stderr: `error: ${message}\nhint: ${HINT}\n` })
      expect(home.list()).toEqual([])
      home.remove()
    },
  )

  it('says the same to a program with --json', async () => {
    const run = await runBuilt(['status', '--json'], { nodePath })
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(JSON.parse(run.stderr)).toEqual({ error: { code: 'old_node', message, hint: HINT } })
  })
})

describe('the oldest Node that will do', () => {
  it.each([
    ['4.9.1', 1],
    ['19.99.0', 1],
    ['20.18.3', 1],
    ['20.19.0', 0],
    ['21.0.0', 0],
    ['100.1.0', 0],
  ])('%s: exit code %d', async (version, exitCode) => {
    const home = makeHome()
    const pretend = home.write(
      'pretend.cjs',
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
    )
    const run = await runBuilt(['--version'], { home: home.path, env: { NODE_OPTIONS: `--require ${pretend}` } })
    expect(run.exitCode).toBe(exitCode)
    home.remove()
  })
})
