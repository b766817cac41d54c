import { describe, expect, it } from 'vitest'
import { parseIdentityId, resourceOf } from '../../src/values/identity-id.ts'

describe('identities', () => {
  const id = '8:acs:05d441b3-1111-2222-3333-444455556666_00000025-4558-97df-c40f-6b3a0d005422'

  it.each([id, ` ${id}\n`, id.replace('acs', 'gcch-acs'), '8:spool:a_b'])('%j', (text) => {
    expect(parseIdentityId(text)).toBe(text.trim())
  })

  it.each(['', 'bob', '8:orgid:x y', '8:acs:', `${id}/../x`, '+15551234'])('not %j', (text) => {
    expect(() => parseIdentityId(text)).toThrow('not the id of an identity')
  })

  it('tells the resource', () => {
    expect([resourceOf(id), resourceOf('8:spool:a_b'), resourceOf(undefined)]).toEqual([
      '05d441b3-1111-2222-3333-444455556666',
      undefined,
      undefined,
    ])
  })
})
