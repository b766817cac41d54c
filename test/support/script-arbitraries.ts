import * as fc from 'fast-check'
import { SNIPPETS } from './script-snippets.ts'
import { linesOf } from './shell-lines.ts'

export const PROBE = "export ACS_PROBE='x'\n"
/** Pieces of a script that are whole or not, and that together are anything; harmless with an empty PATH. */
const PIECES = [
  ...'\'"`#;&|(){}$\\!<>=*?[]~ \t'.split(''),

  '\n',
  '\n',
  '\n',
  '\n',
  'E',
  'E',
  '\nE\n',
  'x',
  'x=',
  ' a ',
  '$(',
  '${',
  '$((',
  '))',
  '((',
  ')',
  '() ',
  'f()',
  "$'",
  '$"',

  '&&',
  '||',
  ';;',
  ';&',
  '|&',
  '<<E',
  '<<-E',
  "<<'E'",
  '<<\\E',
  '<<<',
  '<(',
  '&>',
  '>&2 ',
  '[[ ',
  ' ]]',
  '${x#',
  '${x:-',

  'if ',
  'if :; then\n',
  ' then ',
  'else ',
  'fi\n',
  'fi',
  'for x in a; do\n',
  ' do ',
  'done\n',
  'while false; do\n',
  'case a in\n',

  'a) ',
  'esac\n',
  'function f ',
  'coproc ',
  'time ',
  '! ',
  '{ ',
  ' }',
  '}\n',
  '\\\n',
  '\\\\',
  '\r\n',
  ' # ',
  ':\n',
  ': ',
  'x=1\n',
]

export function soup(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(''))
}

export function composed(): fc.Arbitrary<string> {
  const whole = fc.constantFrom(...SNIPPETS).map(([, script]) => `${script.map((line) => line.slice(2)).join('\n')}\n`)
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: soup() }), { maxLength: 5 })
    .map((parts) => parts.join(''))
}

/** Every way to put the probe on a line of its own so that it counts as top level. */
export function withProbe(script: string): readonly string[] {
  const boundaries = [...linesOf(script).map(({ start }) => start), ...(/(^|\n)$/.test(script) ? [script.length] : [])]
  return [...new Set(boundaries)].flatMap((at) => {
    const text = script.slice(0, at) + PROBE + script.slice(at)
    return linesOf(text).find(({ start }) => start === at)?.kind === 'top-level' ? [text] : []
  })
}
