import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import { canBeAnybody } from '../support/programs/as-user.ts'
import { BUILT, type BuiltOptions, type BuiltRun } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import type { Namespace } from '../support/schedulers/namespace.ts'
import { MANAGER_ENVIRONMENT, startUserManager } from '../support/schedulers/user-manager.ts'

const UNITS = '.config/systemd/user'
const OURS = '.config/acs-env/schedule'
const PASSWORD = 'pr0xy-p4ssw0rd'

const canTest = canBeAnybody() && hasProgram('/lib/systemd/systemd')

/** A home with a manager of its own, and values stored in it. */
interface Managed {
  readonly home: TestHome
  readonly manager: Namespace
  readonly acs: (args: readonly string[], options?: BuiltOptions) => Promise<BuiltRun>
}

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(() => emulator.close())

async function managed(name: string, work: (managed: Managed) => Promise<void>): Promise<void> {
  const home = makeHome(name)
  const manager = await startUserManager(home.path)
  try {
    const acs: Managed['acs'] = (args, options = {}) =>
      manager.acs(args, { ...options, env: { ...MANAGER_ENVIRONMENT, ...options.env } })
    const setup = await acs(['setup', '--yes', '--no-verify', '--connection-string', emulator.connectionString])
    expect(setup.exitCode).toBe(0)
    await work({ home, manager, acs })
  } finally {
    await manager.end()
    home.remove()
  }
}

function show(manager: Namespace, unit: string, ...names: readonly string[]): string {
  // One at a time: it answers in an order of its own.
  const asking = names.map((name) => `systemctl --user show ${unit} -p ${name} --value`).join('\n')
  return manager.sh(asking, MANAGER_ENVIRONMENT).trim()
}

