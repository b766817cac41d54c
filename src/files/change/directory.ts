import { lstatSync, mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../errors.ts'
import { fileError } from '../file-error.ts'
import { giveDirectoryToOwnerAround } from './owner.ts'

/** Another run may take a directory away just when this one needs it; not as often as that. */
const MOST_TRIES = 100

/**
 * Creates a directory and the ones above it, all private.
 *
 * @param made gets those that it created, the deepest first
 */
export function makeDirectory(path: string, made: string[] = []): void {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) if (tryMake(path, made)) return
  // A file system that creates nothing, such as /proc, says so in every directory that is there.
  throw fileError('created', path, { code: 'ENOENT' })
}

/** False where what is around it, or in its place, was taken away in this moment, or was not there. */
function tryMake(path: string, made: string[]): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    made.unshift(path)
    giveDirectoryToOwnerAround(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path) {
      makeDirectory(dirname(path), made)
      return false
    }
    if (systemCode(error) !== 'EEXIST') throw fileError('created', path, error)
    const entry = lstatSync(path, { throwIfNoEntry: false })
    if (entry === undefined) return false
    const isLink = entry.isSymbolicLink()
    if (isLink ? statSync(path, { throwIfNoEntry: false })?.isDirectory() : entry.isDirectory()) return true
    throw fileError('created', path, { code: 'ENOTDIR' })
  }
}

/** Removes the directories that are empty, in this order; the first that is not ends it. */
export function removeEmptyDirectories(directories: readonly string[]): void {
  for (const directory of directories) {
    try {
      rmdirSync(directory)
    } catch {
      return
    }
  }
}
