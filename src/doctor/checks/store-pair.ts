import type { Check } from '../check.ts'
import { mixedPair } from '../stored/pair.ts'

export const storePair: Check = {
  id: 'store.pair',
  fine: 'The access token is one of the resource in the connection string.',
  on: 'every system',
  run: ({ stored }) => mixedPair(stored),
}
