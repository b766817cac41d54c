import { describe, expect, it } from 'vitest'
import { systemCode } from '../../src/errors.ts'
import { renderError, renderErrorDocument } from '../../src/ui/error-text.ts'

const SECRET = 'hunter2/not+it=='

describe('a bug shows where it happened and never what it held', () => {
  it.each([
    ['in its message', new Error(`it failed with ${SECRET}`)],
    [
      'in a line of its message that looks like a place',
      new Error(`it failed:\n    at ${SECRET}\n    at x (${SECRET}:1:1)`),
    ],
    ['in its name', Object.assign(new Error('it failed'), { name: SECRET })],
    ['in its cause', new Error('it failed', { cause: new Error(SECRET) })],
    ['in its code', Object.assign(new Error('it failed'), { code: SECRET })],
    ['as a text', SECRET],
    ['in a thing', { message: SECRET, code: SECRET, stack: `    at ${SECRET}` }],
  ])('%s', (_, error) => {
    const text = renderError(error, 'acs-env', undefined) + renderErrorDocument(error, 'acs-env')
    expect(text).toContain('This is a bug in acs-env')
    expect(text).not.toContain(SECRET)
    if (error instanceof Error) expect(text).toMatch(/^ +at .*error-text\.test\.ts/m)
    expect(systemCode(error)).toBeUndefined()
  })

  it('takes the code of a system error for what it is', () => {
    for (const code of ['ENOENT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'HPE_INVALID_CONSTANT']) {
      expect(systemCode({ code })).toBe(code)
    }
  })
})
