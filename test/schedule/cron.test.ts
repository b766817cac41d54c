import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { renderLine } from '../../src/schedule/change/cron.ts'
import { createSystem } from '../../src/system/process.ts'
import type { System } from '../../src/system/system.ts'
import { makeCrontab, type CrontabDouble, type CrontabMood } from '../support/doubles/crontab.ts'
import { emulator, home } from '../support/homes/emulator-and-home.ts'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import { ended, runInWorld, type WorldRun } from '../support/homes/world.ts'
import { canBeAnybody } from '../support/programs/as-user.ts'
import { BUILT } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { startNamespace } from '../support/schedulers/namespace.ts'

const BLOCK = /^# >>> acs-env >>>\n(.*)\n# <<< acs-env <<<\n/m
const OURS = '.config/acs-env/schedule'
/** Comments, a variable, a line in latin1, a per cent sign, and lines that look like ours. */
const TABLE = '# mine\nMAILTO=""\n5 4 * * * echo \xe9 \\% acs-env\n# >>> acs-env\n'
const self = { nodePath: process.execPath, scriptPath: BUILT, command: 'acs-env' }

let crontab: CrontabDouble
beforeEach(async () => {
  crontab = makeCrontab(home)
  await setup(home)
})

async function setup({ path }: TestHome): Promise<void> {
  const args = ['setup', '--yes', '--no-verify', '--connection-string', emulator.connectionString]
  expect((await runInWorld(args, path)).exitCode).toBe(0)
}

function acs(mood: CrontabMood, args: readonly string[]): Promise<WorldRun> {
  return runInWorld(args, home.path, { env: crontab.environment(mood), self })
}

/** The same without the rehearsal, which takes most of the time and is seen elsewhere. */
function acsAtOnce(mood: CrontabMood, args: readonly string[]): Promise<WorldRun> {
  const real = createSystem().run
  const run: System['run'] = async (program, programArgs, options) =>
    program === '/bin/sh' ? ended(0) : real(program, programArgs, options)
  return runInWorld(args, home.path, { env: crontab.environment(mood), self, run })
}

