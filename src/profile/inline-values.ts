import { Secret } from '../secret.ts'
import { otherLanguageOf } from '../shells/other-files.ts'
import { posixSyntax } from '../shells/posix-syntax.ts'
import type { Assignment, Shell } from '../shells/shell.ts'
import { findBlock, type Span } from './block.ts'

/** What reads, and writes, the statements of start-up files. */
export type Readers = readonly Pick<Shell, 'readAssignment' | 'assign'>[]

/** One for all that read what sh reads. */
const POSIX: Readers = [posixSyntax]
const QUOTE = "'"

/** Those that these files may need: the shells of other languages are loaded where one of their files is among them. */
export async function readersFor(paths: readonly string[]): Promise<Readers> {
  if (paths.every((path) => otherLanguageOf(path) === undefined)) return POSIX
  const { otherShells } = await import('../shells/other/index.ts')
  return [...POSIX, ...otherShells]
}

/** The values that a block holds in itself, by variable; none where its markers are broken. */
export function inlineValues(bytes: Buffer | undefined, readers: Readers): ReadonlyMap<string, Secret> {
  const found = bytes === undefined ? undefined : findBlock(bytes)
  if (bytes === undefined || found?.kind !== 'block') return new Map()
  // What sh reads has each value quoted so; the block that reads the values from files mostly has none.
  const { start, end } = found.span
  if (readers === POSIX && !bytes.subarray(start, end).includes(QUOTE)) return new Map()
  return new Map(
    blockLines(bytes, found.span).flatMap((line) => {
      const assignment = readStatement(line, readers)
      return assignment === undefined ? [] : [[assignment.name, new Secret(assignment.value)] as const]
    }),
  )
}

/** A line of a block that sets a variable to a value of its own, and how to write it anew. */
export interface InlineStatement {
  /** The whole line, without its ending. */
  readonly span: Span
  readonly assign: Shell['assign']
}

/** Where in a file the block sets this variable to a value of its own. */
export function inlineStatement(
  bytes: Buffer,
  block: Span,
  name: string,
  readers: Readers,
): InlineStatement | undefined {
  let start = block.start
  while (start < block.end) {
    const lineFeed = bytes.indexOf('\n', start)
    const end = lineFeed === -1 || lineFeed > block.end ? block.end : lineFeed
    const line = bytes.toString('utf8', start, end).trim()
    const reader = readers.find(({ readAssignment }) => readAssignment(line)?.name === name)
    if (reader !== undefined) return { span: { start, end }, assign: reader.assign }
    start = end + 1
  }
  return undefined
}

/** The lines of a block without its marker lines. */
export function blockLines(bytes: Buffer, { start, end }: Span): readonly string[] {
  return bytes
    .toString('utf8', start, end)
    .split(/\r?\n/)
    .slice(1)
    .slice(0, -1)
    .filter((line) => !line.trimStart().startsWith('# <<<'))
}

/** What a line in the form that acs-env writes sets, also where an editor has indented it. */
export function readStatement(line: string, readers: Readers): Assignment | undefined {
  const statement = line.trim()
  for (const { readAssignment } of readers) {
    const assignment = readAssignment(statement)
    if (assignment !== undefined) return assignment
  }
  return undefined
}
