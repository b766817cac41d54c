import { UsageError } from '../errors.ts'

/** `8:acs:<resource>_<user>`, `8:gcch-acs:…`, `8:dod-acs:…`, `8:spool:…` (communication-common, identifierModels). */
const COMMUNICATION_USER = /^8:(?:acs|gcch-acs|dod-acs|spool):[\w-]{1,200}$/

/** Whether a text has the form of any identity, a Teams user's too; in no other form does one reach a terminal. */
export function isIdentityId(text: string): boolean {
  return /^8:[a-z-]{1,20}:[\w-]{1,200}$/.test(text)
}

/** The identity that a user named; anything that cannot be one throws a `UsageError`. */
export function parseIdentityId(text: string): string {
  const id = text.trim()
  if (COMMUNICATION_USER.test(id)) return id
  throw new UsageError('This is not the id of an identity.', {
    code: 'invalid_identity',
    hint: 'it reads 8:acs:<resource>_<user>',
  })
}

/** Whether two ids name the same identity: they are made of GUIDs, whose letter case means nothing. */
export function sameIdentity(one: string, other: string | undefined): boolean {
  return other !== undefined && one.toLowerCase() === other.toLowerCase()
}

/** The id of the resource that an identity or a token's subject belongs to, or undefined. */
export function resourceOf(identityId: string | undefined): string | undefined {
  return identityId === undefined ? undefined : /^8:[\w-]+:([\da-f-]{36})_/i.exec(identityId)?.[1]?.toLowerCase()
}
