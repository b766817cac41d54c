import { readFileSync } from 'node:fs'
import type { Environment } from './system.ts'

/** A start by way of a shell, for bytes that Node cannot hand on: it takes text only, and writes it as UTF-8. */
export interface RawLaunch {
  readonly program: string
  readonly args: readonly string[]
  /** What the shell reads from `descriptor`. Not an argument, which other users can see. */
  readonly script: Buffer
  readonly descriptor: number
}

/** What Node reads instead of bytes that are not UTF-8. */
const REPLACEMENT = '\uFFFD'
/** dash takes one digit only. */
const DESCRIPTORS = [3, 4, 5, 6, 7, 8, 9]

/**
 * How to start the command with the bytes that this process was given, where some of them are not UTF-8; undefined where
 * all are, which is nearly always. Only on Linux can they be looked up. A variable whose name is not UTF-8 is lost, and
 * so are, in this case alone, those whose names a shell does not take.
 *
 * @param command the program and its arguments, the last ones of our own
 * @param taken descriptors that the command gets
 */
export function rawLaunch(
  command: readonly string[],
  env: Environment,
  taken: readonly number[],
): RawLaunch | undefined {
  const texts = [...command, ...Object.values(env)]
  const descriptor = DESCRIPTORS.find((number) => !taken.includes(number))
  if (descriptor === undefined || !texts.some((text) => text?.includes(REPLACEMENT))) return undefined
  const given = fieldsOf('/proc/self/cmdline').slice(-command.length)
  const words = command.map((text, index) => sameText(given[index], text) ?? Buffer.from(text))
  const variables = fieldsOf('/proc/self/environ').flatMap((field) => {
    const index = field.indexOf('=')
    const name = field.toString('utf8', 0, index)
    const value = sameText(field.subarray(index + 1), env[name])
    return value !== undefined && !isText(value) && /^[A-Za-z_]\w*$/.test(name) ? [{ name, value }] : []
  })
  if (words.every(isText) && variables.length === 0) return undefined
  const script = Buffer.concat([
    Buffer.from(`exec ${descriptor}<&-\n`),
    ...variables.flatMap(({ name, value }) => [Buffer.from(`export ${name}=`), quote(value), Buffer.from('\n')]),
    Buffer.from('exec'),
    ...words.flatMap((word) => [Buffer.from(' '), quote(word)]),
    Buffer.from('\n'),
  ])
  return { program: '/bin/sh', args: ['-c', `eval "$(cat <&${descriptor})"`], script, descriptor }
}

function fieldsOf(path: string): readonly Buffer[] {
  try {
    const bytes = readFileSync(path)
    const fields: Buffer[] = []
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(0, start)
      fields.push(bytes.subarray(start, end === -1 ? bytes.length : end))
      start = end === -1 ? bytes.length : end + 1
    }
    return fields
  } catch {
    return []
  }
}

/** These bytes, if this text is what Node made of them. */
function sameText(bytes: Buffer | undefined, text: string | undefined): Buffer | undefined {
  return bytes !== undefined && bytes.toString() === text ? bytes : undefined
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes)
}

/** Byte by byte, as `latin1` keeps them. */
function quote(bytes: Buffer): Buffer {
  return Buffer.from(`'${bytes.toString('latin1').replaceAll("'", String.raw`'\''`)}'`, 'latin1')
}
