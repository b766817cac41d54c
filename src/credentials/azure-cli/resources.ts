import type { Asked, AzureCli } from './azure-cli.ts'
import type { AzureCliFailure } from './failure.ts'
import { fieldsOf, listOf, textOf } from './json.ts'
import type { Subscription } from './subscriptions.ts'

/** A Communication Services resource. */
export interface Resource {
  readonly id: string
  readonly name: string
  /** Where it answers; undefined where that is not known. */
  readonly host: string | undefined
  readonly resourceGroup: string
  readonly subscriptionName: string
  /** False where local authentication is switched off. */
  readonly takesKeys: boolean
}

/** A subscription whose resources could not be listed, such as one of a tenant that wants a second factor. */
export interface Unreadable {
  readonly subscription: Subscription
  readonly failure: AzureCliFailure
}

export interface Listing {
  readonly resources: readonly Resource[]
  readonly unreadable: readonly Unreadable[]
}

/** The stable version of the management of Communication Services. */
export const API_VERSION = ['--url-parameters', 'api-version=2023-04-01']
/** Each is a process of its own, with the whole of Python. */
const AT_A_TIME = 4
/** One that hangs is not to take the time of the others. */
const SUBSCRIPTION_TIMEOUT_MS = 30_000
/** Of a hundred resources each. */
const MAX_PAGES = 50
/** Also within a longer text: the address of its page in the portal, or what Git Bash makes of an argument with a slash. */
const RESOURCE_ID =
  /\/subscriptions\/([\w-]+)\/resourceGroups\/([^/?#\s]+)\/providers\/Microsoft\.Communication\/communicationServices\/([\w-]{1,64})(?![\w-])/i

/** The resources of these subscriptions, side by side, in their order. */
export async function listResources(azureCli: AzureCli, subscriptions: readonly Subscription[]): Promise<Listing> {
  const answers = new Map<Subscription, Asked<readonly Resource[]>>()
  const waiting = [...subscriptions]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      answers.set(next, await listIn(azureCli, next))
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  const all = subscriptions.map((subscription) => ({ subscription, answer: answers.get(subscription) }))
  return {
    resources: all.flatMap(({ answer }) => (answer?.kind === 'answered' ? answer.value : [])),
    unreadable: all.flatMap(({ subscription, answer }) =>
      answer?.kind === 'failed' ? [{ subscription, failure: answer.failure }] : [],
    ),
  }
}

/** The resource whose id is in a text, as far as the id tells; undefined where the text is a name. */
export function resourceOfId(text: string): Resource | undefined {
  const [id, subscriptionName, resourceGroup = '', name = ''] = RESOURCE_ID.exec(text) ?? []
  if (id === undefined || subscriptionName === undefined) return undefined
  return { id, name, host: undefined, resourceGroup, subscriptionName, takesKeys: true }
}

/** "az rest" is asked, since it needs no extension, and no setting of the user's narrows it to one resource group. */
async function listIn(azureCli: AzureCli, { id, name }: Subscription): Promise<Asked<readonly Resource[]>> {
  const resources: Resource[] = []
  const first = `/subscriptions/${id}/providers/Microsoft.Communication/communicationServices`
  let address = ['--url', first, ...API_VERSION]
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const asked = await azureCli.ask(['rest', '--method', 'get', ...address], SUBSCRIPTION_TIMEOUT_MS)
    if (asked.kind === 'failed') return asked
    const { value, nextLink } = fieldsOf(asked.value)
    if (!Array.isArray(value)) return { kind: 'failed', failure: { kind: 'garbled' } }
    resources.push(...listOf(value).flatMap((item) => readResource(item, name)))
    const next = textOf(nextLink)
    // It does not follow the pages by itself.
    if (next === undefined || !/^https:\/\/\S+$/.test(next)) break
    address = ['--url', next]
  }
  return { kind: 'answered', value: resources }
}

/** Reads a resource as the management of Azure describes it. */
export function readResource(value: unknown, subscriptionName: string): readonly Resource[] {
  const { id, properties } = fieldsOf(value)
  const resource = resourceOfId(textOf(id) ?? '')
  if (resource === undefined) return []
  const { hostName, disableLocalAuth } = fieldsOf(properties)
  return [{ ...resource, host: textOf(hostName), subscriptionName, takesKeys: disableLocalAuth !== true }]
}
