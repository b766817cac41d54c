import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDirectory } from '../../src/files/change/directory.ts'
import { withLock } from '../../src/files/change/lock.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { makeSystem } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'

const NOBODY = 4_194_305
const OTHER_HOST = `not-${hostname()}`
const OWN = '.config/acs-env'

let home: TestHome
let directory: string
let lockPath: string
beforeEach(() => {
  home = makeHome()
  directory = join(home.path, OWN)
  lockPath = join(directory, 'lock')
})
afterEach(() => home.remove())

/** Takes the lock with a clock that runs so much faster while it waits. */
function lock(rate = 1, signal = new AbortController().signal, onWait = (): void => undefined): Promise<string> {
  const system = makeSystem(home.path)
  const started = system.elapsedMs()
  const elapsedMs = (): number => started + (system.elapsedMs() - started) * rate
  return withLock(directory, { ...system, elapsedMs }, { signal, onWait }, async () => 'in')
}

const listen = (path: string): Promise<() => void> =>
  new Promise((settle) => {
    const server = createServer()
    server.listen(path, () => settle(() => void server.close()))
  })

const KINDS: readonly (readonly [string, RegExp, (path: string) => void])[] = [
  ['an empty directory', /is a directory/, (path) => mkdirSync(path)],
  ['a directory with a file in it', /is a directory/, (path) => mkdirSync(join(path, 'x'), { recursive: true })],
  ['a pipe', /is a pipe/, (path) => execFileSync('mkfifo', [path])],
  ['a link to a file', /is a symbolic link/, (path) => symlinkSync(home.write('elsewhere', String(NOBODY)), path)],
  [
    'a link to a pipe',
    /is a symbolic link/,
    (path) => (execFileSync('mkfifo', [`${path}-2`]), symlinkSync(`${path}-2`, path)),
  ],
  ['a link to nothing', /is a symbolic link/, (path) => symlinkSync('nothing', path)],
  ['a link to a directory', /is a symbolic link/, (path) => symlinkSync('.', path)],
  ['a link to a device', /is a symbolic link/, (path) => symlinkSync('/dev/zero', path)],
]

describe('in the place of the lock', () => {
  it.each(KINDS)('%s is named at once, and stays', async (_, message, make) => {
    mkdirSync(directory, { recursive: true })
    make(lockPath)
    const before = home.list()
    const started = performance.now()
    const failing = lock()
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toMatchObject({ code: 'file', message: expect.stringContaining(lockPath) })
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(home.list()).toEqual(before)
  })

  it('a socket is named at once', async () => {
    mkdirSync(directory, { recursive: true })
    const close = await listen(lockPath)
    await expect(lock()).rejects.toThrow('is a pipe, socket or device')
    close()
  })

  it('something as large as a disk is read no further than a lock is long', async () => {
    mkdirSync(directory, { recursive: true })
    execFileSync('truncate', ['-s', '4G', lockPath])
    utimesSync(lockPath, new Date(0), new Date(0))
    await expect(lock()).resolves.toBe('in')
  })
})

describe('in place of the lock that guards the removal of a stale one', () => {
  it.each(KINDS)('%s does no harm while there is no stale lock', async (_, _message, make) => {
    mkdirSync(directory, { recursive: true })
    make(`${lockPath}.clearing`)
    const before = home.list()
    await expect(lock()).resolves.toBe('in')
    expect(home.list()).toEqual(before)
  })

  it.each(KINDS)('%s is named once it is', async (_, message, make) => {
    home.write(`${OWN}/lock`, String(NOBODY))
    make(`${lockPath}.clearing`)
    const failing = lock()
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining(`${lockPath}.clearing`) })
  })
})

