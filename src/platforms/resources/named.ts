import { CliError } from '../../errors.ts'
import {
  brokenSwitch,
  currentName,
  hasCurrent,
  hasResourcesFolder,
  parkedNames,
  resourceNames,
  tryReadParked,
} from '../../store/resources.ts'
import { isSameStored } from '../../store/same-stored.ts'
import type { Store } from '../../store/store.ts'
import { nothingStored } from '../../store/stored-token.ts'
import type { Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { closest } from '../../text/closest.ts'
import { findResourceName, parseResourceName } from '../../values/resource-name.ts'
import { openStore } from '../resolve.ts'
import { openParked } from './parked.ts'
import { findWhole, MOST_TRIES } from './whole.ts'

/** One of several resources, as it stands when it is looked at. */
export interface NamedResource {
  readonly name: string
  readonly isCurrent: boolean
  readonly store: Store
}

/** Whether what a killed run has left may be put right on the way. */
type Mode = 'looks' | 'repairs'

/** Opens the resource of this name, whether it is the current one or parked. @throws CliError where there is none */
export async function openNamed(text: string, system: System, mode: Mode): Promise<NamedResource> {
  const main = await openStore(system)
  const { names } = await look(main, system, mode)
  return openKnown(requireName(text, names, system), main, system)
}

/** Opens every resource there is, the current one first. */
export async function openAll(system: System, mode: Mode): Promise<readonly NamedResource[]> {
  const main = await openStore(system)
  const { names } = await look(main, system, mode)
  return Promise.all(names.map((name) => openKnown(name, main, system)))
}

async function look(main: Store, system: System, mode: Mode): Promise<Names> {
  if (mode === 'repairs') await findWhole(main, await main.find(), system)
  return findNames(main)
}

/** The names of the stored resources, the current one first, and what is current. */
export interface Names {
  readonly found: Stored
  readonly names: readonly string[]
}

/**
 * The names as they are at one moment. Another run may be changing which resource is the current one: between two
 * looks, the one that becomes current may be in neither place.
 */
export async function findNames({ directory, find }: Pick<Store, 'directory' | 'find'>): Promise<Names> {
  const findOnce = async (): Promise<Names> => {
    const found = await find()
    return { found, names: resourceNames(directory, found) }
  }
  let seen = await findOnce()
  for (let tries = 0; tries < MOST_TRIES && hasResourcesFolder(directory); tries += 1) {
    const again = await findOnce()
    if (isSame(seen, again)) return again
    seen = again
  }
  return seen
}

/** The names too: what is current may have changed twice between looking for it and for them. */
function isSame(first: Names, second: Names): boolean {
  const [one, other] = [first, second].map(({ found, names }) =>
    [found.state.name, hasCurrent(found), ...names].join('\n'),
  )
  return one === other
}

/** The stored name that is meant. @throws CliError with those that there are where there is none of it */
export function requireName(text: string, names: readonly string[], { platform }: Pick<System, 'platform'>): string {
  const wanted = parseResourceName(text, platform)
  const name = findResourceName(wanted, names)
  if (name !== undefined) return name
  if (names.length === 0) throw nothingStored()
  throw unknownResource(wanted, names)
}

/** The error for a name that no resource has. */
export function unknownResource(wanted: string, names: readonly string[]): CliError {
  const guess = closest(wanted, names)
  const known = `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`
  return new CliError(`There is no stored resource "${wanted}".`, {
    code: 'unknown_resource',
    hint: guess === undefined ? known : `did you mean ${guess}? ${known}`,
  })
}

/**
 * Another run may make it the current one, or park it, whenever the lock is not held, so each time it is looked for
 * anew.
 */
async function openKnown(name: string, main: Store, system: System): Promise<NamedResource> {
  const parked = openParked(main, name, system)
  const isCurrent = async (): Promise<boolean> => isCurrentName(name, main.directory, await main.find())
  const store = async (): Promise<Store> => ((await isCurrent()) ? main : parked)
  const first = await store()
  return {
    name,
    isCurrent: first === main,
    store: {
      directory: main.directory,
      find: () => findWherever(name, main),
      plan: async (change) => (await store()).plan(change),
      apply: async (plan) => (await store()).apply(plan),
      inspect: async (found) => (await store()).inspect(found),
      describe: () => first.describe(),
      finish: main.finish,
    },
  }
}

/** One that moves just now is looked for again, as often as that happens. */
export async function findWherever(name: string, main: Pick<Store, 'directory' | 'find'>): Promise<Stored> {
  const { directory } = main
  for (let tries = 0; ; tries += 1) {
    const current = await main.find()
    if (isCurrentName(name, directory, current)) {
      const broken = brokenSwitch(directory, current)
      if (broken?.kind === 'unfinished') return broken.copy
      // It may be of the middle of a change that is over by now, when no copy tells so any more.
      if (tries === MOST_TRIES || isSameStored(current, await main.find())) return current
      continue
    }
    const parked = tryReadParked(directory, name)
    if ('problem' in parked) throw parked.problem
    // The copy goes away once it is the current one, value by value.
    const again = await main.find()
    const isStill = parkedNames(directory, again).some((other) => other === name)
    if (isStill || tries === MOST_TRIES || !isCurrentName(name, directory, again)) return parked
  }
}

function isCurrentName(name: string, directory: string, found: Stored): boolean {
  return hasCurrent(found) && currentName(directory, found) === name
}
