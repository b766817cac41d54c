import { shellPath } from '../../shells/posix-syntax.ts'
import type { Change, Plan, ToCome } from '../../store/plan.ts'
import { hasResourcesFolder } from '../../store/resources.ts'
import { readState } from '../../store/state.ts'
import type { Applied, Description, KeptChange, PreparedStore, StartupWish, Store } from '../../store/store.ts'
import type { System } from '../../system/system.ts'
import { findStored, rememberedWish } from './find.ts'
import { requireSafePlace } from './guard.ts'
import { inspectPlace } from './inspect.ts'
import {
  findPlace,
  knownProfiles,
  preparePlace,
  rememberedShell,
  type PosixPlace,
  type PosixTraits,
  type PreparedPlace,
} from './place.ts'
import { wslRemarks } from './wsl.ts'

type Kept<Missing extends ToCome> = Extract<Change<Missing>, { kind: KeptChange }>

/** The store of macOS and Linux as setup left it: private value files, and profiles with a block that reads them. */
export function openPosixStore(traits: PosixTraits, system: System): Store {
  const place = findPlace(system)
  const describe = (): Description => describePlace(place, traits, system)
  return {
    directory: place.directory,
    find: async () => findStored(place),
    plan: (change) => planKept(place, traits, change, system),
    apply: (plan) => applyTo(place, plan, describe, system),
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
  // Before anything is asked for, or read that a link may have put in the place of ours.
  requireSafePlace(findPlace(system), system, 'stores')
  const place = await preparePlace(traits, wish, system)
  const describe = (): Description => describePrepared(place, traits, system)
  return {
    ...openPosixStore(traits, system),
    plan: (change) => planPrepared(place, traits, change, system),
    apply: (plan) => applyTo(place, plan, describe, system),
    describe,
  }
}

/** The same for a change that leaves to setup's last choice which shell gets the values, and where. */
export function preparePosixStoreAgain(traits: PosixTraits, system: System): Promise<PreparedStore> {
  return preparePosixStore(traits, rememberedWish(findPlace(system)), system)
}

/** Each kind is loaded when it is needed: to find is all that most runs do. */
async function planKept<Missing extends ToCome>(
  place: PosixPlace,
  traits: PosixTraits,
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
      const shell = rememberedShell(traits, readState(place.directory, place.home), system)
      return planRenewal(place, shell, change.accessToken, change.issued, system)
    }
    default:
      return change satisfies never
  }
}

async function planPrepared<Missing extends ToCome>(
  place: PreparedPlace,
  traits: PosixTraits,
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
      return planKept(place, traits, change, system)
    default:
      return change satisfies never
  }
}

async function applyTo(place: PosixPlace, plan: Plan, describe: () => Description, system: System): Promise<Applied> {
  const { applyPlan } = await import('./change/apply.ts')
  const warnings = await applyPlan(plan, place, system)
  return { activation: describe().activation, warnings }
}

function describePlace(place: PosixPlace, traits: PosixTraits, system: System): Description {
  const { home, directory } = place
  const state = readState(directory, home)
  const shell = rememberedShell(traits, state, system)
  const profiles = knownProfiles(place, state)
  const [main = ''] = profiles
  return {
    id: traits.id,
    loadedFrom: profiles,
    activation: { kind: 'command', text: shell.load(main, home) },
    newTerminals: {
      kind: 'shells',
      shell,
      program: shell.name,
      home,
      starts: ['login', 'interactive'],
      loadPoints: [],
      files: state.startup?.files ?? [],
      ownProfile: state.startup?.rcFile,
    },
    show: (path) => shellPath(path, home),
    remarks: (stored) => wslRemarks(traits.id, system, stored),
  }
}

function describePrepared(place: PreparedPlace, traits: PosixTraits, system: System): Description {
  const { home, shell, program, startup, rcFile } = place
  const { loadPoints, files, starts } = startup
  const [main] = loadPoints
  return {
    ...describePlace(place, traits, system),
    loadedFrom: loadPoints.map(({ path }) => path),
    activation: { kind: 'command', text: shell.load(main?.path ?? '', home) },
    newTerminals: { kind: 'shells', shell, program, home, starts, loadPoints, files, ownProfile: rcFile },
  }
}
