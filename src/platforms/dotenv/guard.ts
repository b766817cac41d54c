import { lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from '../../errors.ts'
import type { FileState } from '../../files/read.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { profileObstacle, requireSafePlace } from '../posix/guard.ts'
import { findPlace } from '../posix/place.ts'

/** Why a `.env` file is not for this user to write to; undefined where nothing is against it. */
export function ownerObstacle(file: FileState, system: System): CliError | undefined {
  if (system.platform === 'win32') return undefined
  const place = findPlace(system)
  const link = linkObstacle(file, system)
  const profile = isOfMountedProject(file, place.home, system)
    ? undefined
    : profileObstacle(file.givenPath, file, place, false)
  const obstacle = link ?? profile
  if (obstacle === undefined) return undefined
  return new CliError(obstacle.message, {
    code: obstacle.code,
    hint: 'name a file of your own, or run this as its owner',
  })
}

/** Our own directory, which remembers the file, must be safe too. */
export function requireSafeMemory(system: System, change: 'stores' | 'removes'): void {
  if (system.platform !== 'win32') requireSafePlace(findPlace(system), system, change)
}

/** In a container, root works on a project whose owner has another number, and gives that owner what it makes there. */
function isOfMountedProject({ path, stats }: FileState, home: string, { userId }: System): boolean {
  return userId === 0 && statSync(home).uid === 0 && stats !== undefined && stats.uid === statSync(dirname(path)).uid
}

/** With a link, somebody else could lead a secret, or what root writes, to any place. */
function linkObstacle({ givenPath, path, stats }: FileState, { userId }: System): CliError | undefined {
  const link = lstatSync(givenPath, { throwIfNoEntry: false })
  if (path === givenPath || link?.isSymbolicLink() !== true || userId === undefined) return undefined
  if ([userId, 0, stats?.uid].includes(link.uid)) return undefined
  return new CliError(`${printable(givenPath)} is a link of another user's.`, { code: 'unsafe' })
}

/** Whether nobody but this user has the file, under this name or another: only then its permissions are changed. */
export function isOursAlone({ stats }: FileState, { userId }: System): boolean {
  return stats !== undefined && stats.nlink === 1 && userId !== undefined && stats.uid === userId
}
