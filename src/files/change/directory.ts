import { lstatSync, mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../errors.ts'
import { fileError } from '../file-error.ts'
import { giveDirectoryToOwnerAround } from './owner.ts'

/** Another run may take a directory away just when this one needs it, but not this often. */
const MOST_TRIES = 10_000

/**
 * Creates a directory and the ones above it, all private.
 *
 * @param made gets those that it created, the deepest first
 */
export function makeDirectory(path: string, made: string[] = []): void {
  const missing = [path]
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const next = missing.at(-1)
    if (next === undefined) return
    switch (tryMake(next, made)) {
      case 'there':
        missing.pop()
        break
      case 'no-parent':
        missing.push(dirname(next))
        break
      case 'vanished':
        break
    }
  }
  // A file system that creates nothing, such as /proc, says so in every directory that is there.
  throw fileError('created', path, { code: 'ENOENT' })
}

/** `vanished`: what was in its place was taken away in this moment. */
type Tried = 'there' | 'no-parent' | 'vanished'

function tryMake(path: string, made: string[]): Tried {
  try {
    mkdirSync(path, { mode: 0o700 })
    made.unshift(path)
    giveDirectoryToOwnerAround(path)
    return 'there'
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path) return 'no-parent'
    if (systemCode(error) !== 'EEXIST') throw fileError('created', path, error)
    const entry = lstatSync(path, { throwIfNoEntry: false })
    if (entry === undefined) return 'vanished'
    const isLink = entry.isSymbolicLink()
    if (isLink ? statSync(path, { throwIfNoEntry: false })?.isDirectory() : entry.isDirectory()) return 'there'
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
