import { CliError, UsageError } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import type { ResourceWish } from '../azure-cli.ts'
import { explainAzureCli, loginCommand } from './explain.ts'
import type { Listing, Resource, Unreadable } from './resources.ts'

/** More are no help in an error. */
const MAX_NAMED = 10

/**
 * The resource that is meant: the one of that name, or the only one, or the one that is chosen from a list. Throws where
 * there is none, or several and nobody can be asked.
 */
export async function chooseResource(
  { resources, unreadable }: Listing,
  subscriptionCount: number,
  { resource: wanted, mayAsk }: ResourceWish,
  { terminal, reporter }: Surroundings,
): Promise<Resource> {
  const named =
    wanted === undefined ? resources : resources.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const [only] = named
  if (wanted === undefined || named.length !== 1) {
    for (const each of unreadable) reporter.warn(unreadableSentence(each))
  }
  if (only === undefined) throw noResource(wanted, resources, subscriptionCount - unreadable.length)
  if (named.length === 1) {
    if (wanted === undefined) {
      reporter.note(`using ${only.name} (${only.host ?? only.resourceGroup}), the only resource of this sign-in.`)
    }
    return only
  }
  if (!mayAsk) throw severalResources(wanted, named)
  const { ask } = await import('../../ui/prompts.ts')
  const choices = named.map((resource, index) => ({
    name: labelOf(resource, named, index),
    description: `${resource.host ?? ''}  ${resource.resourceGroup} (${resource.subscriptionName})`.trim(),
  }))
  const chosen = await ask({ kind: 'pick', message: 'Resource', choices }, terminal, 'works')
  return named[choices.findIndex(({ name }) => name === chosen)] ?? only
}

/** Names are unique in a resource group alone, and the answer to the question is the label. */
function labelOf({ name, resourceGroup }: Resource, all: readonly Resource[], index: number): string {
  const inGroup = `${name} in ${resourceGroup}`
  const others = all.filter((_, other) => other !== index)
  if (!others.some((other) => other.name === name)) return printable(name)
  const isUnique = !others.some((other) => other.name === name && other.resourceGroup === resourceGroup)
  return printable(isUnique ? inGroup : `${inGroup} (${index + 1})`)
}

function unreadableSentence({ subscription: { name, tenantId }, failure }: Unreadable): string {
  const { message } = explainAzureCli(failure, { tenantId })
  const cure = failure.kind === 'sign-in' ? ` "${loginCommand({ tenantId })}" signs in there.` : ''
  return `the subscription ${name} could not be searched: ${message}${cure}`
}

function noResource(wanted: string | undefined, resources: readonly Resource[], searchedCount: number): CliError {
  const where = searchedCount === 1 ? 'the subscription' : `${searchedCount} subscriptions`
  if (wanted !== undefined && resources.length > 0) {
    return new CliError(`There is no Communication Services resource of that name in ${where}.`, {
      code: 'az_no_resource',
      hint: `there is ${namesOf(resources.map(({ name }) => name))}`,
    })
  }
  return new CliError(`There is no Communication Services resource in ${where}.`, {
    code: 'az_no_resource',
    hint:
      'make one in the Azure portal, or with "az communication create --name NAME --resource-group GROUP ' +
      '--location Global --data-location Europe"; or name another subscription with --subscription',
  })
}

function severalResources(wanted: string | undefined, resources: readonly Resource[]): UsageError {
  return wanted === undefined
    ? new UsageError(`There are ${resources.length} Communication Services resources to choose from.`, {
        code: 'az_several_resources',
        hint: `name one with --from-az NAME: ${namesOf(resources.map(({ name }) => name))}`,
      })
    : new UsageError(`There are ${resources.length} Communication Services resources of that name.`, {
        code: 'az_several_resources',
        hint: `give the id with --from-az ID: ${namesOf(resources.map(({ id }) => id))}`,
      })
}

function namesOf(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, MAX_NAMED).map(printable)
  return names.length > MAX_NAMED ? `${shown.join(', ')}, …` : shown.join(', ')
}
