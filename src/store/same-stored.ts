import type { Secret } from '../secret.ts'
import type { Stored } from './stored.ts'

/** Whether two looks at a resource have found the same values and records. */
export function isSameStored(one: Stored, other: Stored): boolean {
  return (
    isSameSecret(one.connectionString, other.connectionString) &&
    isSameSecret(one.accessToken, other.accessToken) &&
    JSON.stringify(one.state) === JSON.stringify(other.state)
  )
}

/** Whether both are the same, or neither is there. */
export function isSameSecret(one: Secret | undefined, other: Secret | undefined): boolean {
  return one === undefined ? other === undefined : one.equals(other)
}
