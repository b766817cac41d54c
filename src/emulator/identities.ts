import { createHash, randomUUID } from 'node:crypto'

/** The identities of one resource; they live as long as the emulator runs. */
export interface Identities {
  /** Makes an identity and gives its id, `8:acs:<resource>_<user>`. */
  create(): string
  has(id: string): boolean
  delete(id: string): void
}

/** An empty store whose ids carry the resource's id. */
export function createIdentities(resourceId: string): Identities {
  const ids = new Set<string>()
  return {
    create() {
      const id = `8:acs:${resourceId}_${randomUUID()}`
      ids.add(id)
      return id
    },
    has(id) {
      return ids.has(id)
    },
    delete(id) {
      ids.delete(id)
    },
  }
}

/** The id of the resource an access key opens: the same key gives the same resource in every run. */
export function deriveResourceId(accessKey: Buffer): string {
  const hex = createHash('sha256').update(accessKey).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
