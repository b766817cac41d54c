import { CliError } from '../errors.ts'
import { readFileState } from '../files/read.ts'
import { Secret } from '../secret.ts'
import { findBlock, type Span } from './block.ts'

/** The values that a block holds in itself, by variable. */
export function readInlineValues(path: string, shown: string): ReadonlyMap<string, Secret> {
  const { bytes } = readFileState(path)
  const block = bytes === undefined ? undefined : inProfile(shown, () => findBlock(bytes))
  return bytes === undefined || block === undefined ? new Map() : inlineValues(bytes, block)
}

/** The same of a profile that has been read. */
export function inlineValues(bytes: Buffer, block: Span): ReadonlyMap<string, Secret> {
  return new Map(
    blockLines(bytes, block).flatMap((line) => {
      const [, name, quoted] = /^export (\w+)=('.*')$/s.exec(line) ?? []
      if (name === undefined || quoted === undefined) return []
      return [[name, new Secret(unquote(quoted))] as const]
    }),
  )
}

/** The lines of a block without its marker lines. */
export function blockLines(bytes: Buffer, { start, end }: Span): readonly string[] {
  return bytes
    .toString('utf8', start, end)
    .split(/\r?\n/)
    .slice(1)
    .slice(0, -1)
    .filter((line) => !line.startsWith('# <<<'))
}

/** What a word in single quotes stands for. */
export function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(String.raw`'\''`, "'")
}

/** Adds the file's name to an error that knows only the lines. */
export function inProfile<Result>(shown: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(`${shown}: ${error.message}`, { code: error.code, hint: error.hint })
  }
}
