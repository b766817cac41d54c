import { closeSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CancelledError, CliError, systemCode } from '../../errors.ts'
import type { System } from '../../system/system.ts'
import { fileError } from '../file-error.ts'
import { makeDirectory, removeEmptyDirectories } from './directory.ts'
import { giveToOwnerAround } from './owner.ts'

/** Longer than the one that holds it may take: 15 s for the network and then the writing. */
const WAIT_MS = 30_000
const POLL_MS = 50
/** Many that wait and ask all the time would take the processor away from the one that works. */
const LONGEST_POLL_MS = 500
/** Older than any run: its process id must have gone to another program. */
const STALE_MS = 10 * 60_000
/** Longer than any run holds it. */
const LONGEST_RUN_MS = 20_000
/** Its owner died before it could write its process id into it. */
const OWNERLESS_MS = 2_000
/** Someone who died while clearing a stale lock, a matter of microseconds. */
const STALE_CLEARING_MS = 5_000

/** The locks that this process has. */
const held = new Set<string>()

export interface LockOptions {
  readonly signal: AbortSignal
  /** Called once if another run has to be waited for. */
  readonly onWait?: () => void
}

export interface HeldLock {
  /** Another run held it first. */
  readonly waited: boolean
  /** The directories that were made for it, the deepest first. */
  readonly createdDirectories: readonly string[]
}

/**
 * Does `work` while no other run of this program changes what is stored. Makes the directory (private) for the lock,
 * and takes away again what it made and nobody filled. A lock whose owner died does not block.
 */
export async function withLock<Result>(
  directory: string,
  system: System,
  { signal, onWait }: LockOptions,
  work: (lock: HeldLock) => Promise<Result>,
): Promise<Result> {
  const path = join(directory, 'lock')
  const deadline = system.elapsedMs() + WAIT_MS
  const made: string[] = []
  let waits = 0
  try {
    for (;;) {
      makeDirectory(directory, made)
      if (tryAcquire(path, system)) break
      if (waits === 0) onWait?.()
      waits += 1
      if (system.elapsedMs() > deadline) {
        throw new CliError('Another acs-env is still at work.', {
          code: 'locked',
          hint: `wait, or delete ${path} if none is running`,
        })
      }
      await pause(Math.min(waits * POLL_MS, LONGEST_POLL_MS), signal)
    }
    held.add(path)
    try {
      removeClearing(path, system)
      return await work({ waited: waits > 0, createdDirectories: made })
    } finally {
      release(path, system)
      held.delete(path)
    }
  } finally {
    removeEmptyDirectories(made)
  }
}

/** Takes the lock file if it is free, or if its owner is gone. */
function tryAcquire(path: string, system: System): boolean {
  if (tryCreate(path, system)) return true
  if (!isStale(path, system, STALE_MS)) return false
  // Only the one that holds this second lock may take a stale one away: without it, two could each remove "the stale
  // lock", the second of them a fresh one.
  const clearing = clearingOf(path)
  if (!tryCreate(clearing, system)) {
    removeClearing(path, system)
    return false
  }
  try {
    if (isStale(path, system, STALE_MS)) tryRemove(path)
  } finally {
    tryRemove(clearing)
  }
  return tryCreate(path, system)
}

/** Someone who was killed while clearing a stale lock has left this, and where nobody clears again nobody trips over it. */
function removeClearing(path: string, system: System): void {
  const clearing = clearingOf(path)
  if (isStale(clearing, system, STALE_CLEARING_MS)) tryRemove(clearing)
}

function clearingOf(path: string): string {
  return `${path}.clearing`
}

function tryCreate(path: string, system: System): boolean {
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx', 0o600)
  } catch (error) {
    // ENOENT: the one that held it took its empty directory away in this moment.
    if (systemCode(error) === 'EEXIST' || systemCode(error) === 'ENOENT') return false
    throw fileError('created', path, error)
  }
  try {
    try {
      giveToOwnerAround(descriptor, path)
      writeSync(descriptor, String(system.processId))
    } finally {
      closeSync(descriptor)
    }
    return true
  } catch (error) {
    tryRemove(path)
    throw fileError('written', path, error)
  }
}

function isStale(path: string, system: System, staleMs: number): boolean {
  try {
    const ageMs = system.now().getTime() - statSync(path).mtimeMs
    const owner = ownerOf(path)
    // Between its creation and its first byte a lock has no owner to ask for.
    if (owner === undefined) return ageMs > OWNERLESS_MS
    // In a container a run often has the number of the one that was killed before it.
    if (owner === system.processId && !held.has(path)) return ageMs > LONGEST_RUN_MS
    return !system.isAlive(owner) || ageMs > staleMs || ageMs > uptime() * 1000
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

function ownerOf(path: string): number | undefined {
  // Read as bytes: Node itself aborts where it reads text and closing the file fails.
  const owner = Number(readFileSync(path).toString())
  return Number.isInteger(owner) && owner > 0 ? owner : undefined
}

/** Gives the lock back, unless it was taken away as stale and is another's now. */
function release(path: string, { processId }: System): void {
  try {
    if (ownerOf(path) === processId) unlinkSync(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError('removed', path, error)
  }
}

function tryRemove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError('removed', path, error)
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throw new CancelledError()
  }
}