describe('the built program', () => {
  it.each([
    ['a pipe', (): void => void execFileSync('mkfifo', [lockPath])],
    ['a directory', (): void => mkdirSync(lockPath)],
    ['a link in a circle', (): void => symlinkSync('lock', lockPath)],
    [
      'a pipe beside a lock that is stale',
      (): void => {
        home.write(`${OWN}/lock`, String(NOBODY))
        execFileSync('mkfifo', [`${lockPath}.clearing`])
      },
    ],
    [
      'a directory beside a lock that is stale',
      (): void => {
        home.write(`${OWN}/lock`, String(NOBODY))
        mkdirSync(`${lockPath}.clearing`)
      },
    ],
  ])('neither hangs nor breaks on %s', async (_, make) => {
    mkdirSync(directory, { recursive: true })
    make()
    const run = await runBuilt(['unset', '--yes'], { home: home.path, signal: AbortSignal.timeout(14_000) })
    expect([run.exitCode, run.signal]).toEqual([1, null])
    expect(run.stderr).toMatch(/^error: \S+\/lock\S* is a .*\nhint: .+\n$/)
  })
})

describe('the lock of another machine that shares the home', () => {
  const left = (contents: string, ageMs = 0): void => {
    home.write(`${OWN}/lock`, contents)
    const at = new Date(Date.now() - ageMs)
    utimesSync(lockPath, at, at)
  }

  it.each([
    ['whose process id nobody has here', `${NOBODY} ${OTHER_HOST}`, 0],
    ['whose process id is ours', `${process.pid} ${OTHER_HOST}`, 25_000],
    ['whose process id is that of something else here', `1 ${OTHER_HOST}`, 0],
    ['with a name of several parts', `${NOBODY} ${OTHER_HOST}.example.com`, 0],
    ['of a container', `12 3f4e5d6c7b8a`, 60_000],
    ['whose clock is a minute ahead', `12 ${OTHER_HOST}`, -60_000],
  ])('%s is waited for, and then reported', async (_, contents, ageMs) => {
    left(contents, ageMs)
    let waits = 0
    const failing = lock(40, new AbortController().signal, () => (waits += 1))
    const host = contents.split(' ')[1] ?? ''
    await expect(failing).rejects.toMatchObject({
      code: 'locked',
      message: `Another acs-env on ${host} is still at work.`,
      hint: `wait, or delete ${lockPath} if none is running there`,
    })
    expect([waits, home.read(`${OWN}/lock`)]).toEqual([1, contents])
  })

  it('is taken once it is given back', async () => {
    left(`12 ${OTHER_HOST}`)
    const waiting = lock(1, new AbortController().signal, () => void setTimeout(() => rmSync(lockPath), 100))
    await expect(waiting).resolves.toBe('in')
  })

  it.each([
    ['older than any run', `12 ${OTHER_HOST}`, 11 * 60_000],
    ['of this machine, whose owner is gone', `${NOBODY} ${hostname()}`, 0],
    ['of version 0.1, whose owner is gone', String(NOBODY), 0],
    ['without an owner', 'x'.repeat(10_000), 3_000],
    ['without a number', ` ${OTHER_HOST}`, 3_000],
    ['of process 0', `0 ${OTHER_HOST}`, 3_000],
    ['empty, and from the future', '', -86_400_000],
    ['of another machine, and from the future', `12 ${OTHER_HOST}`, -86_400_000],
    ['of a process of this machine, and from the future', `${process.ppid} ${hostname()}`, -86_400_000_000],
  ])('is taken over where it is %s', async (_, contents, ageMs) => {
    left(contents, ageMs)
    await expect(lock()).resolves.toBe('in')
    expect(home.list()).not.toContain(`${OWN}/lock`)
  })

  it('says which machine has it', async () => {
    let contents = ''
    await withLock(directory, makeSystem(home.path), { signal: new AbortController().signal }, async () => {
      contents = home.read(`${OWN}/lock`)
    })
    expect(contents).toBe(`${process.pid} ${hostname()}`)
  })

  it('of the same number here and there is given back by its own machine alone', async () => {
    await withLock(directory, makeSystem(home.path), { signal: new AbortController().signal }, async () =>
      left(`${process.pid} ${OTHER_HOST}`),
    )
    expect(home.list()).toContain(`${OWN}/lock`)
  })
})

it
  .runIf(process.platform === 'linux')
  .each(['/proc', '/proc/self', '/proc/1/x', '/sys', '/sys/kernel/x/y', '/dev/null/x'])(
  'a directory that cannot be created below %s is an error, not a bug',
  (above) => {
    expect(() => makeDirectory(join(above, '.config/acs-env'))).toThrow(/^\/.* could not be created: /)
  },
)
