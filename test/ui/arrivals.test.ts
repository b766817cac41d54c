import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createArrivalReader, type Arrival } from '../../src/ui/arrivals.ts'

const BEGINS = '\u001B[200~'
const ENDS = '\u001B[201~'

describe('what comes from the keyboard', () => {
  it.each<[string, string, readonly Arrival[]]>([
    ['a letter', 'y', [{ kind: 'typed', text: 'y' }]],
    ['a letter and Enter', 'y\r', [{ kind: 'typed', text: 'y\r' }]],
    ['a paste without markers', 'endpoint=x\r', [{ kind: 'burst', text: 'endpoint=x\r' }]],
    ['a paste with markers', `${BEGINS}a\rb${ENDS}`, [{ kind: 'paste', text: 'a\rb' }]],
    ['an arrow', '\u001B[B', [{ kind: 'key', sequence: '\u001B[B' }]],
    ['an arrow with a modifier', '\u001B[1;5C', [{ kind: 'key', sequence: '\u001B[1;5C' }]],
    ['Ctrl+C', '\u0003', [{ kind: 'cancel' }]],
    ['Ctrl+D', '\u0004', [{ kind: 'cancel' }]],
    ['Ctrl+Z', '\u001A', [{ kind: 'suspend' }]],
    [
      'a letter, backspace and Enter',
      'x\u007F\r',
      [
        { kind: 'typed', text: 'x' },
        { kind: 'key', sequence: '\u007F' },
        { kind: 'typed', text: '\r' },
      ],
    ],
  ])('%s', (_, sent, arrivals) => {
    expect(createArrivalReader().read(sent)).toEqual(arrivals)
  })

  it('Esc alone is known when nothing more has come', () => {
    const reader = createArrivalReader()
    expect(reader.read('\u001B')).toEqual([])
    expect(reader.holds).toBe('key')
    expect(reader.release()).toEqual([{ kind: 'cancel' }])
    expect(reader.holds).toBe('nothing')
  })

  it('a paste whose end is lost is handed over all the same, and Ctrl+C still cancels', () => {
    const reader = createArrivalReader()
    expect(reader.read(`${BEGINS}secret\u0003`)).toEqual([])
    expect(reader.holds).toBe('paste')
    expect(reader.release()).toEqual([{ kind: 'paste', text: 'secret\u0003' }, { kind: 'cancel' }])
  })

  it('a paste with markers is one, wherever it is cut', () => {
    const text = fc.string({ maxLength: 40 }).filter((candidate) => !candidate.includes('\u001B'))
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 6 })
    expect(() =>
      fc.assert(
        fc.property(text, cuts, (pasted, places) => {
          const sent = `x${BEGINS}${pasted}${ENDS}y`
          const sorted = [0, ...places.toSorted((a, b) => a - b), sent.length]
          const reader = createArrivalReader()
          const arrivals = sorted.flatMap((place, index) => reader.read(sent.slice(sorted[index - 1] ?? 0, place)))
          const pastes = arrivals.filter(({ kind }) => kind === 'paste')
          return (
            JSON.stringify(pastes) === JSON.stringify(pasted === '' ? [] : [{ kind: 'paste', text: pasted }]) &&
            reader.holds === 'nothing'
          )
        }),
        { numRuns: 1000 },
      ),
    ).not.toThrow()
  })
})
