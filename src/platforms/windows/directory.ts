import { readdirSync, rmSync, statSync } from 'node:fs'
import { isAbsolute, join, sep } from 'node:path'
import { CliError } from '../../errors.ts'
import { tryWithTemporaryDirectory, type NoDirectory } from '../../files/temporary-directory.ts'
import type { System } from '../../system/system.ts'
import { lookUp } from '../../system/windows-environment.ts'

const PREFIX = 'acs-env-registry-'
/** Older than any run. */
const LEFT_OVER_MS = 10 * 60_000

/** Does `work` with a directory for a file with secrets, which is gone afterwards; tells where none can be made. */
export type WithDirectory = <Result>(work: (directory: string) => Promise<Result>) => Promise<Result | NoDirectory>

/** Makes directories for files that hold the user's variables; takes those away that a run which was killed left. */
export function privateDirectories(system: System): WithDirectory {
  return async (work) => {
    let none: NoDirectory = { kind: 'no-directory', code: undefined }
    for (const temporaryDirectory of privatePlaces(system)) {
      removeLeftOvers(temporaryDirectory, system.now())
      const done = await tryWithTemporaryDirectory(PREFIX, { temporaryDirectory, env: {} }, async (directory) => ({
        result: await work(directory),
      }))
      if ('result' in done) return done.result
      none = done
    }
    return none
  }
}

/** Directories below the user's profile first, which nobody else can read; TEMP may be anywhere. */
function privatePlaces(system: System): readonly string[] {
  const local = localApplicationData(system)
  const places = [join(local, 'Temp'), join(local, 'acs-env')].filter(isDirectory)
  return [...places, system.temporaryDirectory]
}

/**
 * The directory that Windows has for a user's data on this computer; an error where nothing tells it. A relative one
 * would put secrets into whatever directory is the current one.
 */
export function localApplicationData({ env }: System): string {
  const [local, profile] = [lookUp(env, 'LOCALAPPDATA'), lookUp(env, 'USERPROFILE')]
  if (local !== undefined && isFull(local)) return local
  if (profile !== undefined && isFull(profile)) return join(profile, 'AppData', 'Local')
  const reason = local === undefined ? 'is not set' : 'is not the full path of a directory'
  throw new CliError(`LOCALAPPDATA ${reason}.`, { code: 'home', hint: 'run this in an ordinary user session' })
}

/** `C:\…` or `\\server\share\…`: to Windows, `C:x` and `\x` depend on the current directory. */
function isFull(path: string): boolean {
  return sep === '/' ? isAbsolute(path) : /^(?:[A-Za-z]:|[\\/])[\\/]/.test(path)
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    // It cannot be looked at, so nothing can be put there either.
    return false
  }
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
