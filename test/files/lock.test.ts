import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from '../../src/files/change/lock.ts'
import type { System } from '../../src/system/system.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { makeSystem } from '../support/homes/world.ts'

const NOBODY = 4_194_305

let home: TestHome
let directory: string
beforeEach(() => {
  home = makeHome()
  directory = join(home.path, '.config/acs-env')
})
afterEach(() => home.remove())

const lock = <Result>(
  work: () => Promise<Result>,
  { signal = new AbortController().signal, onWait = (): void => undefined } = {},
  system: System = makeSystem(home.path),
): Promise<Result> => withLock(directory, system, { signal, onWait }, work)

const left = (contents: string, ageMs = 0): void => {
  const path = home.write('.config/acs-env/lock', contents)
  const at = new Date(Date.now() - ageMs)
  utimesSync(path, at, at)
}

describe('the lock', () => {
  it('lets one in at a time', async () => {
    let inside = 0
    let most = 0
    const enter = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((settle) => setTimeout(settle, 5))
      inside -= 1
    }
    await Promise.all(Array.from({ length: 8 }, () => lock(enter)))
    expect(most).toBe(1)
    expect(home.list()).toEqual([])
  })

  it('takes the directories that it made away again, and leaves those that were filled', async () => {
    await lock(async () => undefined)
    expect(home.list()).toEqual([])
    await lock(async () => void home.write('.config/acs-env/file', ''))
    expect(home.list()).toEqual(['.config', '.config/acs-env', '.config/acs-env/file'])
  })

  it('takes away what someone has left who was killed while clearing a stale one', async () => {
    home.write('.config/acs-env/lock.clearing', String(NOBODY))
    await lock(async () => undefined)
    expect(home.list()).toEqual(['.config', '.config/acs-env'])
  })

  it('is given back when the work fails', async () => {
    await expect(lock(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(home.list()).toEqual([])
  })

  it.each([
    ['its owner is gone', String(NOBODY), 0],
    ['it is older than any run, and its process id is another program’s', '1', 11 * 60_000],
    ['its owner had our own process id, as in a container', String(process.pid), 21_000],
    ['it never got an owner', '', 3_000],
    ['it holds rubbish', 'rubbish', 3_000],
  ])('is taken away from the dead: %s', async (_, contents, ageMs) => {
    left(contents, ageMs)
    await expect(lock(async () => 'in')).resolves.toBe('in')
    expect(home.list()).not.toContain('.config/acs-env/lock')
  })

  it.each([
    ['its owner lives', '1', 0],
    ['it has just been made', '', 0],
  ])('is waited for where %s, until Ctrl+C', async (_, contents, ageMs) => {
    left(contents, ageMs)
    const controller = new AbortController()
    const waiting = lock(async () => 'in', { signal: controller.signal, onWait: () => controller.abort() })
    await expect(waiting).rejects.toThrow('Cancelled')
    expect(readFileSync(join(directory, 'lock'), 'utf8')).toBe(contents)
  })

  it('is asked for less and less often, so that many who wait leave the processor to the one that works', async () => {
    left('1')
    let asked = 0
    const isAlive = (): boolean => {
      asked += 1
      return asked > 0
    }
    const controller = new AbortController()
    const waiting = lock(async () => 'in', { signal: controller.signal }, { ...makeSystem(home.path), isAlive })
    setTimeout(() => controller.abort(), 1_000)
    await expect(waiting).rejects.toThrow('Cancelled')
    expect(asked).toBeGreaterThan(1)
    expect(asked).toBeLessThan(10)
  })

  it('that somebody took over is not given back by the one who lost it', async () => {
    await lock(async () => left('1'))
    expect(home.read('.config/acs-env/lock')).toBe('1')
  })

  it('one who died while clearing a stale one does not block', async () => {
    left(String(NOBODY))
    const path = home.write('.config/acs-env/lock.clearing', String(NOBODY))
    utimesSync(path, new Date(0), new Date(0))
    await expect(lock(async () => 'in')).resolves.toBe('in')
    expect(home.list()).toEqual(['.config', '.config/acs-env'])
  })
})
