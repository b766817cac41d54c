import { lstatSync, mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../errors.ts'
import { fileError } from '../file-error.ts'
import { giveDirectoryToOwnerAround } from './owner.ts'

/**
 * Creates a directory and the ones above it, all private.
 *
 * @param made gets those that it created, the deepest first
 */
export function makeDirectory(path: string, made: string[] = []): void {
  try {
    mkdirSync(path, { mode: 0o700 })
    made.unshift(path)
    giveDirectoryToOwnerAround(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path) {
      makeDirectory(dirname(path), made)
      return makeDirectory(path, made)
    }
    if (systemCode(error) !== 'EEXIST') throw fileError('created', path, error)
    const entry = lstatSync(path, { throwIfNoEntry: false })
    // Another run has taken it away in this moment.
    if (entry === undefined) return makeDirectory(path, made)
    const isLink = entry.isSymbolicLink()
    if (isLink ? statSync(path, { throwIfNoEntry: false })?.isDirectory() : entry.isDirectory()) return
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
