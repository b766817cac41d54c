import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from '../../errors.ts'
import { openToOthers, requireSafePlace } from '../../platforms/posix/guard.ts'
import { findPlace, type PosixPlace } from '../../platforms/posix/place.ts'
import { isForeignHome } from '../../shells/foreign-home.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'

/**
 * Refuses to put a program that will be run again and again where it would be another user's, or where a link leads.
 *
 * @param directory our own, for the job
 * @returns warnings for directories above it that others can write to
 */
export function requireSafeDirectory(directory: string, system: System): readonly string[] {
  requireNoLink(directory)
  // Windows keeps the profile of a user from the others.
  if (system.platform === 'win32') return []
  const place = findPlace(system)
  if (/[\r\n]/.test(place.home)) {
    throw new CliError('The path of your home has a line break in it, which schedulers do not take.', {
      code: 'unsafe',
    })
  }
  requireSafePlace(place, system, 'stores')
  // root in the home of another user, as containers have it: the job would be root's.
  requireOwnHome(place, 'and the job would be yours')
  const storeDirectory = dirname(directory)
  return openToOthers([place.home, dirname(storeDirectory), storeDirectory, directory], place.home)
}

/**
 * Refuses to take away a job that is another user's, whatever the records in that home say. What is in a linked directory
 * of one's own can still be taken away.
 *
 * @param directory our own, for the job
 */
export function requireOwnJob(directory: string, system: System): void {
  requireNoLink(directory)
  if (system.platform === 'win32') return
  const place = findPlace(system)
  requireSafePlace(place, system, 'removes')
  requireOwnHome(place, 'and so does the job that renews the token there')
}

function requireOwnHome({ home, userId }: PosixPlace, why: string): void {
  if (!isForeignHome(home, { userId })) return
  throw new CliError(`This home belongs to another user, ${why}.`, {
    code: 'unsafe',
    hint: 'run this as the user that it belongs to',
  })
}

/** Nothing of ours is a link: behind one, files of somebody else's would be replaced or removed. */
export function requireNoLink(directory: string): void {
  if (lstatSync(directory, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return
  throw new CliError(`${printable(directory)} is a symbolic link, and the job would run what is behind it.`, {
    code: 'unsafe',
    hint: 'delete the link, which leaves alone what it leads to, and run this again',
  })
}
