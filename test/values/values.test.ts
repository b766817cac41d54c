import { describe, expect, it } from 'vitest'
import { formatDuration } from '../../src/text/duration.ts'
import { printable } from '../../src/text/printable.ts'
import { parseIdentityId, resourceOf } from '../../src/values/identity-id.ts'
import { parseLifetimeMinutes } from '../../src/values/lifetime.ts'
import { parseScopes } from '../../src/values/scopes.ts'
import { parseAlias } from '../../src/values/variable-name.ts'

describe('scopes', () => {
  it.each<[string[], string[]]>([
    [
      ['chat', 'voip'],
      ['chat', 'voip'],
    ],
    [['chat,voip'], ['chat', 'voip']],
    [
      ['voip chat', 'voip'],
      ['voip', 'chat'],
    ],
    [[' Chat.Join.Limited , '], ['chat.join.limited']],
  ])('%j', (words, scopes) => expect(parseScopes(words)).toEqual(scopes))

  it.each([[['']], [[',']], [['pstn']], [['chat', 'no']]])('not %j', (words) => {
    expect(() => parseScopes(words)).toThrow(/scope/i)
  })

  it('suggests the one that was meant', () => {
    expect(() => parseScopes(['caht'])).toThrow(expect.objectContaining({ hint: 'did you mean "chat"?' }))
  })
})

describe('lifetimes', () => {
  it.each([
    ['60', 60],
    ['90m', 90],
    ['24h', 1440],
    ['1 hour', 60],
    ['120min', 120],
    [' 2h ', 120],
  ])('%s', (text, minutes) => expect(parseLifetimeMinutes(text)).toBe(minutes))

  it.each(['', '59', '1441', '25h', '-60', '1.5h', 'h', '60s', '1e3', '9999999999'])('not %j', (text) => {
    expect(() => parseLifetimeMinutes(text)).toThrow(/time|minutes/)
  })
})

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

describe('text for people', () => {
  it.each([
    [400, '1 s'],
    [45_000, '45 s'],
    [90_000, '2 min'],
    [3_600_000, '1 h'],
    [11_520_000, '3 h 12 min'],
    [86_400_000, '24 h'],
    [3 * 86_400_000, '3 days'],
  ])('%i ms is %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text))

  it('shows control characters and leaves all other text', () => {
    expect(printable('a\u001B[31m\u0007\r\n\u0085\u202E é日😀~')).toBe(
      String.raw`a\x1b[31m\x07\x0d\x0a\x85\u202e é日😀~`,
    )
  })

  it('leaves out a secret that was pasted for a name', () => {
    expect(printable('/home/me/endpoint=https:/contoso/;AccessKey=c2Vj+/cmV0==')).toBe(
      '/home/me/endpoint=https:/contoso/;AccessKey=…',
    )
    expect(printable('eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.c2ln-_YXR1cmU: command not found')).toBe(
      'eyJ…: command not found',
    )
    expect(printable('endpoint=https://<resource>/;accesskey=<key>')).toBe(
      'endpoint=https://<resource>/;accesskey=<key>',
    )
  })
})
