import type { EarlierLook } from '../../files/change/extended-attributes.ts'
import { isLoginShellName } from '../../shell-names.ts'
import { posixShells } from '../../shells/index.ts'
import { shellPath } from '../../shells/posix-words.ts'
import { sh } from '../../shells/sh.ts'
import type { Loading } from '../../shells/shell.ts'
import { lastStateOr } from '../../store/last-state.ts'
import type { Change, Plan, ToCome } from '../../store/plan.ts'
import { hasResourcesFolder } from '../../store/resources.ts'
import { readState } from '../../store/state.ts'
import type {
  Activation,
  Applied,
  Description,
  KeptChange,
  PreparedDescription,
  PreparedStore,
  StartupWish,
  Store,
} from '../../store/store.ts'
import type { State } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { findStored, rememberedWish } from './find.ts'
import { requireSafePlace } from './guard.ts'
import { inspectPlace } from './inspect.ts'
import {
  findLoginShell,
  findPlace,
  knownProfiles,
  preparePlace,
  type PosixPlace,
  type PosixTraits,
  type PreparedPlace,
} from './place.ts'
import { wslRemarks } from './wsl.ts'

type Kept<Missing extends ToCome> = Extract<Change<Missing>, { kind: KeptChange }>

/** The store of macOS and Linux as setup left it: private value files, and profiles with a block that reads them. */
export function openPosixStore(traits: PosixTraits, system: System): Store {
  const place = findPlace(system)
  const last = lastStateOr(() => readState(place.directory, place.home))
  const describe = (): Description => describePlace(place, traits, last.get(), system)
  return {
    directory: place.directory,
    find: async () => {
      const found = await findStored(place)
      last.found(found)
      return found
    },
    plan: (change) => planKept(place, change, system),
    apply: (plan) => {
      last.changed()
      return applyTo(place, plan, describe, system)
    },
    inspect: (found) => inspectPlace(place, found, system),
    describe,
    finish: async () => {
      if (!hasResourcesFolder(place.directory)) return
      const { finishSwitch } = await import('./change/finish.ts')
      await finishSwitch(traits, system)
    },
  }
}

/** The same for setup, which decides anew which shell gets the values, and where. */
export async function preparePosixStore(
  traits: PosixTraits,
  wish: StartupWish,
  system: System,
): Promise<PreparedStore> {
  // Before anything is asked for, or read: a link may have put something else in the place of our files.
  requireSafePlace(findPlace(system), system, 'stores')
  const place = await preparePlace(traits, wish, system)
  const describe = (): PreparedDescription => describePrepared(place, traits, system)
  let earlier: EarlierLook | undefined
  return {
    ...openPosixStore(traits, system),
    plan: (change) => planPrepared(place, change, system),
    foresee: async (plan) => {
      const { lookAheadAt } = await import('./change/apply.ts')
      earlier = lookAheadAt(plan, place, system)
    },
    apply: (plan) => applyTo(place, plan, describe, system, earlier),
    describe,
  }
}

/** The same for a change that keeps the last choice of setup: which shell gets the values, and where. */
export async function preparePosixStoreAgain(traits: PosixTraits, system: System): Promise<PreparedStore> {
  return preparePosixStore(traits, await rememberedWish(findPlace(system)), system)
}

/** Each kind of change is loaded when it is needed: most runs only find. */
async function planKept<Missing extends ToCome>(
  place: PosixPlace,
  change: Kept<Missing>,
  system: System,
): Promise<Plan<Missing>> {
  switch (change.kind) {
    case 'remove': {
      const { planRemoval } = await import('./change/removal.ts')
      return planRemoval(place, system)
    }
    case 'invalidate': {
      const { planInvalidation } = await import('./change/memory.ts')
      return planInvalidation(place, change.invalidated, system)
    }
    case 'renew': {
      const { planRenewal } = await import('./change/renewal.ts')
      return planRenewal(place, change.accessToken, change.issued, system)
    }
    default:
      return change satisfies never
  }
}

async function planPrepared<Missing extends ToCome>(
  place: PreparedPlace,
  change: Change<Missing>,
  system: System,
): Promise<Plan<Missing>> {
  switch (change.kind) {
    case 'store': {
      const { planStore } = await import('./change/store.ts')
      return planStore(place, change.request, system)
    }
    case 'place': {
      const { planPlacement } = await import('./change/store.ts')
      return planPlacement(place, change, system)
    }
    case 'remember': {
      const { planMemory } = await import('./change/memory.ts')
      return planMemory(place, change.seen)
    }
    case 'renew':
    case 'remove':
    case 'invalidate':
      return planKept(place, change, system)
    default:
      return change satisfies never
  }
}

async function applyTo(
  place: PosixPlace,
  plan: Plan,
  describe: () => Description,
  system: System,
  earlier?: EarlierLook,
): Promise<Applied> {
  const { applyPlan } = await import('./change/apply.ts')
  const warnings = await applyPlan(plan, place, system, earlier)
  return { activation: describe().activation, warnings }
}

function describePlace(place: PosixPlace, traits: PosixTraits, state: State, system: System): Description {
  const { home } = place
  const profiles = knownProfiles(place, state)
  const shell = state.startup?.shell
  return {
    id: traits.id,
    loadedFrom: profiles,
    ...(shell !== undefined && !isLoginShellName(shell)
      ? unknownShell(shell, home, system)
      : {
          activation: rememberedActivation(state, profiles, traits, home, system),
          newTerminals: { kind: 'shells', starts: ['login', 'interactive'] },
        }),
    show: (path) => shellPath(path, home),
    remarks: (stored) => wslRemarks(traits.id, system, stored),
  }
}

function describePrepared(place: PreparedPlace, traits: PosixTraits, system: System): PreparedDescription {
  const state = readState(place.directory, place.home)
  const described = describePlace(place, traits, state, system)
  if (place.kind === 'unknown-shell') return { ...described, ...unknownShell(place.program, place.home, system) }
  const { home, shell, program, startup, askedMs } = place
  const { loadPoints, files, starts } = startup
  const [main] = loadPoints
  const paths = loadPoints.map(({ path }) => path)
  // One that could not be written was left out.
  const written = paths.filter((path) => state.startup?.profiles.includes(path))
  return {
    ...described,
    loadedFrom: written.length === 0 ? paths : written,
    activation: activationOf(shell.load(main?.path ?? '', home)),
    newTerminals: { kind: 'shells', shell, program, home, starts, loadPoints, files, askedMs },
  }
}

/** A shell that is started by `exec` has the values, whatever its language. */
function unknownShell(program: string, home: string, { self }: System) {
  return {
    activation: { kind: 'command', text: `${self.command} exec -- ${shellPath(program, home)}` },
    newTerminals: { kind: 'unknown-shell', program },
  } as const
}

/** As setup has noted it down, so that the shells of other languages need not be loaded for it. */
function rememberedActivation(
  { startup }: State,
  [main = '']: readonly string[],
  { usualShell }: PosixTraits,
  home: string,
  system: System,
): Activation {
  const remembered = startup?.activation
  if (remembered !== undefined) {
    return activationOf(remembered === null ? { kind: 'new-shell' } : { kind: 'command', text: remembered })
  }
  const found = findLoginShell(system)
  const name = startup?.shell ?? (found?.kind === 'known' ? found.name : usualShell)
  const { load } = posixShells.find((shell) => shell.name === name) ?? sh
  return activationOf(load(main, home))
}

function activationOf(loading: Loading): Activation {
  return loading.kind === 'command' ? loading : { kind: 'new-terminal', text: 'open a new terminal' }
}
