import { sweepTemporaries } from '../files/replace.ts'
import { shellPath } from '../shells/posix.ts'
import type { ShellName } from '../shells/shell.ts'
import type { System } from '../system/system.ts'
import { applyFileSteps } from './file-steps.ts'
import { requireComplete, type Platform, type PlatformId, type PlatformOptions } from './platform.ts'
import { findStored, ownFiles } from './posix-find.ts'
import { inspectPlace } from './posix-inspection.ts'
import { loadedProfiles, mainProfile, resolvePlace } from './posix-place.ts'
import { planRemoval } from './posix-removal.ts'
import { planRenewal } from './posix-renewal.ts'
import { planStore } from './posix-store.ts'
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
  return {
    id,
    directory,
    loadedFrom: loadedProfiles(place),
    find: async () => findStored(place),
    plan: async (request) => planStore(place, request),
    planRenewal: async (accessToken, remember) => planRenewal(place, accessToken, remember),
    planRemoval: async () => planRemoval(place),
    inspect: () => inspectPlace(place, system),
    apply: async (plan) => {
      requireComplete(plan)
      applyFileSteps(plan.steps, directory)
      sweepTemporaries(ownFiles(place))
    },
    activation: { text: shell.loadCommand(mainProfile(place), home), isCommand: true },
    remarks: wslRemarks(id, system),
    newShell: (command) => ({ program: shell.name, args: shell.newShellArguments(command) }),
    show: (path) => shellPath(path, home),
  }
}
