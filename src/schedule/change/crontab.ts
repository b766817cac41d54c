import { CliError } from '../../errors.ts'
import type { SessionResult } from '../../system/session.ts'
import type { Environment, System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../../values/variable-name.ts'
import { PROGRAM_TIMEOUT_MS, QUESTION_TIMEOUT_MS } from './perform.ts'

/** A user's crontab as its program printed it. */
export type Crontab =
  | { readonly kind: 'table'; readonly bytes: Buffer }
  /** The user has none. */
  | { readonly kind: 'none' }
  /** Nobody knows what is in it, so it must not be written. */
  | { readonly kind: 'unreadable'; readonly why: string }
  /** There is no such program. */
  | { readonly kind: 'no-program' }

const BEGIN = '# >>> acs-env >>>'
const END = '# <<< acs-env <<<'

/** More than any cron takes. */
const MAX_BYTES = 4 * 1024 * 1024

/**
 * Reads the user's crontab, as bytes: it need not be UTF-8. Where there is no crontab, Debian, cronie, BusyBox,
 * systemd-cron and macOS exit with 1 and a sentence of their own, and dcron with 0 and nothing on standard output.
 */
export async function readCrontab(system: System, signal: AbortSignal): Promise<Crontab> {
  const result = await runCrontab(['-l'], system, signal)
  if (result.kind === 'not-started') {
    return result.code === 'ENOENT' ? { kind: 'no-program' } : { kind: 'unreadable', why: describe(result) }
  }
  if (result.kind !== 'exited') return { kind: 'unreadable', why: describe(result) }
  const [stdout = Buffer.alloc(0), stderr = Buffer.alloc(0)] = result.heard
  if (result.exitCode === 0) {
    return stdout.length === 0 && saysNone(stderr.toString('latin1'))
      ? { kind: 'none' }
      : { kind: 'table', bytes: stdout }
  }
  if (stdout.length === 0 && saysNone(stderr.toString('latin1'))) return { kind: 'none' }
  return { kind: 'unreadable', why: describe(result) }
}

/** What keeps a table from being written back as it is; undefined where nothing does. */
export function whyNotWritable(table: Buffer): string | undefined {
  const text = table.toString('latin1')
  // Debian prints a CR as "\r" and a backspace as "\b", so that the table cannot be given back.
  if (/\\r(?:\n|$)/.test(text) || /[\r\b]/.test(text))
    return 'it has carriage returns, which crontab does not print as they are'
  const [begins, ends] = [linesWith(text, BEGIN), linesWith(text, END)]
  const isPair = begins.length === ends.length && begins.length <= 1 && (begins[0] ?? 0) <= (ends[0] ?? 0)
  return isPair ? undefined : 'its acs-env markers are not one pair'
}

/** A table that has our block, at its end; where there was one already, in its place. */
export function withBlock(table: Buffer, line: string): Buffer {
  const block = Buffer.from(`${BEGIN}\n${line}\n${END}\n`)
  const span = blockSpan(table)
  if (span !== undefined) return Buffer.concat([table.subarray(0, span.start), block, table.subarray(span.end)])
  const isWhole = table.length === 0 || table.at(-1) === 0x0a
  return Buffer.concat([table, Buffer.from(isWhole ? '' : '\n'), block])
}

/** The table without our block; undefined where it has none. */
export function withoutBlock(table: Buffer): Buffer | undefined {
  const span = blockSpan(table)
  return span && Buffer.concat([table.subarray(0, span.start), table.subarray(span.end)])
}

/** The lines between our markers; empty where there are none. */
export function blockOf(table: Buffer | undefined): string {
  const span = table && blockSpan(table)
  return span === undefined ? '' : (table?.subarray(span.start, span.end).toString('utf8') ?? '')
}

function blockSpan(table: Buffer): { readonly start: number; readonly end: number } | undefined {
  const text = table.toString('latin1')
  const [start] = linesWith(text, BEGIN)
  const [end] = linesWith(text, END)
  if (start === undefined || end === undefined) return undefined
  const after = end + END.length
  return { start, end: text[after] === '\n' ? after + 1 : after }
}

/** Where the lines begin that are exactly this. */
function linesWith(text: string, line: string): readonly number[] {
  return [...text.matchAll(new RegExp(`^${line}$`, 'gm'))].map(({ index }) => index)
}

/** How `crontab -l` ended, with what it said where that is plain text. */
function describe(result: SessionResult): string {
  if (result.kind === 'not-started') return `it could not be started: ${result.code}`
  if (result.kind === 'timed-out') return 'it did not end in time'
  if (result.kind === 'killed') return `ended by ${result.signal}`
  const said = result.heard[1]?.toString('latin1').trim().split('\n', 1)[0] ?? ''
  return `exit ${result.exitCode}${/^[\u0020-\u007E]+$/.test(said) ? `: ${printable(said.slice(0, 200))}` : ''}`
}

function saysNone(message: string): boolean {
  return /no crontab for /.test(message) || /can't open '[^']*': No such file or directory/.test(message)
}

/** The environment in which crontab prints what it has, and nothing else. It needs no secret of a shell that has them. */
export function crontabEnvironment({ env }: Pick<System, 'env'>): Environment {
  const needed = Object.entries(env).filter(([name]) => name !== CONNECTION_STRING_NAME && name !== ACCESS_TOKEN_NAME)
  // Debian prints three lines of its own otherwise, which would be doubled when the table is written back.
  return { ...Object.fromEntries(needed), LC_ALL: 'C', CRONTAB_NOHEADER: 'Y', NO_COLOR: '1' }
}

/** Not through `System.run`: that makes text of what a program prints. Without a terminal nothing can ask. */
async function runCrontab(args: readonly string[], system: System, signal: AbortSignal): Promise<SessionResult> {
  return system.runInSession('crontab', args, {
    env: crontabEnvironment(system),
    workingDirectory: '/',
    timeoutMs: args.includes('-l') ? QUESTION_TIMEOUT_MS : PROGRAM_TIMEOUT_MS,
    signal,
    listenOn: [
      { descriptor: 1, maxBytes: MAX_BYTES },
      { descriptor: 2, maxBytes: 4096 },
    ],
  })
}

/** A crontab that could not be read is left alone: writing replaces all of it. */
export function unreadable(why: string): CliError {
  return new CliError(`The crontab could not be read (${why}), so it was left alone.`, {
    code: 'crontab',
    hint: 'see what "crontab -l" says',
  })
}
