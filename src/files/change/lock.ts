import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { hostname, uptime } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { attempt, CancelledError, CliError, systemCode } from '../../errors.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { fileError } from '../file-error.ts'
import { makeDirectory, removeEmptyDirectories } from './directory.ts'
import { giveToOwnerAround } from './owner.ts'

/** Longer than the one that holds it may take: 15 s for the network and then the writing. */
const WAIT_MS = 30_000
const POLL_MS = 50
/** How long a run that only reads waits for one that changes: longer than it takes to change files alone. */
const SETTLE_MS = 5_000
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
/** More than a process id and the longest name of a machine. */
const LONGEST_LOCK_BYTES = 512

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
        throw stillLocked(path)
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

/**
 * Waits until no other run changes what is stored there, but no longer than five seconds: one that asks the service
 * changes nothing before it has its answer. Goes on at once where the lock cannot be read.
 *
 * @throws CancelledError when the signal is aborted meanwhile
 */
export async function waitForChange(directory: string, system: System, signal: AbortSignal): Promise<void> {
  const path = join(directory, 'lock')
  const deadline = system.elapsedMs() + SETTLE_MS
  const isHeld = async (): Promise<boolean> => readLock(path) !== undefined && !isStale(path, system, STALE_MS)
  while (system.elapsedMs() < deadline) {
    const asked = await attempt(isHeld)
    if (asked.kind === 'failed' || !asked.value) return
    await pause(POLL_MS, signal)
  }
}

function stillLocked(path: string): CliError {
  const host = readLock(path)?.owner?.host
  const where = host === undefined || host === hostname() ? '' : ` on ${printable(host)}`
  return new CliError(`Another acs-env${where} is still at work.`, {
    code: 'locked',
    hint: `wait, or delete ${printable(path)} if none is running${where === '' ? '' : ' there'}`,
  })
}

/** Takes the lock file if it is free, or if its owner is gone. */
function tryAcquire(path: string, system: System): boolean {
  if (tryCreate(path, system)) return true
  if (!isStale(path, system, STALE_MS)) return false
  // Only the one that holds this second lock may take a stale one away: without it, two could each remove "the stale
  // lock", the second of them a fresh one.
  const clearing = clearingOf(path)
  if (!tryCreate(clearing, system)) {
    if (isStale(clearing, system, STALE_CLEARING_MS)) tryRemove(clearing)
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
  // What somebody else has put there does no harm yet.
  if (lookAt(clearing)?.isFile() === true && isStale(clearing, system, STALE_CLEARING_MS)) tryRemove(clearing)
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
      writeSync(descriptor, [system.processId, ...ownHost()].join(' '))
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
  const lock = readLock(path)
  if (lock === undefined) return false
  const { owner, stats } = lock
  // One from the future was made by a clock that was wrong, and would be as young for as long.
  const ageMs = Math.abs(system.now().getTime() - stats.mtimeMs)
  // Between its creation and its first byte a lock has no owner to ask for.
  if (owner === undefined) return ageMs > OWNERLESS_MS
  // In a home that machines or containers share: which processes live on another one cannot be found out.
  if (owner.host !== undefined && owner.host !== hostname()) return ageMs > staleMs
  // In a container a run often has the number of the one that was killed before it.
  if (owner.processId === system.processId && !held.has(path)) return ageMs > LONGEST_RUN_MS
  return !system.isAlive(owner.processId) || ageMs > staleMs || ageMs > uptime() * 1000
}

interface Owner {
  readonly processId: number
  /** The name of its machine; undefined in locks of version 0.1. */
  readonly host: string | undefined
}

/** Undefined where there is no lock, and its owner where it is not known. Throws for what can be no lock. */
function readLock(path: string): { readonly stats: Stats; readonly owner: Owner | undefined } | undefined {
  const entry = lookAt(path)
  if (entry === undefined) return undefined
  requireFile(entry, path)
  const lock = readBeginning(path)
  if (lock === undefined) return undefined
  requireFile(lock.stats, path)
  return { stats: lock.stats, owner: parseOwner(lock.text) }
}

function readBeginning(path: string): { readonly stats: Stats; readonly text: string } | undefined {
  try {
    // Waits for nobody, and goes nowhere else, if it has become a pipe or a link in this moment.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(LONGEST_LOCK_BYTES)
      return { stats: fstatSync(descriptor), text: bytes.toString('utf8', 0, readSync(descriptor, bytes)) }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw fileError('read', path, error)
  }
}

/** The name of this machine, in a list; none where it could not be separated from the process id in the lock. */
function ownHost(): readonly string[] {
  return [hostname()].filter((name) => /^\S{1,255}$/.test(name))
}

function parseOwner(text: string): Owner | undefined {
  const [, processId, host] = /^([1-9]\d{0,9})(?: (\S+))?$/.exec(text) ?? []
  return processId === undefined ? undefined : { processId: Number(processId), host }
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw fileError('read', path, error)
  }
}

function requireFile(stats: Stats, path: string): void {
  if (stats.isFile()) return
  const what = stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'symbolic link' : 'pipe, socket or device'
  throw new CliError(`${printable(path)} is a ${what}, where acs-env keeps its lock.`, {
    code: 'file',
    hint: 'delete it, or move it away if it is yours',
  })
}

/** Gives the lock back, unless it was taken away as stale and is another's now. */
function release(path: string, { processId }: System): void {
  const owner = readLock(path)?.owner
  if (owner?.processId === processId && (owner.host ?? hostname()) === hostname()) tryRemove(path)
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
