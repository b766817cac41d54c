import { CliError } from '../../errors.ts'
import { explainNoKeys } from '../../service/explain.ts'
import { printable } from '../../text/printable.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import { isMistake, readConnectionString, type ConnectionString } from '../../values/connection-string.ts'
import type { ResourceWish } from '../azure-cli.ts'
import type { FoundCredential } from '../source.ts'
import { openAzureCli, type Asked, type AzureCli } from './azure-cli.ts'
import { chooseResource } from './choose.ts'
import { explainAzureCli } from './explain.ts'
import type { AzureCliFailure } from './failure.ts'
import { fieldsOf, textOf } from './json.ts'
import { API_VERSION, listResources, readResource, resourceOfId, type Resource } from './resources.ts'
import { signInWhereSignedOut } from './sign-in.ts'
import { listSubscriptions, type Subscription } from './subscriptions.ts'

/** The connection string of the resource that is meant. Throws where there is none, or it may not be had. */
export async function findKey(wish: ResourceWish, surroundings: Surroundings): Promise<FoundCredential> {
  const { resource: wanted } = wish
  // An id says all that is needed to ask for the key.
  const identified = wanted === undefined ? undefined : resourceOfId(wanted)
  const resource = identified ?? (await findResource(wish, surroundings))
  if (!resource.takesKeys) throw explainNoKeys(resource.name, resource.host)
  const ask = (): Promise<Asked<ConnectionString>> => askForKey(resource, surroundings)
  const asked = await signInWhereSignedOut(await ask(), ask, wish.mayAsk, surroundings)
  if (asked.kind === 'failed') throw explainAzureCli(asked.failure, { resource })
  return { ...asked.value, source: { kind: 'azure-cli', resourceId: resource.id } }
}

async function findResource(wish: ResourceWish, surroundings: Surroundings): Promise<Resource> {
  const list = (): Promise<Asked<readonly Subscription[]>> =>
    withAzureCli('Asking the Azure CLI who is signed in', surroundings, listSubscriptions)
  const asked = await signInWhereSignedOut(await list(), list, wish.mayAsk, surroundings)
  if (asked.kind === 'failed') throw explainAzureCli(asked.failure)
  const subscriptions = narrow(asked.value, wish.subscription)
  const listing = await withAzureCli('Looking for Communication Services resources', surroundings, (azureCli) =>
    listResources(azureCli, subscriptions),
  )
  const [unreadable] = listing.unreadable
  // Where nothing could be searched, there is no saying what there is.
  if (unreadable !== undefined && listing.unreadable.length === subscriptions.length) {
    throw explainAzureCli(unreadable.failure, { tenantId: unreadable.subscription.tenantId })
  }
  return chooseResource(listing, subscriptions.length, wish, surroundings)
}

function narrow(subscriptions: readonly Subscription[], wanted: string | undefined): readonly Subscription[] {
  if (subscriptions.length === 0) {
    throw new CliError('The sign-in of the Azure CLI has no subscription.', {
      code: 'az_no_subscription',
      hint: 'sign in to the right tenant with "az login --tenant TENANT", then run this again',
    })
  }
  if (wanted === undefined) return subscriptions
  const text = wanted.toLowerCase()
  const named = subscriptions.filter(({ id, name }) => [id, name].some((each) => each.toLowerCase() === text))
  if (named.length > 0) return named
  throw new CliError('The sign-in of the Azure CLI has no such subscription.', {
    code: 'az_unknown_subscription',
    hint: `there is ${subscriptions.map(({ name }) => printable(name)).join(', ')}`,
  })
}

function askForKey(resource: Resource, surroundings: Surroundings): Promise<Asked<ConnectionString>> {
  return withAzureCli(`Asking the Azure CLI for the key of ${resource.name}`, surroundings, async (azureCli) => {
    const asked = await azureCli.ask(['rest', '--method', 'post', '--url', `${resource.id}/listKeys`, ...API_VERSION])
    if (asked.kind === 'failed') return asked
    const { primaryConnectionString, primaryKey } = fieldsOf(asked.value)
    const key = textOf(primaryKey)
    const text =
      textOf(primaryConnectionString) ??
      (key === undefined ? undefined : `endpoint=https://${await hostOf(resource, azureCli)}/;accesskey=${key}`)
    const read = text === undefined ? undefined : readConnectionString(text)
    return read === undefined || isMistake(read)
      ? { kind: 'failed', failure: { kind: 'garbled' } satisfies AzureCliFailure }
      : { kind: 'answered', value: read }
  })
}

async function hostOf({ id, host }: Resource, azureCli: AzureCli): Promise<string> {
  if (host !== undefined) return host
  const asked = await azureCli.ask(['rest', '--method', 'get', '--url', id, ...API_VERSION])
  return (asked.kind === 'answered' ? readResource(asked.value, '')[0]?.host : undefined) ?? ''
}

/** Asks the Azure CLI with a sign that it is going on: each question takes it a second or more. Ctrl+C ends it. */
function withAzureCli<Value>(
  text: string,
  { system, reporter }: Surroundings,
  work: (azureCli: AzureCli) => Promise<Value>,
): Promise<Value> {
  return system.interruptible((signal) => reporter.during(text, () => work(openAzureCli(system, signal))))
}
