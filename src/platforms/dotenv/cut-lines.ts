import { endOfLine, scanDotenv, type DotenvAssignment } from './scan.ts'

/** An assignment that was cut out of a text. */
export interface CutLine {
  readonly name: string
  /** As programs read it. */
  readonly value: string
  /** All of it, with its line ending where it had one. */
  readonly text: string
  /** Where it stood in what is left. */
  readonly offset: number
}

/** A text without some of its assignments; all else stays. */
export interface Cut {
  readonly rest: string
  readonly lines: readonly CutLine[]
}

/** @param goes judges an assignment by its name and value */
export function cutLines(text: string, goes: (assignment: DotenvAssignment) => boolean): Cut {
  const lines: CutLine[] = []
  let rest = ''
  let offset = 0
  for (const { name, value, start, end } of scanDotenv(text).assignments.filter(goes)) {
    rest += text.slice(offset, start)
    offset = endOfLine(text, end)
    lines.push({ name, value, text: text.slice(start, offset), offset: rest.length })
  }
  return { rest: rest + text.slice(offset), lines }
}
