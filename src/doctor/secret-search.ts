import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { systemCode } from '../errors.ts'
import type { Stored } from '../store/stored.ts'
import { readTokenClaims } from '../values/token-claims.ts'

/** What is searched for: the access key itself, in any context, and the token while it is good. */
export interface Sought {
  readonly kind: 'access key' | 'access token'
  readonly bytes: Buffer
}

/** A file that has one of them, and in which lines. */
export interface Spilled {
  readonly file: string
  readonly kind: Sought['kind']
  /** Counted from 1. */
  readonly lines: readonly number[]
}

/** Of a file that is larger the rest is not read. */
const MAX_BYTES = 64 * 1024 * 1024
const PIECE_BYTES = 1024 * 1024
/** A shorter text may be in a file by chance. */
const SHORTEST = 16
const LINE_FEED = 0x0a

export function soughtSecrets({ connectionString, accessToken }: Stored, now: Date): readonly Sought[] {
  const [, key = ''] = /accesskey=([^;\s]+)/i.exec(connectionString?.reveal() ?? '') ?? []
  const token = accessToken?.reveal() ?? ''
  const expiresOn = readTokenClaims(token)?.expiresOn
  const isDead = expiresOn !== undefined && expiresOn <= now
  const sought: readonly Sought[] = [
    { kind: 'access key', bytes: Buffer.from(key) },
    { kind: 'access token', bytes: Buffer.from(isDead ? '' : token) },
  ]
  return sought.filter(({ bytes }) => bytes.length >= SHORTEST)
}

/** Looks for the secrets, byte by byte; a file that cannot be read has none. */
export function findSpilled(files: readonly string[], sought: readonly Sought[]): readonly Spilled[] {
  if (sought.length === 0) return []
  return files.flatMap((file) => {
    const lines = searchFile(file, sought)
    return sought.flatMap(({ kind }, index) => {
      const found = lines[index] ?? []
      return found.length === 0 ? [] : [{ file, kind, lines: found }]
    })
  })
}

/** For each of them the numbers of the lines in which it begins. */
function searchFile(file: string, sought: readonly Sought[]): readonly (readonly number[])[] {
  let descriptor: number
  try {
    // What is no file, such as a named pipe, must not be waited for.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return []
  }
  try {
    return fstatSync(descriptor).isFile() ? searchOpen(descriptor, sought) : []
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return []
  } finally {
    closeSync(descriptor)
  }
}

function searchOpen(descriptor: number, sought: readonly Sought[]): readonly (readonly number[])[] {
  const found = sought.map(() => new Set<number>())
  // A piece begins with the end of the one before: a secret may lie across the cut.
  const overlap = Math.max(...sought.map(({ bytes }) => bytes.length)) - 1
  const buffer = Buffer.allocUnsafe(PIECE_BYTES + overlap)
  let kept = 0
  let lineOfStart = 1
  for (let read = 0; read < MAX_BYTES;) {
    const length = readSync(descriptor, buffer, kept, PIECE_BYTES, null)
    if (length === 0) break
    read += length
    const piece = buffer.subarray(0, kept + length)
    sought.forEach(({ bytes }, index) => {
      for (let at = piece.indexOf(bytes); at !== -1; at = piece.indexOf(bytes, at + 1)) {
        found[index]?.add(lineOfStart + countLineFeeds(piece.subarray(0, at)))
      }
    })
    const keptFrom = Math.max(0, piece.length - overlap)
    lineOfStart += countLineFeeds(piece.subarray(0, keptFrom))
    kept = piece.length - keptFrom
    piece.copy(buffer, 0, keptFrom)
  }
  return found.map((lines) => [...lines])
}

function countLineFeeds(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1
  return count
}
