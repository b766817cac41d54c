import * as fc from 'fast-check'
import { expect } from 'vitest'
import { findLiteralExports } from '../../../src/profile/change/literal-exports.ts'
import { findMentions } from '../../../src/profile/change/mentions.ts'
import { parserOf } from '../../../src/profile/change/parser.ts'
import { bash } from '../../../src/shells/bash.ts'
import { zsh } from '../../../src/shells/zsh.ts'
import { systemForParsers } from '../programs/parse-driver.ts'
import { beginStatements, PROBE } from './statement-judge.ts'

const SHELLS = { bash, zsh }
const LINE = `export ${PROBE}='x'\n`

/**
 * An export that is taken over is a statement of the top level to the shell itself, wherever in a script it stands. Counts
 * the exports that were taken.
 */
export function literalExportsProperty(
  shell: 'bash' | 'zsh',
  scripts: fc.Arbitrary<string>,
): { readonly property: fc.IAsyncProperty<[string, number]>; taken(): number } {
  let taken = 0
  const system = systemForParsers()
  const property = fc.asyncProperty(scripts, fc.nat(), async (script, pick) => {
    const starts = [0, ...[...script.matchAll(/\n/g)].map(({ index }) => index + 1)]
    const at = starts[pick % starts.length] ?? 0
    const before = script.slice(0, at)
    const bytes = Buffer.from(before + LINE + script.slice(at), 'latin1')
    const found = await findLiteralExports(
      bytes,
      [PROBE],
      findMentions(bytes, [PROBE], undefined),
      undefined,
      parserOf(SHELLS[shell], shell, system),
    )
    // zsh 5.9 never ends printing a coprocess without a command.
    if (found.length === 0 || (shell === 'zsh' && /\bcoproc[ \t]*$/m.test(before))) return
    taken += 1
    expect(beginStatements(shell, [before])).toEqual([true])
  })
  return { property, taken: () => taken }
}
