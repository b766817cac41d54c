import { Secret } from '../secret.ts'
import { loginShells } from '../shells/index.ts'
import type { Assignment } from '../shells/shell.ts'
import { findBlock, type Span } from './block.ts'

const QUOTE = "'"

/** The values that a block holds in itself, by variable; none where its markers are broken. */
export function inlineValues(bytes: Buffer | undefined): ReadonlyMap<string, Secret> {
  const found = bytes === undefined ? undefined : findBlock(bytes)
  if (bytes === undefined || found?.kind !== 'block') return new Map()
  // Every language quotes a value so; the block that reads the values from files mostly has none.
  const { start, end } = found.span
  if (!bytes.subarray(start, end).includes(QUOTE)) return new Map()
  return new Map(
    blockLines(bytes, found.span).flatMap((line) => {
      const assignment = readStatement(line)
      return assignment === undefined ? [] : [[assignment.name, new Secret(assignment.value)] as const]
    }),
  )
}

/** Where in a file the block sets this variable to a value of its own: the whole line, without its ending. */
export function inlineStatement(bytes: Buffer, block: Span, name: string): Span | undefined {
  let start = block.start
  while (start < block.end) {
    const lineFeed = bytes.indexOf('\n', start)
    const end = lineFeed === -1 || lineFeed > block.end ? block.end : lineFeed
    if (readStatement(bytes.toString('utf8', start, end))?.name === name) return { start, end }
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

/** Several shells speak one language. */
const readers = new Set(loginShells.map(({ readAssignment }) => readAssignment))

/** What a line in the form that acs-env writes sets, also where an editor has indented it. */
export function readStatement(line: string): Assignment | undefined {
  const statement = line.trim()
  for (const readAssignment of readers) {
    const assignment = readAssignment(statement)
    if (assignment !== undefined) return assignment
  }
  return undefined
}
