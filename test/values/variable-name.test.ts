import { describe, expect, it } from 'vitest'
import { parseAlias } from '../../src/values/variable-name.ts'

describe('further names', () => {
  it.each(['ACS_CONNECTION_STRING', 'connection', '_X1'])('%s', (name) => expect(parseAlias(name, {})).toBe(name))

  it.each([
    '',
    '1A',
    'A B',
    'A=B',
    'Ä',
    'PATH',
    'IFS',
    'path',
    'BASH_ENV',
    'LD_PRELOAD',
    'AZURE_COMMUNICATION_ACCESS_TOKEN',
    'EDITOR',
  ])('not %j', (name) => {
    expect(() => parseAlias(name, { EDITOR: 'vi' })).toThrow(/name|already used/)
  })

  it('a name that holds a connection string already is fine', () => {
    expect(parseAlias('ACS', { ACS: 'endpoint=https://h/;accesskey=k' })).toBe('ACS')
  })
})
