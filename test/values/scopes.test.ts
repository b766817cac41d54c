import { describe, expect, it } from 'vitest'
import { parseScopes } from '../../src/values/scopes.ts'

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
