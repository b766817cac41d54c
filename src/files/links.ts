import { lstatSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs'
import { dirname, isAbsolute, parse, sep } from 'node:path'
import { systemCode } from '../errors.ts'
import { fileError } from './file-error.ts'

/** One call to the system; on Windows it fails for some virtual drives. */
const realPath = sep === '/' ? realpathSync.native : realpathSync
/** More links in a row than this are a circle, as in the kernel. */
const MAX_LINKS = 40

/**
 * The identity of a file: two paths lead to the same file if, and only if, this returns the same for both. Links are
 * followed as the kernel does, in every part of the path, also where the file or its directory does not exist yet.
 * Key records of files by this, never by how a path was spelled. (Hard links are
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
  try {
    return resolveLinks(path)
  } catch (error) {
    throw fileError('read', path, error)
  }
}

/** The same, but throws the system's own error. */
export function resolveLinks(path: string): string {
  const entry = lookAt(path)
  return entry === undefined ? path : resolvePath(path, entry)
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
    return resolvePath(path, entry)
  } catch (error) {
    throw fileError('read', path, error)
  }
}

/**
 * `realpath`, also for what does not exist.
 *
 * @param entry what is at the path
 */
function resolvePath(path: string, entry: Stats | undefined): string {
  const leadsNowhere = entry === undefined || (entry.isSymbolicLink() && lookBehind(path) === undefined)
  return leadsNowhere ? walk(path) : (tryRealPath(path) ?? walk(path))
}

/** Undefined where another run has taken the file away since it was looked at. */
function tryRealPath(path: string): string | undefined {
  try {
    return realPath(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Goes through the parts of a path one by one, and looks at each file once: links can lead through thousands of parts. */
function walk(path: string): string {
  let real = parse(path).root
  const ahead = partsOf(path)
  const seen = new Map<string, Stats | undefined>()
  let linksLeft = MAX_LINKS
  // How many of the last parts are behind something that does not exist, where there is nothing to look at.
  let missing = 0
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === '..') {
      real = dirname(real)
      missing = Math.max(0, missing - 1)
      continue
    }
    const own = real.endsWith(sep) ? `${real}${part}` : `${real}${sep}${part}`
    if (missing === 0 && !seen.has(own)) seen.set(own, lookAt(own))
    const stats = missing === 0 ? seen.get(own) : undefined
    if (stats?.isSymbolicLink() !== true) {
      real = own
      if (stats === undefined) missing += 1
      continue
    }
    if (linksLeft === 0) throw Object.assign(new Error('circle'), { code: 'ELOOP' })
    linksLeft -= 1
    const target = readlinkSync(own)
    if (isAbsolute(target)) real = parse(target).root
    ahead.push(...partsOf(target))
  }
  return real
}

/** The parts of a path below its root, the last one first. */
function partsOf(path: string): string[] {
  const parts = path.slice(parse(path).root.length).split(sep === '/' ? '/' : /[/\\]/)
  return parts.filter((part) => part !== '' && part !== '.').toReversed()
}

/** What is behind a link. */
function lookBehind(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

/** Without an error where nothing is there: an error is slow to make. */
function lookAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}
