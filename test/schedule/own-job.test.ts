import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createSystem } from '../../src/system/process.ts'
import { makeCrontab, type CrontabDouble } from '../support/doubles/crontab.ts'
import { emulator, home } from '../support/homes/emulator-and-home.ts'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import { ended, makeSystem, runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { canBeAnybody } from '../support/programs/as-user.ts'
import { BUILT } from '../support/programs/built.ts'

const OWN = '.config/acs-env'
const OURS = `${OWN}/schedule`
const OWNER = 54_321
const self = { nodePath: process.execPath, scriptPath: BUILT, command: 'acs-env' }

let crontab: CrontabDouble
/** Files of somebody else's, outside the home. */
let outside: TestHome
beforeEach((context) => {
  crontab = makeCrontab(home)
  outside = makeHome('system')
  context.onTestFinished(() => outside.remove())
  outside.write('precious', 'root:cli-0.0.1-0a1b2c3d/cli.cjs:x\n')
  outside.write('schedule/mine', 'precious\n')
  outside.write('schedule/history.log', 'precious\n')
  outside.write('cli-0.0.1-0a1b2c3d/cli.cjs', 'precious\n')
  mkdirSync(join(outside.path, 'empty'))
})

const acs = (args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(args, home.path, { self, ...options, env: { ...crontab.environment('debian'), ...options.env } })

const setup = (): Promise<WorldRun> =>
  acs(['setup', '--yes', '--no-verify', '--connection-string', emulator.connectionString])

const picture = (): unknown => [
  readTree(outside.path),
  readdirSync(outside.path).map((name) => [name, lstatSync(join(outside.path, name)).mode]),
]

/** A record as `schedule` writes it, of an older version. */
function forge(record: object = {}): void {
  const job = { scheduler: 'cron', every_minutes: 60, minute: 5, if_expires_within_minutes: 130, version: '0.0.1' }
  const files = [join(home.path, OURS, 'acs-env-refresh'), join(home.path, OURS, 'cli-0.0.1-0a1b2c3d/cli.cjs')]
  home.write(`${OURS}/job.json`, JSON.stringify({ ...job, files, created_directories: [], ...record }))
}

function linkOut(name: string, target: string): void {
  rmSync(join(home.path, name), { recursive: true, force: true })
  symlinkSync(join(outside.path, target), join(home.path, name))
}

describe('what the user keeps beside the files of the job', () => {
  it.each([
    'notes.txt',
    'sub/folder/notes.txt',
    'cli-notes/mine',
    'job.json.bak',
    'task.xml/mine',
    'cli-0.1.0-0a1b2c3d/mine',
    '.job.json.acs-env-backup',
    'locks/lock',
  ])('stays: %s', async (name) => {
    await setup()
    home.write(`${OURS}/${name}`, 'mine')
    home.write(`${OURS}/last.json`, '{}')
    home.write(`${OURS}/cli-0.1.0-0a1b2c3d/cli.cjs`, '// ours')
    expect((await acs(['unschedule'])).exitCode).toBe(0)
    expect((await acs(['unset', '--yes'])).exitCode).toBe(0)
    expect(readTree(home.path)).toEqual({ [join(home.path, OURS, name)]: 'mine' })
    expect((await acs(['unschedule'])).stderr).toBe('Nothing was scheduled.\n')
  })

  it('stays in a directory behind a link in the place of ours', async () => {
    home.write('dot/acs/schedule/notes', 'mine')
    mkdirSync(join(home.path, '.config'))
    symlinkSync('../dot/acs', join(home.path, OWN))
    const before = readTree(home.path)
    for (const args of [['unset', '--yes'], ['unschedule']]) {
      expect((await acs(args)).exitCode).toBe(0)
      expect(readTree(home.path)).toEqual(before)
    }
  })

  it.each(['acs-env-refresh', 'history.log', 'cli-0.0.1-0a1b2c3d'])(
    'stays behind a link in the place of %s',
    async (name) => {
      await setup()
      forge()
      linkOut(`${OURS}/${name}`, name === 'acs-env-refresh' ? 'precious' : `schedule/../${name}`)
      const before = picture()
      expect((await acs(['refresh'])).exitCode).toBe(0)
      expect((await acs(['unschedule'])).exitCode).toBe(0)
      expect([picture(), home.list().filter((path) => path.startsWith(OURS))]).toEqual([before, []])
    },
  )
})

describe('a record of the job that is forged', () => {
  const records: readonly (readonly [string, () => object])[] = [
    ['names empty directories elsewhere', () => ({ created_directories: [join(outside.path, 'empty')] })],
    [
      'climbs to them',
      () => ({
        created_directories: [`${home.path}/.local/../../../${outside.path}/empty`, `${outside.path}/./empty`],
      }),
    ],
    ['names another launcher', () => ({ files: [join(outside.path, 'precious'), `${home.path}/${OURS}/root`] })],
    [
      'climbs to another launcher',
      () => ({
        files: [
          `${home.path}/${OURS}/../../../..${outside.path}/precious`,
          `${home.path}/${OURS}/cli-0.0.1-0a1b2c3d/x`,
        ],
      }),
    ],
    ['names another program', () => ({ files: [`${home.path}/${OURS}/acs-env-refresh`, `${outside.path}/x/cli.cjs`] })],
    ['has numbers for paths', () => ({ files: [1, 2], created_directories: [3, null], linger_user: 7 })],
    ['has NUL in its paths', () => ({ files: ['/a\0b', '/c\0d'], created_directories: ['/\0'] })],
  ]
  it.each(records)('changes nothing elsewhere: it %s', async (_, record) => {
    await setup()
    home.write(`${OURS}/acs-env-refresh`, '#!/bin/sh\n')
    forge(record())
    const before = picture()
    for (const args of [['refresh'], ['status'], ['unschedule', '--dry-run'], ['unschedule'], ['unset', '--yes']]) {
      const run = await acs(args)
      expect([args, run.exitCode, picture()]).toEqual([args, 0, before])
    }
  })

  it.each(['somebody-else', '--help', ''])('ends the lingering of nobody else: %j', async (name) => {
    await setup()
    forge({ linger_user: name })
    const started: string[] = []
    const run: WorldOptions['run'] = async (program, args, options) => {
      started.push(program)
      return program === 'loginctl' ? ended(0) : createSystem().run(program, args, options)
    }
    expect((await acs(['unschedule'], { run })).exitCode).toBe(0)
    expect(started).not.toContain('loginctl')
  })
})

/** Only root can give files away. */
describe.skipIf(!canBeAnybody())('root in the home of another user, with a job in it', () => {
  const traps: readonly (readonly [string, () => void])[] = [
    ['as its owner made it', () => home.write(`${OURS}/acs-env-refresh`, '#!/bin/sh\n')],
    [
      'whose record names files outside',
      () => forge({ files: [`${outside.path}/precious`, `${home.path}/${OURS}/x`] }),
    ],
    ['whose record names empty directories', () => forge({ created_directories: [join(outside.path, 'empty')] })],
    ['whose record names root', () => forge({ linger_user: 'root' })],
    ['whose launcher is a link out', () => linkOut(`${OURS}/acs-env-refresh`, 'precious')],
    ['whose copy is a link out', () => linkOut(`${OURS}/cli-0.0.1-0a1b2c3d`, 'cli-0.0.1-0a1b2c3d')],
    ['whose directory is a link out', () => linkOut(OURS, 'schedule')],
    ['below a link out', () => linkOut(OWN, '.')],
  ]
  it.each(traps)('leaves it alone: %s', async (_, prepare) => {
    await setup()
    forge()
    prepare()
    for (const path of ['.', ...home.list()]) lchownSync(join(home.path, path), OWNER, OWNER)
    chmodSync(home.path, 0o755)
    const before = [picture(), readTree(join(home.path, OURS))]
    for (const args of [['refresh'], ['unschedule', '--dry-run'], ['unschedule'], ['unset', '--yes']]) {
      const run = await acs(args)
      expect([args, run.exitCode === 70]).toEqual([args, false])
      expect([args, picture(), readTree(join(home.path, OURS))]).toEqual([args, ...before])
      if (args[0] === 'unschedule') expect(run.stderr).toMatch(/^error: .*(?:another user|not inside this home|link)/m)
    }
    expect(makeSystem(home.path).userId).toBe(0)
  })
})