describe('cron', () => {
  it.each<[CrontabMood, string, string | undefined]>([
    ['debian', 'a table', TABLE],
    ['busybox', 'no table', undefined],
    ['busybox', 'a table without a final line break', TABLE.trimEnd()],
    ['dcron', 'no table', undefined],
  ])('as %s has it, with %s: it is renewed, and the crontab comes back byte for byte', async (mood, _, table) => {
    if (table !== undefined) crontab.install(table)
    const before = readTree(home.path)
    const run = await acs(mood, ['schedule', '--scheduler', 'cron', '--json'])
    expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
    expect(JSON.parse(run.stdout)).toMatchObject({
      scheduler: 'cron',
      catches_up: false,
      runs_while_logged_out: true,
      changed: true,
    })
    const installed = crontab.table() ?? ''
    const [, line = ''] = BLOCK.exec(installed) ?? []
    expect(line).toMatch(/^\d+ \* \* \* \* \/bin\/sh '\/.*\/acs-env-refresh' silent$/)
    expect(installed.startsWith(table ?? '')).toBe(true)
    // As cron runs it: in an environment with next to nothing in it.
    const command = line.replace(/^(?:\S+ ){5}/, '')
    expect(execFileSync('/bin/sh', ['-c', command], { env: { PATH: '/usr/bin:/bin' } }).toString()).toBe('')
    expect(JSON.parse(home.read(`${OURS}/last.json`))).toMatchObject({ last_run: { outcome: 'not-due' }, failures: 0 })

    const again = await acs(mood, ['schedule', '--scheduler', 'cron', '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false })
    expect(crontab.table()).toBe(installed)

    const removed = await acs(mood, ['unschedule', '--json'])
    expect([removed.exitCode, removed.stderr]).toEqual([0, ''])
    expect(JSON.parse(removed.stdout)).toMatchObject({
      scheduler: 'cron',
      removed: ['your crontab', join(home.path, OURS)],
    })
    // dcron has no way to remove a table.
    expect(crontab.table()).toBe(mood === 'dcron' ? '' : table)
    expect(Object.keys(readTree(home.path))).toEqual(Object.keys(before))
  })

  it.each<[CrontabMood, string]>([
    [
      'denied',
      'The crontab could not be read (exit 1: You (alice) are not allowed to use this program (crontab)), so it was left alone.',
    ],
    [
      'unreadable',
      'The crontab could not be read (exit 1: crontabs/alice/: fopen: Permission denied), so it was left alone.',
    ],
    ['translated', 'The crontab could not be read (exit 1), so it was left alone.'],
    ['refuses', 'The crontab was not changed (exit 1: errors in crontab file, cannot install.).'],
    [
      'lies',
      'cron accepted the job, but does not have it (crontab reported success, and the table is not the one that was given).',
    ],
  ])('that %s is reported, and nothing is changed', async (mood, sentence) => {
    crontab.install(TABLE)
    const before = home.list()
    const run = await acsAtOnce(mood, ['schedule', '--scheduler', 'cron'])
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr.split('\n')).toContain(`error: ${sentence}`)
    expect(crontab.table()).toBe(TABLE)
    expect(home.list()).toEqual(before)
  })

  it('that does not answer is not waited for', async () => {
    const real = createSystem().runInSession
    const run = await runInWorld(['schedule', '--scheduler', 'cron'], home.path, {
      env: crontab.environment('hangs'),
      self,
      runInSession: (program, args, options) => real(program, args, { ...options, timeoutMs: 300 }),
    })
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('(it did not end in time), so it was left alone.'),
    })
  })

  it('that stores a part of the table is noticed, and unscheduling says what it could not undo', async () => {
    crontab.install(TABLE)
    expect((await acsAtOnce('debian', ['schedule', '--scheduler', 'cron'])).exitCode).toBe(0)
    const installed = crontab.table()
    const run = await acsAtOnce('lies', ['unschedule'])
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('error: crontab reported success, and the job is still there.\n'),
    })
    expect(crontab.table()).toBe(installed)
    // The original was lost with the rest, and yet only our own lines go.
    expect((await acsAtOnce('debian', ['unschedule'])).exitCode).toBe(0)
    expect(crontab.table()).toBe(TABLE)
  })

  it.each([
    ['markers that are not a pair', '# >>> acs-env >>>\n', 'its acs-env markers are not one pair'],
    ['carriage returns, as Debian prints them', 'a\\r\n', 'it has carriage returns'],
  ])('leaves a table alone that has %s', async (_, table, why) => {
    crontab.install(table)
    const run = await acsAtOnce('debian', ['schedule', '--scheduler', 'cron'])
    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`The crontab was left alone: ${why}`) })
    expect(crontab.table()).toBe(table)
  })

  it('changes the interval in place, and keeps the rest of the table as it has become', async () => {
    crontab.install(TABLE)
    expect((await acsAtOnce('debian', ['schedule', '--scheduler', 'cron'])).exitCode).toBe(0)
    crontab.install(`${crontab.table()}# later\n`)
    expect((await acsAtOnce('debian', ['schedule', '--scheduler', 'cron', '--every', '15m'])).exitCode).toBe(0)
    const [, line = ''] = BLOCK.exec(crontab.table() ?? '') ?? []
    expect(line).toMatch(/^\d+,\d+,\d+,\d+ \* \* \* \* /)
    expect((await acsAtOnce('debian', ['unset', '--yes'])).exitCode).toBe(0)
    expect(crontab.table()).toBe(`${TABLE}# later\n`)
    expect(home.list()).toEqual([])
  })

  it('leaves the job of another home of the same user alone', async () => {
    expect((await acsAtOnce('debian', ['schedule', '--scheduler', 'cron'])).exitCode).toBe(0)
    const table = crontab.table()
    const other = makeHome()
    await setup(other)
    const env = crontab.environment('debian')
    const run = await runInWorld(['schedule', '--scheduler', 'cron'], other.path, { env, self })
    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('You have a job already, which runs /') })
    expect((await runInWorld(['unschedule'], other.path, { env, self })).stderr).toBe('Nothing was scheduled.\n')
    expect(crontab.table()).toBe(table)
    other.remove()
  })

  it('is the choice where there is no systemd, and without it there is nothing', async () => {
    home.write('../bin/systemctl', '')
    const { PATH: _, ...rest } = crontab.environment('debian')
    const nothing = await runInWorld(['schedule'], home.path, { self, env: { ...rest, PATH: '/nowhere' } })
    expect(nothing.stderr).toBe(
      'error: There is no scheduler here: no systemd user session and no crontab command.\n' +
        'hint: "acs-env exec" and "acs-env token" renew when they are used\n',
    )
    const env = { ...crontab.environment('debian'), XDG_RUNTIME_DIR: '/nowhere' }
    const dry = await runInWorld(['schedule', '--dry-run', '--json'], home.path, { self, env })
    expect(JSON.parse(dry.stdout)).toMatchObject({ dry_run: true, scheduler: 'cron' })
    expect(crontab.table()).toBeUndefined()
  })
})

it.each(["it's", 'a b', 'q"q', 'é&$(x)'])('a line of cron names the home %s', async (name) => {
  const own = makeHome(name)
  const launcher = own.write('acs-env-refresh', 'echo "ran $1"')
  const line = renderLine({ launcher, everyMinutes: 120, minute: 7, linger: false })
  expect(line.startsWith('7 0,2,4,6,8,10,12,14,16,18,20,22 * * * /bin/sh ')).toBe(true)
  expect(execFileSync('/bin/sh', ['-c', line.replace(/^(?:\S+ ){5}/, '')]).toString()).toBe('ran silent\n')
  own.remove()
})

it('a home that cron cannot name is refused', () => {
  const wish = { launcher: '/home/50%/x', everyMinutes: 60, minute: 7, linger: false } as const
  expect(() => renderLine(wish)).toThrow('A crontab cannot name your home')
})

describe.skipIf(!canBeAnybody() || !hasProgram('crontab', '-l'))('Debian’s own crontab', () => {
  it('gets its table back byte for byte', async () => {
    const own = makeHome("alice's home")
    // The real one, with a spool of its own.
    const debian = await startNamespace(
      own.path,
      'mount -t tmpfs tmpfs /var/spool/cron; mkdir -m 1730 /var/spool/cron/crontabs; chgrp crontab /var/spool/cron/crontabs',
    )
    own.write('table', Buffer.from('# caf\xe9 \\ %\n7 4 * * * true \\% "$HOME"\n', 'latin1'))
    debian.sh('crontab "$HOME/table"')
    const before = debian.sh('crontab -l')
    await setup(own)
    const run = await debian.acs(['schedule', '--scheduler', 'cron'])
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('✓ The token is renewed in the background')])
    expect(debian.sh('crontab -l')).toMatch(BLOCK)
    expect((await debian.acs(['unschedule'])).exitCode).toBe(0)
    expect(debian.sh('crontab -l')).toBe(before)
    await debian.end()
    own.remove()
  })
})
