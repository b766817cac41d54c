import { CancelledError, CliError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'
import { printable } from '../text/printable.ts'
import { wrapSentences } from '../text/wrap.ts'

/**
 * An error for people: what happened, then what to do. A bug shows where it happened, and never what it held.
 *
 * @param program how the user starts this program, for hints that are to run as printed
 * @param screen colours and wraps it; absent for a plain text
 */
export function renderError(
  error: unknown,
  program: string,
  screen: Pick<Terminal, 'width' | 'style'> | undefined,
): string {
  const label = (name: 'red' | 'cyan', text: string): string => screen?.style(name, text) ?? text
  const { message, hint } = describe(error, program)
  const wrapped = (text: string): string => wrapSentences(`${text}\n`, screen?.width(2) ?? Infinity)
  if (error instanceof CancelledError) return wrapped(message)
  const hintLine = hint === undefined ? '' : wrapped(`${label('cyan', 'hint:')} ${hint}`)
  return `${wrapped(`${label('red', 'error:')} ${message}`)}${hintLine}${error instanceof CliError ? '' : placesOf(error)}`
}

/** An error for programs. */
export function renderErrorDocument(error: unknown, program: string): string {
  const { code, message, hint } = describe(error, program)
  return `${JSON.stringify({ error: { code, message, ...(hint !== undefined && { hint }) } })}\n`
}

function describe(error: unknown, program: string): { code: string; message: string; hint: string | undefined } {
  if (!(error instanceof CliError)) {
    // The kind of error alone: the message of an unforeseen one may repeat a secret.
    const kind = error instanceof Error ? error.constructor.name : typeof error
    return { code: 'bug', message: `This is a bug in acs-env (${printable(kind)}).`, hint: undefined }
  }
  const hint = error.hint?.replaceAll('"acs-env ', `"${program} `)
  return { code: error.code, message: printable(error.message), hint: hint === undefined ? undefined : printable(hint) }
}

/** The frames of the stack, without the message in front of them. */
function placesOf(error: unknown): string {
  // A line of the message may look like a place.
  const stack = error instanceof Error ? (error.stack ?? '').replace(error.message, () => '') : ''
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return frames.length === 0 ? '' : `${frames.map(printable).join('\n')}\n`
}
