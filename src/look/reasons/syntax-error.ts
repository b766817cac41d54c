import { resolve } from 'node:path'
import type { Place } from './cause.ts'

/** An error of which a shell names the file and the line. The rest of the message may repeat what stands there. */
export interface ReportedError extends Place {
  readonly isSyntax: boolean
}

const SYNTAX = /syntax error|parse error|unexpected|unterminated|unmatched|no closing quote/i

const REPORTS = [
  // bash
  /^(?:[\w./-]+: )*(\/[^:[]*): line (\d+): /,
  // ksh
  /^(?:[\w./-]+: )*(\/[^:[]*): syntax error at line (\d+): /,
  // zsh; dash with a blank
  /^(?:[\w./-]+: )*(\/[^:[]*): ?(\d+): /,
  // mksh
  /^(?:[\w./-]+: )*(\/[^:[]*)\[(\d+)\]: /,
]
/** dash has the line first. */
const DASH_REPORT = /^[\w./-]+: (\d+): (\/[^:]*): /

/** The errors on a shell's standard error that name a file, in order. */
export function reportedErrors(errorOutput: Buffer, home: string): readonly ReportedError[] {
  return errorOutput
    .toString('latin1')
    .split('\n')
    .flatMap((text) => {
      const [, dashLine, dashFile] = DASH_REPORT.exec(text) ?? []
      const matches = REPORTS.map((report) => report.exec(text))
      const [, file = dashFile, line = dashLine] = matches.find((match) => match !== null) ?? []
      if (file === undefined) return []
      return [{ file: resolve(home, file), line: Number(line), isSyntax: SYNTAX.test(text) }]
    })
}
