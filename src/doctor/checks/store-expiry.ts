import { describeStoredToken } from '../../store/stored-token.ts'
import type { Check } from '../check.ts'
import { endedToken } from '../stored/expiry.ts'

export const storeExpiry: Check = {
  id: 'store.expiry',
  fine: 'The access token has not expired.',
  on: 'every system',
  run: ({ stored, system }) => {
    const token = describeStoredToken(stored)
    return token === undefined ? { skipped: 'no access token is stored' } : endedToken(token, system.now())
  },
}
