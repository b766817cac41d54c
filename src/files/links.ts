import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs'
import { basename, dirname, isAbsolute, join, sep } from 'node:path'
import { systemCode } from '../errors.ts'
import { fileError } from './file-error.ts'

/** One call to the system; on Windows it fails for some virtual drives. */
const realPath = sep === '/' ? realpathSync.native : realpathSync
/** More links in a row than this are a circle, as in the kernel. */
const MAX_LINKS = 40

/**
 * The identity of a file: two paths lead to the same file if, and only if, this returns the same for both. Links are
 * followed as the kernel does, in every part of the path, also where the file, or the directory that it is to be in,
 * does not exist yet. Records of files are to be kept by this and never by how a path was spelled. (Hard links are
 * several files here; `distinctFiles` knows them.)
 *
 * @throws CliError where a part of the path cannot be looked at, or links form a circle
 */
export function identityOf(path: string): string {
  return resolveEntry(path, entryAt(path))
}

/**
 * Where to read and write a file: its identity where it exists or is a link, and otherwise the path itself, which
 * spares calls for each of the files that are often absent.
 */
export function followLinks(path: string): string {
  const entry = entryAt(path)
  return entry === undefined ? path : resolveEntry(path, entry)
}

/** Of paths that lead to one file the first, whether by symbolic links on the way or by hard links. */
export function distinctFiles(paths: readonly string[]): readonly string[] {
  const keys = paths.map(fileKey)
  return paths.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

function fileKey(path: string): string {
  const entry = entryAt(path)
  const real = resolveEntry(path, entry)
  const stats = entry?.isSymbolicLink() === true ? entryAt(real) : entry
  return stats?.isFile() === true && stats.nlink > 1 ? `${stats.dev}:${stats.ino}` : real
}

/** What is at a path, the link itself where it is one. */
function entryAt(path: string): Stats | undefined {
  try {
    return lookAt(path)
  } catch (error) {
    throw fileError('read', path, error)
  }
}

function resolveEntry(path: string, entry: Stats | undefined): string {
  try {
    return resolvePath(path, { left: MAX_LINKS }, entry)
  } catch (error) {
    throw fileError('read', path, error)
  }
}

/**
 * `realpath`, also for what does not exist.
 *
 * @param links how many more may be followed
 * @param entry what is at the path
 */
function resolvePath(path: string, links: { left: number }, entry = lookAt(path)): string {
  try {
    if (entry !== undefined) return realPath(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
  const parent = dirname(path)
  if (parent === path) return path
  const directory = resolvePath(parent, links)
  const name = basename(path)
  // Only behind something that does not exist, where the kernel has no answer at all.
  if (name === '..') return dirname(directory)
  const own = join(directory, name)
  if (lookAt(own)?.isSymbolicLink() !== true) return own
  if (links.left === 0) throw Object.assign(new Error('circle'), { code: 'ELOOP' })
  links.left -= 1
  const target = readlinkSync(own)
  // Not joined by text: where "../" leads depends on where the directory before it really is.
  return resolvePath(isAbsolute(target) ? target : `${directory}${sep}${target}`, links)
}

/** Without an error where nothing is there: an error is slow to make. */
function lookAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}
