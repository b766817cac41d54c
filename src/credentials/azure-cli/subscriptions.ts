import type { Asked, AzureCli } from './azure-cli.ts'
import { fieldsOf, listOf, textOf } from './json.ts'

/** A subscription of the sign-in. */
export interface Subscription {
  readonly id: string
  readonly name: string
  readonly tenantId: string | undefined
  readonly isDefault: boolean
}

/**
 * The subscriptions of the sign-in, the default one first. Signed out "az account list" says nothing else than that there
 * are none; a tenant without a subscription is in the list with its own id, and is none either.
 */
export async function listSubscriptions(azureCli: AzureCli): Promise<Asked<readonly Subscription[]>> {
  const asked = await azureCli.ask(['account', 'list'])
  if (asked.kind === 'failed') return asked
  const accounts = listOf(asked.value)
  if (accounts.length === 0) return { kind: 'failed', failure: { kind: 'signed-out' } }
  const subscriptions = accounts.flatMap(readSubscription)
  return {
    kind: 'answered',
    value: subscriptions.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault)),
  }
}

function readSubscription(value: unknown): readonly Subscription[] {
  const { id, name, tenantId, isDefault } = fieldsOf(value)
  const ownId = textOf(id)
  if (ownId === undefined || !/^[\w-]+$/.test(ownId) || ownId === tenantId) return []
  return [{ id: ownId, name: textOf(name) ?? ownId, tenantId: textOf(tenantId), isDefault: isDefault === true }]
}
