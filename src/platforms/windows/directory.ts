import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../errors.ts'
import { withTemporaryDirectory } from '../../files/temporary-directory.ts'
import type { System } from '../../system/system.ts'
import { lookUp } from './programs.ts'
import type { WithDirectory } from './routes.ts'

const PREFIX = 'acs-env-registry-'
/** Older than any run. */
const LEFT_OVER_MS = 10 * 60_000

/** Makes directories for files that hold the user's variables; takes those away that a run which was killed left. */
export function privateDirectories(system: System): WithDirectory {
  return (work) => {
    const temporaryDirectory = privatePlace(system)
    removeLeftOvers(temporaryDirectory, system.now())
    return withTemporaryDirectory(PREFIX, { ...system, temporaryDirectory }, work)
  }
}

/** Below the user's profile nobody else reads, whatever TEMP says. */
function privatePlace(system: System): string {
  const usual = join(localApplicationData(system), 'Temp')
  return statSync(usual, { throwIfNoEntry: false })?.isDirectory() ? usual : system.temporaryDirectory
}

/** The directory that Windows has for a user's data on this computer; an error where nothing tells it. */
export function localApplicationData({ env }: System): string {
  const [local, profile] = [lookUp(env, 'LOCALAPPDATA'), lookUp(env, 'USERPROFILE')]
  if (local !== undefined) return local
  if (profile !== undefined) return join(profile, 'AppData', 'Local')
  throw new CliError('LOCALAPPDATA is not set.', { code: 'home', hint: 'run this in an ordinary user session' })
}

function removeLeftOvers(directory: string, now: Date): void {
  try {
    for (const name of readdirSync(directory).filter((name) => name.startsWith(PREFIX))) {
      const path = join(directory, name)
      if (now.getTime() - statSync(path).mtimeMs > LEFT_OVER_MS) rmSync(path, { recursive: true, force: true })
    }
  } catch {
    // What cannot be removed now is tried again the next time.
  }
}
