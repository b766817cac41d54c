import { join, resolve } from 'node:path'
import type { LoginShellName } from '../../shell-names.ts'
import type { Place } from './cause.ts'

/**
 * How a shell is made to trace itself: before each command it prints PS4, in which it expands where it is and what the
 * variables are at that moment. The text has values in it, so it stays in memory and goes nowhere.
 */
export interface TraceFormat {
  readonly ps4: (names: readonly string[]) => string
  /** Before the arguments that open the shell. */
  readonly args: readonly string[]
  /** Undefined where the shell printed PS4 as it is, or only part of it: such text names no place. */
  readonly read: (fields: readonly string[], home: string) => TracedPosition | undefined
}

/** A command that is about to run. */
export interface TraceRecord extends TracedPosition {
  /** The variables before it, in the order of the names. */
  readonly marks: readonly Mark[]
  /** As the shell prints it; may hold values. */
  readonly command: string
}

interface TracedPosition {
  /** From the inside out; empty in the command that we ask the shell to run. */
  readonly route: readonly PartialPlace[]
  /** How many files and functions are around it, where the shell says so. */
  readonly depth: number | undefined
  /** What it sets there is gone afterwards. */
  readonly inSubshell: boolean
}

export interface PartialPlace {
  readonly file: string | undefined
  readonly line: number | undefined
}

/** A variable's value by its length and its end; 'unset', or 'unseen' where the shell did not expand PS4. */
export type Mark = 'unset' | 'unseen' | { readonly text: string; readonly attributes: string }

/** No text that a start-up file prints begins with these by chance. */
export const RECORD = '\u001E'
export const FIELD = '\u001F'
/** Of a value; its length is known too. */
export const TAIL = 8

const bash: TraceFormat = {
  // Since 4.4 `@a` gives the attributes.
  ps4: (names) =>
    ps4(
      ['${BASH_SOURCE+${BASH_SOURCE[@]/%/|}}', '${BASH_LINENO+${BASH_LINENO[*]}}', '$LINENO', '$BASH_SUBSHELL'],
      names.map(
        (name) => `\${${name}+\${#${name}}:\${${name}: \${#${name}}<${TAIL}?0:\${#${name}}-${TAIL}}:\${${name}@a}}`,
      ),
    ),
  args: ['-x'],
  read: ([sources = '', lines = '', line = '', subshell = ''], home) => {
    if (!isNumber(line) || isUnexpanded(sources) || isUnexpanded(lines)) return undefined
    const files = sources
      .split('|')
      .map((file, index) => file.slice(index === 0 ? 0 : 1))
      .filter((file) => file !== '')
    const callers = lines.split(/\D+/)
    return {
      route: files.map((file, index) => ({
        file: resolve(home, file),
        line: Number(index === 0 ? line : callers[index - 1]),
      })),
      depth: undefined,
      inSubshell: Number(subshell) > 0,
    }
  },
}

/** bash 4.3 and older, which 3.2 of macOS is. */
export const oldBash: TraceFormat = {
  ...bash,
  ps4: (names) => bash.ps4(names).replaceAll(/:\$\{\w+@a\}/g, ':'),
}

const zsh: TraceFormat = {
  ps4: (names) =>
    ps4(
      ['%x', '%I', '%N', '${(j:|:)funcfiletrace}', '$ZSH_SUBSHELL'],
      // The dash tells the words of zsh from the letters of bash.
      names.map((name) => `\${${name}+\${#${name}}:\${${name}[-${TAIL},-1]}:\${(t)${name}}-}`),
    ),
  args: ['-o', 'promptsubst', '-x'],
  read: ([file = '', line = '', name = '', callers = '', subshell = ''], home) => {
    if (!isNumber(line)) return undefined
    const calls = isUnexpanded(callers) ? [] : callers.split('|')
    // Within `eval` lines are counted on from that line.
    const all = name === '(eval)' && calls.length > 0 ? calls : [`${file}:${line}`, ...calls]
    const places = all.flatMap((call) => {
      const colon = call.lastIndexOf(':')
      const path = call.slice(0, colon)
      return path.includes('/') ? [{ file: resolve(home, path), line: Number(call.slice(colon + 1)) }] : []
    })
    return { route: places, depth: undefined, inSubshell: Number(subshell) > 0 }
  },
}

