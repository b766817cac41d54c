import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { renderPlist } from '../../src/schedule/change/launchd.ts'
import { makeLaunchctl, type LaunchctlDouble, type LaunchdMood } from '../support/doubles/launchctl.ts'
import { emulator, home } from '../support/homes/emulator-and-home.ts'
import { ended, runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { BUILT } from '../support/programs/built.ts'

const USER = process.geteuid?.()
const LABEL = 'acs-env.refresh'
const PLIST = `Library/LaunchAgents/${LABEL}.plist`

let launchctl: LaunchctlDouble
beforeEach(async () => {
  launchctl = makeLaunchctl(LABEL)
  expect(
    (await acs(['setup', '--yes', '--no-verify', '--connection-string', emulator.connectionString])).exitCode,
  ).toBe(0)
})

function acs(args: readonly string[], env: WorldOptions['env'] = {}): Promise<WorldRun> {
  return runInWorld(args, home.path, {
    platform: 'darwin',
    env,
    self: { nodePath: process.execPath, scriptPath: BUILT, command: 'acs-env' },
    run: async (program, programArgs) =>
      // All else is the rehearsal.
      program === '/bin/launchctl' ? launchctl.run(programArgs) : ended(0),
  })
}

describe('launchd', () => {
  it.each<[LaunchdMood, string]>([
    ['well', `gui/${USER}`],
    ['drains', `gui/${USER}`],
    ['disabled', `gui/${USER}`],
    ['ssh', `user/${USER}`],
  ])('gets an agent where it is in the mood "%s", and loses it again', async (mood, domain) => {
    launchctl.mood = mood
    const before = home.list()
    const proxy = { HTTPS_PROXY: 'http://user:s3cr3t@127.0.0.1:1' }
    const run = await acs(['schedule', '--json'], proxy)
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(JSON.parse(run.stdout)).toMatchObject({ scheduler: 'launchd', catches_up: true, changed: true })
    expect([...launchctl.loaded]).toEqual([`${domain}/${LABEL}`])
    const plist = home.read(PLIST)
    expect(plist).not.toContain('s3cr3t')
    // launchd refuses one that others can write to, or cannot read.
    expect(statSync(join(home.path, PLIST)).mode & 0o777).toBe(0o644)
    expect(plist.includes('LimitLoadToSessionType')).toBe(mood === 'ssh')
    expect(JSON.parse((await acs(['schedule', '--json'], proxy)).stdout)).toMatchObject({ changed: false })
    expect((await acs(['unschedule'])).exitCode).toBe(0)
    expect([...launchctl.loaded]).toEqual([])
    expect(home.list()).toEqual(before)
  })

  it('gets the file alone where nobody is logged in', async () => {
    launchctl.mood = 'nobody'
    const run = await acs(['schedule'])
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('  It starts with your next log-in.\n') })
    expect(home.list()).toContain(PLIST)
    expect(launchctl.calls).toEqual([])
  })

  it.each<[LaunchdMood, string]>([
    ['denies', 'The agent could not be loaded (exit 1: Bootstrap failed: 1: Operation not permitted).'],
    ['lies', 'launchd accepted the job, but does not have it (launchctl knows no such agent).'],
  ])('that %s is reported, and nothing is left behind', async (mood, sentence) => {
    launchctl.mood = mood
    const before = home.list()
    const run = await acs(['schedule'])
    expect([run.exitCode, run.stderr.split('\n')]).toEqual([1, expect.arrayContaining([`error: ${sentence}`])])
    expect(home.list()).toEqual(before)
    expect([...launchctl.loaded]).toEqual([])
  })

  it('has no cron beside it', async () => {
    const run = await acs(['schedule', '--scheduler', 'cron'])
    expect([run.exitCode, run.stderr]).toEqual([
      2,
      'error: cron is not a scheduler of this system.\nhint: here there is launchd\n',
    ])
  })
})

it('an agent is a property list in which every path survives', () => {
  const launchers = [
    '/Users/a b/x',
    '/Users/50%/x',
    '/Users/R&D <x>/x',
    `/Users/"q" 's'/x`,
    '/Users/é/x',
    '/Users/$HOME\\/x',
  ]
  const plists = launchers.map((launcher) => renderPlist({ launcher, everyMinutes: 120, minute: 7 }, true))
  const script =
    'import json, plistlib, sys; print(json.dumps([plistlib.loads(text.encode()) for text in json.load(sys.stdin)]))'
  const parsed = execFileSync('python3', ['-c', script], { input: JSON.stringify(plists), encoding: 'utf8' })
  const hours = Array.from({ length: 12 }, (_, index) => ({ Hour: index * 2, Minute: 7 }))
  expect(JSON.parse(parsed)).toEqual(
    launchers.map((launcher) => ({
      Label: LABEL,
      ProgramArguments: [launcher],
      StartCalendarInterval: hours,
      RunAtLoad: true,
      ProcessType: 'Background',
      StandardOutPath: '/dev/null',
      StandardErrorPath: '/dev/null',
      LimitLoadToSessionType: 'Background',
    })),
  )
})
