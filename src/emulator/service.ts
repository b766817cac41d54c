import { createIdentities, deriveResourceId, type Identities } from './identities.ts'
import { type AccessToken, createSigningKey, type Grant, renderToken } from './tokens.ts'

/** One Communication Services resource: what all requests share. */
export interface Service {
  readonly accessKey: Buffer
  /** Accepted in place of a signature. */
  readonly entraToken: string | undefined
  readonly identities: Identities
  now(): Date
  /** Two tokens are never equal, even if granted alike in the same second. */
  issueToken(grant: Grant): Promise<AccessToken>
}

/** The resource an access key opens, without identities yet; its signing key is made in the background. */
export function createService({
  accessKey,
  entraToken,
  now,
}: Pick<Service, 'accessKey' | 'entraToken' | 'now'>): Service {
  const resourceId = deriveResourceId(accessKey)
  const signingKey = createSigningKey()
  // A request for a token gets the failure; until then it must not end the process.
  signingKey.catch(() => undefined)
  let issued = 0
  return {
    accessKey,
    entraToken,
    identities: createIdentities(resourceId),
    now,
    async issueToken(grant) {
      const key = await signingKey
      issued += 1
      return renderToken(grant, resourceId, issued, key)
    },
  }
}