describe.skipIf(!canTest).concurrent('a systemd user timer', () => {
  it('renews in a home with spaces, quotes and specifiers in its name, and leaves nothing behind', () =>
    managed('h o%me "q" \'s\' \\b &é$x', async ({ home, manager, acs }) => {
      const before = readTree(home.path)
      const proxy = { HTTPS_PROXY: `http://user:${PASSWORD}@127.0.0.1:1` }
      const token = home.read('.config/acs-env/access-token')
      const run = await acs(['schedule', '--json'], { env: proxy })
      expect([run.exitCode, run.stderr]).toEqual([0, ''])
      const document = JSON.parse(run.stdout) as { files: readonly string[]; next_run: string }
      expect(document).toMatchObject({
        scheduler: 'systemd',
        every_minutes: 60,
        if_expires_within_minutes: 360,
        runs_while_logged_out: false,
        catches_up: true,
        changed: true,
      })
      expect(document.files.filter((path) => !existsSync(path))).toEqual([])
      // The rehearsal.
      expect(home.read('.config/acs-env/access-token')).not.toBe(token)
      expect(show(manager, 'acs-env-refresh.timer', 'UnitFileState', 'ActiveState')).toBe('enabled\nactive')
      const next = show(manager, 'acs-env-refresh.timer', 'NextElapseUSecRealtime')
      expect(Date.parse(document.next_run)).toBe(Date.parse(next.replace(/^\w+ /, '')))

      // The password is in the launcher, which is private, and nowhere else.
      const holding = Object.entries(readTree(home.path)).filter(([, text]) => text.includes(PASSWORD))
      expect(holding.map(([path]) => path)).toEqual([join(home.path, OURS, 'acs-env-refresh')])
      expect(statSync(join(home.path, OURS, 'acs-env-refresh')).mode & 0o777).toBe(0o700)
      expect(statSync(join(home.path, OURS)).mode & 0o777).toBe(0o700)

      manager.sh('systemctl --user start acs-env-refresh.service', MANAGER_ENVIRONMENT)
      expect(show(manager, 'acs-env-refresh.service', 'Result', 'ExecMainStatus')).toBe('success\n0')
      const status = JSON.parse((await acs(['status', '--json'])).stdout) as Record<string, unknown>
      expect(status.schedule).toMatchObject({
        scheduler: 'systemd',
        registered: true,
        last_run: { outcome: 'not-due', code: null },
        failures: 0,
        next_run: document.next_run,
      })

      const again = await acs(['schedule', '--json'], { env: proxy })
      expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, next_run: document.next_run })

      const removed = await acs(['unschedule', '--json'])
      expect([removed.exitCode, removed.stderr]).toEqual([0, ''])
      expect(JSON.parse(removed.stdout)).toMatchObject({ scheduler: 'systemd' })
      const after = readTree(home.path)
      expect(Object.keys(after)).toEqual(Object.keys(before))
      expect(home.list().filter((path) => /systemd|schedule/.test(path))).toEqual([])
      expect(show(manager, 'acs-env-refresh.timer', 'LoadState', 'ActiveState')).toBe('not-found\ninactive')
      expect((await acs(['unschedule'])).stderr).toBe('Nothing was scheduled.\n')
    }))

  it('goes on when the package, its Node and its cache are gone, and says so when no Node is left', () =>
    managed('home', async ({ home, manager, acs }) => {
      const cache = mkdtempSync(join(tmpdir(), 'acs-env-cache-'))
      const nodePath = join(cache, 'v20.19.0/bin/node')
      mkdirSync(dirname(nodePath), { recursive: true })
      try {
        linkSync(process.execPath, nodePath)
      } catch {
        // It is on another file system.
        cpSync(process.execPath, nodePath)
      }
      cpSync(dirname(BUILT), join(cache, 'package/dist'), { recursive: true })
      const script = join(cache, 'package/dist/cli.cjs')
      const run = await acs(['schedule'], { nodePath, script, env: { PATH: '/usr/bin:/bin' } })
      expect([run.exitCode, run.stderr]).toEqual([
        0,
        expect.stringMatching(/^✓ The token is renewed in the background/),
      ])
      rmSync(cache, { recursive: true })
      manager.sh('systemctl --user start acs-env-refresh.service', MANAGER_ENVIRONMENT)
      expect(JSON.parse(home.read(`${OURS}/last.json`))).toMatchObject({ last_run: { outcome: 'not-due' } })

      // /dev/null cannot be executed by anybody.
      const hide =
        'for node in /usr/local/bin/node /usr/bin/node /usr/bin/nodejs; do [ ! -e $node ] || mount --bind /dev/null $node; done'
      const launcher = join(home.path, OURS, 'acs-env-refresh')
      expect(manager.sh(`${hide}; env -i PATH=/usr/bin:/bin /bin/sh '${launcher}' 2>&1 || echo exit $?`)).toBe(
        'acs-env: no Node.js 20.19 or newer was found.\nexit 127\n',
      )
      expect(home.list()).toContain(`${OURS}/no-node`)
    }))

  it('makes up for a run that was missed', () =>
    managed('home', async ({ home, manager, acs }) => {
      expect((await acs(['schedule'])).exitCode).toBe(0)
      manager.sh(
        `systemctl --user stop acs-env-refresh.timer
         touch -d '3 days ago' '${home.path}/.local/share/systemd/timers/stamp-acs-env-refresh.timer'
         systemctl --user start acs-env-refresh.timer
         for _ in $(seq 100); do
           systemctl --user show acs-env-refresh.service -p ExecMainExitTimestamp --value | grep -q . && break
           sleep 0.1
         done`,
        MANAGER_ENVIRONMENT,
      )
      expect(show(manager, 'acs-env-refresh.service', 'Result', 'ExecMainStatus')).toBe('success\n0')
      expect(JSON.parse(home.read(`${OURS}/last.json`))).toMatchObject({ last_run: { outcome: 'not-due' } })
      // With the values everything goes.
      expect((await acs(['unset', '--yes'])).exitCode).toBe(0)
      expect(home.list().filter((path) => /systemd|acs-env/.test(path))).toEqual([])
      expect(show(manager, 'acs-env-refresh.timer', 'LoadState', 'ActiveState')).toBe('not-found\ninactive')
    }))

  it('is not forced on somebody who has masked it', () =>
    managed('home', async ({ home, manager, acs }) => {
      manager.sh('systemctl --user mask acs-env-refresh.timer', MANAGER_ENVIRONMENT)
      const before = home.list()
      const run = await acs(['schedule'])
      expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('acs-env-refresh.timer is masked.\n') })
      expect(home.list()).toEqual(before)
    }))

  it('is not registered where the service refuses the credentials: 4', () =>
    managed('home', async ({ home, acs }) => {
      const key = Buffer.from('another key').toString('base64')
      home.write('.config/acs-env/connection-string', `endpoint=${emulator.endpoint};accesskey=${key}`)
      const before = home.list()
      const run = await acs(['schedule', '--json'])
      expect([run.exitCode, run.stdout]).toEqual([4, ''])
      expect(JSON.parse(run.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ error: { code: 'access_denied' } })
      expect(home.list()).toEqual(before)
      expect(readFileSync(join(home.path, '.config/acs-env/access-token'), 'utf8')).toMatch(/^eyJ/)
      expect(home.list().filter((path) => path.startsWith(UNITS))).toEqual([])
    }))
})
