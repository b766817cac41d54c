import type { Check } from '../check.ts'
import { damagedValues } from '../stored/damage.ts'

export const storeDamage: Check = {
  id: 'store.damage',
  fine: 'The stored values can be read.',
  on: 'every system',
  run: ({ stored }) => damagedValues(stored),
}
