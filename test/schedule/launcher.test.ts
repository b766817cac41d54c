import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { renderLauncher, renderWindowsLauncher, type LauncherRequest } from '../../src/schedule/change/launcher.ts'
import { renderService, renderTimer } from '../../src/schedule/change/systemd.ts'
import { Secret } from '../../src/secret.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { hasProgram } from '../support/programs/requirements.ts'

/** A Node that says how it was started, and how old it is when it is asked. */
const fakeNode = (name: string, isOld = false): string =>
  `#!/bin/sh\n[ "$1" != -e ] || exit ${isOld ? 1 : 0}\nprintf '%s|' ${name} "$HTTPS_PROXY" "$HOME" "$@"\n`

let home: TestHome
beforeAll(() => {
  home = makeHome("h o'me %é")
})
afterAll(() => home.remove())

function nodeAt(path: string, script: string): string {
  const node = home.write(path, script)
  chmodSync(node, 0o755)
  return node
}

function run(
  shell: string,
  nodes: readonly string[],
  args: readonly string[] = [],
  scope: LauncherRequest['scope'] = '',
): string {
  const directory = join(home.path, 'schedule')
  const launcher = home.write(
    'schedule/launcher',
    renderLauncher({
      home: home.path,
      directory,
      copy: join(directory, 'cli-1.2.3'),
      nodes,
      variables: [{ name: 'HTTPS_PROXY', value: new Secret(`http://u:p%40'"$x@proxy`) }],
      ifExpiresWithinMinutes: 360,
      scope,
    }),
  )
  const result = spawnSync(shell, [launcher, ...args], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' })
  expect([result.status, result.stderr]).toEqual([0, ''])
  return result.stdout
}

const expected = (name: string, ...more: readonly string[]): string =>
  [name, `http://u:p%40'"$x@proxy`, home.path, join(home.path, 'schedule/cli-1.2.3/cli.cjs')]
    .concat('refresh', '--quiet', more.length === 0 ? ['--if-expires-within', '360m'] : more, '')
    .join('|')

describe.each(['/bin/sh', 'dash', 'bash', 'ksh', 'mksh'].filter((shell) => hasProgram(shell, '-c')))(
  'in %s',
  (shell) => {
    it('the launcher takes the Node that it was made with', () => {
      const node = nodeAt('own/bin/node', fakeNode('own'))
      expect(run(shell, [node], ['--json'])).toBe(expected('own', '--json'))
      expect(run(shell, [node], ['silent'])).toBe('')
      expect(run(shell, [node], ['--json'], '--all ')).toBe(expected('own', '--all', '--json'))
    })

    it('takes the next where it is gone, or too old', () => {
      const gone = join(home.path, 'gone/bin/node')
      const old = nodeAt('old/bin/node', fakeNode('old', true))
      const next = nodeAt('next/bin/node', fakeNode('next'))
      expect(run(shell, [gone, old, next])).toBe(expected('next'))
    })

    it('takes another version of the same manager', () => {
      const removed = nodeAt('versions/v20.19.0/bin/node', fakeNode('removed'))
      nodeAt('versions/v22.1.0/bin/node', fakeNode('updated'))
      rmSync(removed)
      expect(run(shell, [removed])).toBe(expected('updated'))
      rmSync(join(home.path, 'versions'), { recursive: true })
    })
  },
)

it('the oldest Node of the launchers is the one that the package asks for', () => {
  expect(manifest.engines.node).toBe('>=20.19')
  const request = {
    home: '',
    directory: '/s',
    copy: '/s/c',
    nodes: [],
    variables: [],
    ifExpiresWithinMinutes: 1,
    scope: '',
  } as const
  for (const text of [renderLauncher(request), renderWindowsLauncher(request)]) {
    const [, check = ''] = /-e ['"](const \[a,b\].*?\?0:1\))['"]/.exec(text.replaceAll(String.raw`'\''`, "'")) ?? []
    const versions = ['18.20.0', '20.18.3', '20.19.0', '22.0.0', '26.1.0']
    const exits = versions.map((node) => runCheck(check, node))
    expect(exits).toEqual([1, 1, 0, 0, 0])
  }
})

function runCheck(check: string, node: string): number {
  const exit: { code?: number } = {}
  const fake = { versions: { node }, exit: (code: number) => void (exit.code = code) }
  runInNewContext(check, { process: fake })
  return exit.code ?? -1
}

it.skipIf(!hasProgram('systemd-analyze'))('systemd accepts the units of every home', () => {
  const names = ['a b', '50%', 'R&D', '"q"', "it's", 'é', '$HOME', 'back\\slash', 'semi;colon', 'a=b', '#x', '{x}']
  for (const [index, name] of names.entries()) {
    const launcher = home.write(`units/${name}/acs-env-refresh`, '')
    home.write(`units/${index}/acs-env-refresh.service`, renderService({ launcher }))
    home.write(`units/${index}/acs-env-refresh.timer`, renderTimer({ everyMinutes: index % 2 ? 15 : 120, minute: 7 }))
  }
  const files = names.map((_, index) => join(home.path, `units/${index}/acs-env-refresh.timer`))
  for (const file of files.slice(0, 2).concat(files.slice(-1))) {
    const services = file.replace(/timer$/, 'service')
    const env = { XDG_RUNTIME_DIR: home.path, PATH: process.env.PATH ?? '' }
    expect(execFileSync('systemd-analyze', ['--user', 'verify', file, services], { env, encoding: 'utf8' })).toBe('')
  }
})
