import { distinctFindings, type CheckResult } from '../doctor/examine.ts'
import type { Style } from '../system/terminal.ts'
import { printable } from '../text/printable.ts'
import { wrap } from '../text/wrap.ts'

type Level = CheckResult['level']

const MARKS: Readonly<Record<Level, readonly [mark: string, style: Style]>> = {
  error: ['✗', 'red'],
  warning: ['!', 'yellow'],
  ok: ['✓', 'green'],
  skipped: ['-', 'dim'],
}

/**
 * What the checks found, for people: what is wrong with its cure, and one last line.
 *
 * @param all also what is in order, and what was not looked at
 * @param width of a line, in columns
 */
export function renderExamination(
  results: readonly CheckResult[],
  program: string,
  all: boolean,
  width: number,
  style: (style: Style, text: string) => string,
): string {
  const findings = distinctFindings(results)
  const shown = all ? results.filter(({ level }) => level === 'ok' || level === 'skipped') : []
  return (
    [...findings, ...shown].map((result) => renderResult(result, program, width, style)).join('') +
    lastLine(results, style)
  )
}

function renderResult(
  { level, message, cure }: CheckResult,
  program: string,
  width: number,
  style: (style: Style, text: string) => string,
): string {
  const [mark, color] = MARKS[level]
  const lines = [`${style(color, mark)} ${wrapped(printable(message), width - 2).join('\n  ')}`]
  if (cure !== undefined) {
    const commands = cure.commands.map((command) => style('bold', printable(asTyped(command, program))))
    const [only] = commands
    if (only === undefined) lines.push(...wrapped(`${printable(cure.text)}.`, width - 4).map((line) => `    ${line}`))
    else if (commands.length === 1) lines.push(`    ${printable(cure.text)}: ${only}`)
    else lines.push(`    ${printable(cure.text)}:`, ...commands.map((command) => `      ${command}`))
  }
  return `${lines.join('\n')}\n`
}

/** Where there is no terminal a line stays as it is, with every blank in the names of files. */
function wrapped(text: string, width: number): readonly string[] {
  return width === Infinity ? [text] : wrap(text, width)
}

function lastLine(results: readonly CheckResult[], style: (style: Style, text: string) => string): string {
  const findings = distinctFindings(results)
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length
  const fine = results.filter(({ level }) => level === 'ok').length
  if (findings.length === 0) return `${style('green', '✓')} Everything is in order (${fine} checks).\n`
  const parts = [
    ...(count('error') === 0 ? [] : [plural(count('error'), 'problem')]),
    ...(count('warning') === 0 ? [] : [plural(count('warning'), 'warning')]),
  ]
  return `${parts.join(', ')}; ${plural(fine, 'other check')} ${fine === 1 ? 'is' : 'are'} fine.\n`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Commands of ours as the user starts this program. */
export function asTyped(command: string, program: string): string {
  return command.replace(/^acs-env(?= )/, () => program)
}
