import { fstatSync, readSync, statSync, writeSync } from 'node:fs'
import { systemCode } from '../errors.ts'
import { builtin } from './builtin.ts'

/** On Windows consoles have an encoding, which only the streams of Node know. */
const HAS_PLAIN_DESCRIPTORS = process.platform !== 'win32'

/** Whether these descriptors are terminals; each piece of text that may be styled asks. */
const terminals = new Map<number, boolean>()

/** What a pipe holds. */
const PIECE_BYTES = 64 * 1024

/** Once a stream of Node's has something to write, what comes later must not overtake it. */
const streaming = new Set<number>()

/** Whether a standard stream is a terminal. Most that are not need no node:tty to be found out, which loads slowly. */
export function isTerminal(descriptor: number): boolean {
  const known = terminals.get(descriptor) ?? (mayBeTerminal(descriptor) && builtin('node:tty').isatty(descriptor))
  terminals.set(descriptor, known)
  return known
}

/**
 * Writes as much as can be written at once, without the streams of Node: they take longer to load than a whole
 * `--help`.
 *
 * @returns what is left for the streams
 */
export function writeAtOnce(descriptor: 1 | 2, text: string): Buffer {
  let rest = Buffer.from(text)
  if (!HAS_PLAIN_DESCRIPTORS || streaming.has(descriptor)) return rest
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest))
  } catch (error) {
    // The pipe is full and somebody has set it not to block; the stream will find any other error again, and report it.
    if (systemCode(error) === undefined) throw error
  }
  if (rest.length > 0) streaming.add(descriptor)
  return rest
}

/**
 * Reads to the end of what another program pipes in, without the streams of Node.
 *
 * @param take gets what was read, piece by piece
 * @returns false where the rest is for the streams
 */
export function readAtOnce(descriptor: 0, take: (chunk: Buffer) => void): boolean {
  if (!HAS_PLAIN_DESCRIPTORS || isTerminal(descriptor)) return false
  for (;;) {
    const chunk = Buffer.allocUnsafe(PIECE_BYTES)
    let length: number
    try {
      length = readSync(descriptor, chunk)
    } catch (error) {
      // Nothing is there yet, and somebody has set the pipe not to block.
      if (systemCode(error) === 'EAGAIN') return false
      throw error
    }
    if (length === 0) return true
    take(chunk.subarray(0, length))
  }
}

function mayBeTerminal(descriptor: number): boolean {
  if (!HAS_PLAIN_DESCRIPTORS) return true
  try {
    const stats = fstatSync(descriptor)
    // Scripts and timers send what they do not want to see to /dev/null.
    return stats.isCharacterDevice() && stats.rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev
  } catch {
    // It is closed.
    return false
  }
}
