import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { runShell } from './programs/shell-run.ts'
import { PROBE, soup, withProbe } from './script-arbitraries.ts'
import { linesOf } from './shell-lines.ts'

/** The lines of any text at all are the text. */
export const coverProperty = fc.property(
  fc.oneof(soup(), fc.string({ unit: 'binary' })),
  fc.constantFrom('posix', 'zsh'),
  (text, dialect) => {
    const lines = linesOf(text, dialect)
    expect(lines.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
    expect(lines.map(({ start, end }) => text.slice(start, end))).toEqual(text.match(/[^\n]*\n|[^\n]+/g) ?? [])
  },
)

/** A real bash that says of scripts what they are; it works in this directory. */
export interface BashJudge {
  /** Verdict, all variables and functions, and the probe: of the script with the probe and of that without. */
  judge(text: string): readonly string[]
  /** What we call a top-level line is a plain statement to bash. Counts the scripts that had one. */
  topLevelProperty(scripts: fc.Arbitrary<string>): {
    readonly property: fc.IProperty<[string, number]>
    judged(): number
  }
}

export function bashJudge(directory: string): BashJudge {
  const judge = (text: string): readonly string[] => {
    writeFileSync(join(directory, 'with'), text, 'latin1')
    writeFileSync(join(directory, 'without'), text.replace(PROBE, ''), 'latin1')
    const state =
      'set | "$GREP" -av "^\\(ACS_PROBE\\|BASH\\|FUNCNAME\\|LINENO\\|PIPESTATUS\\|_\\|RANDOM\\|SECONDS\\|EPOCH\\|SRANDOM\\|COPROC\\|NAME\\)"'
    const run = `( cd "$D/scratch" || exit; FUNCNEST=4; PATH=; . "$D/$1" > /dev/null 2>&1; exec 2> /dev/null; echo "[$ACS_PROBE]"; unset ACS_PROBE; ${state} )`
    const driver = `D=$1; GREP=$(command -v grep); mkdir -p "$D/scratch"; rm -f "$D"/scratch/*
      for script in with without; do
        bash -n "$D/$script" > /dev/null 2>&1; echo "$?"; set -- "$script"; unset script; ${run}; printf '\\0'
      done`
    const { stdout } = runShell('bash', ['--norc', '-c', driver, 'bash', directory], join(directory, 'home'))
    return stdout.split('\0').slice(0, 2)
  }

  /** Something stopped the run before the probe: at least what stands before it is to be a script of its own. */
  const isWhole = (script: string): boolean => {
    writeFileSync(join(directory, 'before'), script, 'latin1')
    const { status, stderr } = runShell('bash', ['-n', join(directory, 'before')], join(directory, 'home'))
    return status === 0 && stderr === ''
  }

  const topLevelProperty: BashJudge['topLevelProperty'] = (scripts) => {
    let judged = 0
    const property = fc.property(scripts, fc.nat(), (script, pick) => {
      const candidates = withProbe(script)
      const text = candidates[pick % Math.max(candidates.length, 1)]
      if (text === undefined) return
      const [before = '', after = ''] = judge(text)
      judged += 1
      expect(before[0]).toBe(after[0])
      // Where bash finds an error it stops, at one place or another.
      if (before[0] !== '0') return
      expect(before.includes('[x]') || isWhole(text.slice(0, text.indexOf(PROBE)))).toBe(true)
      expect(before.replace('[x]', '[]')).toBe(after)
    })
    return { property, judged: () => judged }
  }
  return { judge, topLevelProperty }
}
