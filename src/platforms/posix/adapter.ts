import { shellPath } from '../../shells/posix.ts'
import type { ShellName } from '../../shells/shell.ts'
import type { Platform, PlatformId, PlatformOptions } from '../../store/store.ts'
import type { System } from '../../system/system.ts'
import { findStored } from './find.ts'
import { requireSafePlace } from './guard.ts'
import { loadedProfiles, mainProfile, resolvePlace } from './place.ts'
import { wslRemarks } from './wsl.ts'

/** What macOS and Linux differ in. */
export interface PosixTraits {
  readonly id: Extract<PlatformId, 'macos' | 'linux'>
  readonly usualShell: ShellName
}

/** The store of macOS and Linux: private value files, and a block in the profile that reads them. */
export async function createPosixPlatform(
  { id, usualShell }: PosixTraits,
  system: System,
  options: PlatformOptions,
): Promise<Platform> {
  const place = await resolvePlace(usualShell, system, options)
  const { home, directory, shell } = place
  if (options.changes !== undefined) requireSafePlace(place, system, options.changes)
  return {
    id,
    directory,
    loadedFrom: loadedProfiles(place),
    find: async () => findStored(place),
    // Each is loaded when it is called: to find is all that most runs do.
    plan: async (request) => (await import('./change/store.ts')).planStore(place, request),
    planRenewal: async (accessToken, remember) =>
      (await import('./change/renewal.ts')).planRenewal(place, accessToken, remember),
    planRemoval: async () => (await import('./change/removal.ts')).planRemoval(place),
    inspect: async (found) => (await import('./inspect.ts')).inspectPlace(place, found, system),
    apply: async (plan) => (await import('./change/apply.ts')).applyPlan(plan, place),
    activation: {
      text: shell.loadCommand(mainProfile(place), home),
      isCommand: true,
      profile: place.rcFile === undefined ? undefined : shellPath(place.rcFile, home),
    },
    remarks: (stored) => wslRemarks(id, system, stored),
    newShell: (command) => ({ program: shell.name, args: shell.newShellArguments(command) }),
    show: (path) => shellPath(path, home),
  }
}
