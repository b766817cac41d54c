import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../errors.ts'
import { fileError } from './file-error.ts'

/** Creates a directory and the ones above it, all private; returns those it created, the deepest first. */
export function makeDirectory(path: string): readonly string[] {
  try {
    mkdirSync(path, { mode: 0o700 })
    return [path]
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path) {
      const above = makeDirectory(dirname(path))
      return [...makeDirectory(path), ...above]
    }
    if (systemCode(error) === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return []
    throw fileError('created', path, systemCode(error) === 'EEXIST' ? { code: 'ENOTDIR' } : error)
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
