import { describe, expect, it } from 'vitest'
import { findResourceName, isResourceName, parseResourceName } from '../../src/values/resource-name.ts'

describe('the name of a resource', () => {
  it.each(['a', 'Staging', 'my-app.prod_2', '0', 'con', `a${'b'.repeat(62)}c`])('may be %s', (name) => {
    expect(parseResourceName(` ${name}\n`, 'linux')).toBe(name)
  })

  it.each(['', '.', '..', '.a', 'a.', '-a', 'a-', '_', 'a/b', 'a\\b', 'a b', 'a\nb', 'é', 'a:b', `a${'b'.repeat(64)}`])(
    'is not %j',
    (name) => {
      expect(isResourceName(name)).toBe(false)
      expect(() => parseResourceName(name, 'linux')).toThrow(expect.objectContaining({ code: 'invalid_resource_name' }))
    },
  )

  it.each(['con', 'NUL', 'aux.txt', 'com1', 'LPT9.x'])('is not %s on Windows, which has a device there', (name) => {
    expect(() => parseResourceName(name, 'win32')).toThrow(expect.objectContaining({ code: 'invalid_resource_name' }))
  })

  it.each(['console', 'com10', 'nullable'])('may be %s there', (name) => {
    expect(parseResourceName(name, 'win32')).toBe(name)
  })

  it('is found in any letter case, the same one first', () => {
    expect(findResourceName('STAGING', ['prod', 'staging'])).toBe('staging')
    expect(findResourceName('A', ['a', 'A'])).toBe('A')
    expect(findResourceName('b', ['a'])).toBeUndefined()
  })
})