const ksh: TraceFormat = {
  ps4: (names) => ps4(['${.sh.file}', '$LINENO', '${.sh.subshell}', '${.sh.level}'], names.map(posixMark)),
  args: ['-x'],
  read: ([file = '', line = '', subshell = '', level = ''], home) =>
    isNumber(line) && !isUnexpanded(file)
      ? {
          depth: Number(level),
          route: file.includes('/') ? [{ file: resolve(home, file), line: Number(line) }] : [],
          inSubshell: Number(subshell) > 0,
        }
      : undefined,
}

const mksh: TraceFormat = {
  ps4: (names) => ps4(['$LINENO'], names.map(posixMark)),
  args: ['-x'],
  read: ([line = '']) =>
    isNumber(line)
      ? { route: [{ file: undefined, line: Number(line) }], depth: undefined, inSubshell: false }
      : undefined,
}

const sh: TraceFormat = {
  // Without a line: dash has none. It cannot cut values either.
  ps4: (names) =>
    ps4(
      [''],
      names.map((name) => `\${${name}+\${#${name}}:$${name}:}`),
    ),
  args: ['-x'],
  read: () => ({ route: [{ file: undefined, line: undefined }], depth: undefined, inSubshell: false }),
}

const FORMATS: Partial<Record<LoginShellName, TraceFormat>> = { bash, zsh, ksh, mksh, sh }

/** Undefined where a shell cannot be traced. */
export function traceFormatOf(name: LoginShellName): TraceFormat | undefined {
  return FORMATS[name]
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text)
}

/** bash prints the assignment of PS4 in its own trace, and zsh what it does not expand. */
function isUnexpanded(text: string): boolean {
  return text.includes('${')
}

function ps4(position: readonly string[], marks: readonly string[]): string {
  return `${RECORD}${[...position, ...marks, ''].join(FIELD)}`
}

function posixMark(name: string): string {
  return `\${${name}+\${#${name}}:\${${name}: -${TAIL}}:}`
}

/** The records in what a shell printed, in order. */
export function readTrace(
  output: Buffer,
  format: TraceFormat,
  names: readonly string[],
  home: string,
): readonly TraceRecord[] {
  const positions = format.ps4([]).split(FIELD).length - 1
  return output
    .toString('latin1')
    .split(RECORD)
    .flatMap((text) => {
      const fields = text.split(FIELD)
      const marks = fields.slice(positions, positions + names.length)
      const command = fields[positions + names.length]
      const position = format.read(fields, home)
      if (command === undefined || position === undefined) return []
      return [{ ...position, marks: marks.map(readMark), command: firstLine(command) }]
    })
}

/** A mark that a shell has printed as `3:old:x`, or as nothing. */
export function readMark(text: string): Mark {
  if (text === '') return 'unset'
  const [, length, tail = '', attributes = ''] = /^(\d+):(.*):([\w-]*)$/s.exec(text) ?? []
  return length === undefined ? 'unseen' : { text: `${length}:${tail.slice(-TAIL)}`, attributes }
}

/** The mark of a value, to compare with those of a trace. */
export function markTextOf(value: string): string {
  return `${value.length}:${value.slice(-TAIL)}`
}

function firstLine(text: string): string {
  const end = text.indexOf('\n')
  return (end === -1 ? text : text.slice(0, end)).trim()
}

/** Where bash takes no PS4 from the environment, as it does not for root, a file of ours sets it. */
export function bashShim(ps4: string, home: string, directory: string, quote: (text: string) => string): BashShim {
  const set = `HOME=${quote(home)}\nPS4=${quote(ps4)}\n`
  const read = (names: readonly string[]): string =>
    `${names.map((name, index) => `${index === 0 ? 'if' : 'elif'} [ -r ~/${name} ]; then . ~/${name}`).join('\n')}\nfi\n`
  return {
    login: { file: join(directory, '.bash_profile'), text: set + read(['.bash_profile', '.bash_login', '.profile']) },
    interactive: { file: join(directory, 'bashrc'), text: set + read(['.bashrc']) },
  }
}

interface BashShim {
  readonly login: ShimFile
  readonly interactive: ShimFile
}

interface ShimFile {
  readonly file: string
  readonly text: string
}

export function isPlace(place: PartialPlace): place is Place {
  return place.file !== undefined && place.line !== undefined
}
