import { mkdtempSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withoutSystemError } from '../../src/unforeseen-error.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return withoutSystemError(error)
  }
}

describe.runIf(process.platform === 'linux')('a failed file operation that nobody foresaw', () => {
  it('says that the disk is full, though Node does not say where', () => {
    expect(thrownBy(() => writeFileSync('/dev/full', 'text'))).toMatchObject({
      code: 'file',
      message: 'A file could not be written: the disk is full.',
      hint: 'free some space and run this again',
    })
  })

  it('names the path where Node does', () => {
    expect(thrownBy(() => mkdtempSync('/nowhere/x'))).toMatchObject({
      code: 'file',
      message: '/nowhere/xXXXXXX could not be reached: there is no such file.',
    })
  })

  it('leaves a bug what it is', () => {
    const bug = new TypeError('x is not a function')
    expect(withoutSystemError(bug)).toBe(bug)
    expect(withoutSystemError(undefined)).toBe(undefined)
  })
})
