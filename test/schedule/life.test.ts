import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { offerSchedule } from '../../src/schedule/change/offer.ts'
import { createSystem } from '../../src/system/process.ts'
import type { System } from '../../src/system/system.ts'
import { createTerminal } from '../../src/system/terminal.ts'
import { createReporter } from '../../src/ui/reporter.ts'
import { keyOf, makeAz, resourceId } from '../support/doubles/azure-cli.ts'
import { makeCrontab, type CrontabDouble } from '../support/doubles/crontab.ts'
import { unusedPort } from '../support/doubles/faulty-service.ts'
import { emulator, home } from '../support/homes/emulator-and-home.ts'
import { ended, makeSystem, runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { BUILT } from '../support/programs/built.ts'

const OURS = '.config/acs-env/schedule'
const self = { nodePath: process.execPath, scriptPath: BUILT, command: 'acs-env' }

let crontab: CrontabDouble
beforeEach(() => {
  crontab = makeCrontab(home)
})

function acs(args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  return runInWorld(args, home.path, { self, ...options, env: { ...crontab.environment('debian'), ...options.env } })
}

/** The rehearsal takes most of the time: where it is not the subject it is taken for done. */
const atOnce: System['run'] = async (program, args, options) =>
  program === '/bin/sh' ? ended(0) : createSystem().run(program, args, options)

const setup = (...args: readonly string[]): Promise<WorldRun> =>
  acs(['setup', '--yes', '--no-verify', '--connection-string', emulator.connectionString, ...args])

async function scheduled(options: WorldOptions = {}): Promise<void> {
  await setup()
  expect((await acs(['schedule', '--scheduler', 'cron'], options)).exitCode).toBe(0)
}

/** A run of the job, as the scheduler starts it. */
const job = (options: WorldOptions = {}): Promise<WorldRun> =>
  acs(['refresh', '--quiet'], { ...options, env: { ACS_ENV_SCHEDULED: '1' } })

const scheduleOf = (run: WorldRun): Record<string, unknown> =>
  (JSON.parse(run.stdout) as { schedule: Record<string, unknown> }).schedule

const renewalOf = (run: WorldRun): string => /^ {2}renewal {3}(.*)$/m.exec(run.stdout)?.[1] ?? ''

describe('status', () => {
  it('says how the job stands: failed, renewed again, without a Node, and without its files', async () => {
    await scheduled()
    const pair = home.read('.config/acs-env/connection-string')
    const gone = emulator.connectionString.replace(/:\d+\//, `:${await unusedPort()}/`)
    home.write('.config/acs-env/connection-string', gone)
    const state = home.read('.config/acs-env/state.json')
    home.write('.config/acs-env/state.json', state.replace(emulator.endpoint, /endpoint=([^;]+)/.exec(gone)?.[1] ?? ''))
    for (const now of [new Date(), new Date()]) expect((await job({ now: () => now })).exitCode).toBe(1)
    const failed = await acs(['status', '--json'])
    expect(failed.exitCode).toBe(0)
    expect(scheduleOf(failed)).toEqual({
      scheduler: 'cron',
      every_minutes: 60,
      registered: true,
      last_run: { at: expect.any(String), outcome: 'failed', code: 'connection_refused' },
      last_success: expect.any(String),
      failures: 2,
      next_run: expect.any(String),
      version: expect.any(String),
    })
    expect(renewalOf(await acs(['status']))).toMatch(
      /^every hour at :\d\d \(cron\); failed 2 times since .*: .* refused .* Next \d\d/,
    )

    home.write('.config/acs-env/connection-string', pair)
    home.write('.config/acs-env/state.json', state)
    expect((await job()).exitCode).toBe(0)
    expect(renewalOf(await acs(['status']))).toMatch(/^every hour at :\d\d \(cron\); last .*\d\d:\d\d, renewed; next /)
    expect(
      home
        .read(`${OURS}/history.log`)
        .split('\n')
        .map((line) => line.split(' ')[1]),
    ).toEqual(['renewed', 'failed', 'failed', 'renewed', undefined])

    home.write(`${OURS}/no-node`, '')
    expect(renewalOf(await acs(['status']))).toMatch(
      /^stopped, no Node\.js that can run it was found at .*; "acs-env schedule"/,
    )
    expect(scheduleOf(await acs(['status', '--json']))).toMatchObject({
      last_run: { outcome: 'failed', code: 'no_node' },
    })
    rmSync(join(home.path, OURS, 'acs-env-refresh'))
    expect(renewalOf(await acs(['status']))).toMatch(
      /^stopped, .*acs-env-refresh is gone; "acs-env schedule" puts this right/,
    )
    expect(scheduleOf(await acs(['status', '--json']))).toMatchObject({ registered: false })
    // What is gone is written anew.
    expect((await acs(['schedule', '--scheduler', 'cron'])).exitCode).toBe(0)
    expect(scheduleOf(await acs(['status', '--json']))).toMatchObject({
      registered: true,
      last_run: { outcome: 'renewed' },
    })
  })

  it.each(['rubbish', '{}', '{"scheduler":"cron","every_minutes":61}', ''])(
    'takes a record %j for none',
    async (text) => {
      await setup()
      home.write(`${OURS}/job.json`, text)
      home.write(`${OURS}/last.json`, text)
      expect(scheduleOf(await acs(['status', '--json']))).toBeNull()
      expect((await acs(['unschedule'])).exitCode).toBe(0)
      expect(existsSync(join(home.path, OURS))).toBe(false)
    },
  )
})

describe('schedule', () => {
  it('keeps everything private, and is taken away where the record is lost', async () => {
    await scheduled({ run: atOnce })
    const modes = readdirSync(join(home.path, OURS)).map((name) => statSync(join(home.path, OURS, name)).mode & 0o077)
    expect(modes.every((mode) => mode === 0)).toBe(true)
    const dry = await acs(['unset', '--dry-run'])
    expect(dry.stdout).toMatch(/^Would end the renewal in the background\.$/m)
    rmSync(join(home.path, OURS, 'job.json'))
    expect(await acs(['unset', '--yes'])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('The renewal in the background has ended.'),
    })
    expect([crontab.table(), home.list()]).toEqual([undefined, []])
  })

  it('is repaired by a later version that renews by hand', async () => {
    await scheduled({ run: atOnce })
    const copy = readdirSync(join(home.path, OURS)).find((name) => name.startsWith('cli-')) ?? ''
    const older = 'cli-0.0.9-00000000'
    for (const name of ['job.json', 'acs-env-refresh']) {
      const text = home
        .read(`${OURS}/${name}`)
        .replaceAll(copy, older)
        .replace('"version": "0.1.0"', '"version": "0.0.9"')
      home.write(`${OURS}/${name}`, text)
    }
    mkdirSync(join(home.path, OURS, older))
    expect((await acs(['refresh'])).exitCode).toBe(0)
    expect(readdirSync(join(home.path, OURS)).filter((name) => name.startsWith('cli-'))).toEqual([copy])
    expect(home.read(`${OURS}/acs-env-refresh`)).toContain(copy)
    expect(scheduleOf(await acs(['status', '--json']))).toMatchObject({ registered: true, version: '0.1.0' })
  })

  it('warns where the service is out of reach, and schedules nevertheless', async () => {
    await setup()
    const gone = emulator.connectionString.replace(/:\d+\//, `:${await unusedPort()}/`)
    home.write('.config/acs-env/connection-string', gone)
    const state = home.read('.config/acs-env/state.json')
    home.write('.config/acs-env/state.json', state.replace(emulator.endpoint, /endpoint=([^;]+)/.exec(gone)?.[1] ?? ''))
    const run = await acs(['schedule', '--scheduler', 'cron'])
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: the job is scheduled; that it works could not be seen yet: .* refused/m),
    ])
    expect(crontab.table()).toContain('acs-env-refresh')
  })

  it.each<[string, readonly string[], readonly string[], number, string]>([
    ['only a token', ['--token-only'], [], 1, 'Only a token is stored, and nothing to renew it with.'],
    ['no token', ['--no-token'], [], 1, 'No access token is stored.'],
    ['a time that is none', [], ['--every', '10s'], 2, 'The value of --every is not a time.'],
    [
      'a time that does not divide a day',
      [],
      ['--every', '7m'],
      2,
      'The value of --every is not one that every scheduler can do.',
    ],
    [
      'a scheduler that there is not',
      [],
      ['--scheduler', 'at'],
      2,
      'The value of --scheduler is not one that acs-env knows.',
    ],
    [
      'an interval beyond the lifetime',
      ['--expires-in', '60'],
      ['--every', '1h'],
      2,
      'The stored token lives 60 minutes, so that is not often enough.',
    ],
  ])('is refused with %s', async (_, stored, args, exitCode, sentence) => {
    await setup(...stored)
    const before = home.list()
    const run = await acs(['schedule', '--scheduler', 'cron', ...args])
    expect([run.exitCode, run.stderr.split('\n')[0]]).toEqual([exitCode, `error: ${sentence}`])
    expect([home.list(), crontab.table()]).toEqual([before, undefined])
  })

  it('is refused in CI, and where a link leads elsewhere', async () => {
    await setup()
    const inCi = await acs(['schedule', '--scheduler', 'cron'], { env: { CI: 'true' } })
    expect([inCi.exitCode, inCi.stderr]).toEqual([1, expect.stringContaining('This seems to run in CI')])
    mkdirSync(join(home.path, 'elsewhere'))
    symlinkSync(join(home.path, 'elsewhere'), join(home.path, OURS))
    const linked = await acs(['schedule', '--scheduler', 'cron'])
    expect([linked.exitCode, linked.stderr]).toEqual([1, expect.stringContaining('schedule is a symbolic link')])
    expect(readdirSync(join(home.path, 'elsewhere'))).toEqual([])
  })

  it('renews with what is remembered of a key that is stored nowhere', async () => {
    const contoso = resourceId('contoso')
    const az = makeAz(home, [keyOf(contoso, emulator.connectionString)])
    const env = { PATH: [join(home.path, '../bin'), az.path].join(delimiter) }
    const stored = ['setup', '--no-verify', '--token-only', '--from-az', contoso]
    expect((await acs(stored, { env })).exitCode).toBe(0)
    const before = home.read('.config/acs-env/access-token')
    const run = await acs(['schedule', '--scheduler', 'cron'], { env })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('Renewed just now')])
    // The rehearsal has renewed it, from an environment in which there is no Azure CLI.
    expect(home.read('.config/acs-env/access-token')).not.toBe(before)
    expect(az.calls()).toHaveLength(2)
    const key = emulator.connectionString.split('accesskey=')[1] ?? ''
    expect(home.read(`${OURS}/acs-env-refresh`)).not.toContain(key)
    expect(existsSync(join(home.path, '.config/acs-env/connection-string'))).toBe(false)
  })

  it('is refused where what is remembered gives no key any more', async () => {
    const contoso = resourceId('contoso')
    const az = makeAz(home, [keyOf(contoso, emulator.connectionString)])
    const env = { PATH: [join(home.path, '../bin'), az.path].join(delimiter) }
    await acs(['setup', '--no-verify', '--token-only', '--from-az', contoso], { env })
    makeAz(home, [{ to: 'rest', stderr: "ERROR: Please run 'az login' to setup account.\n", exitCode: 1 }])
    const run = await acs(['schedule', '--scheduler', 'cron'], { env })
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringContaining('In the environment that the job will have: The Azure CLI is not signed in.'),
    ])
    expect([existsSync(join(home.path, OURS)), crontab.table()]).toEqual([false, undefined])
  })

  it('names a file that the recorded variables name and that is not there', async () => {
    await setup()
    const env = { NODE_EXTRA_CA_CERTS: 'no-such.pem', HTTPS_PROXY: 'http://u:s3cr3t@127.0.0.1:1' }
    const run = await acs(['schedule', '--scheduler', 'cron', '--dry-run'], { env })
    expect(run.stderr).toContain('warning: NODE_EXTRA_CA_CERTS names no-such.pem, which does not exist.\n')
    expect(run.stdout).toContain('+ with HTTPS_PROXY, NODE_EXTRA_CA_CERTS as they are now')
    expect(run.stdout).not.toContain('s3cr3t')
  })

  it('comes with setup where that is asked for, and is not offered again', async () => {
    home.write('../bin/systemctl', '#!/bin/sh\nexit 1\n')
    chmodSync(join(home.path, '../bin/systemctl'), 0o755)
    const run = await setup('--schedule')
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('✓ The token is renewed in the background')])
    const system = makeSystem(home.path, { self, env: crontab.environment('debian') })
    const terminal = createTerminal()
    const reporter = createReporter(terminal, { quiet: false, verbose: false, color: false })
    await offerSchedule({ system, terminal, reporter }, 'acs-env')
    expect((await acs(['unset', '--yes'])).exitCode).toBe(0)
    expect([crontab.table(), home.list()]).toEqual([undefined, []])
  })
})
