import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { resolveLoginShell, shellNamed } from '../shells/login-shell.ts'
import type { ProfileTarget, Shell, ShellName } from '../shells/shell.ts'
import type { System } from '../system/system.ts'
import type { PlatformOptions, ValueKind } from './platform.ts'
import { readState } from './private-files.ts'

/** The directory of the value files as every shell is to read it, whatever `XDG_CONFIG_HOME` says today. */
const DIRECTORY = '.config/acs-env'

/** Where a user of macOS or Linux keeps things, and for which shell. */
export interface PosixPlace {
  readonly home: string
  /** For the value files and our own notes. */
  readonly directory: string
  readonly shell: Shell
  /** The profiles to write the block to, the one to load first. */
  readonly targets: readonly ProfileTarget[]
  /** The values go into the profiles themselves. */
  readonly inline: boolean
}

export async function resolvePlace(
  usualShell: ShellName,
  system: System,
  { shell: asked, rcFile, inline = false, remembered = false }: PlatformOptions,
): Promise<PosixPlace> {
  const home = requireHome(system)
  const directory = join(home, DIRECTORY)
  const state = remembered ? readState(directory) : {}
  const shell = shellNamed(state.shell) ?? resolveLoginShell(asked, usualShell, system)
  const targets =
    rcFile !== undefined
      ? [{ path: resolve(system.workingDirectory, rcFile), handOver: [], onlyIfPresent: false }]
      : (state.profiles?.map((path) => ({ path, handOver: [], onlyIfPresent: true })) ??
        (await shell.profiles(home, system)))
  return { home, directory, shell, targets, inline }
}

/** The file of a value as a shell is to read it. */
export function valueFile(kind: ValueKind): string {
  return `~/${DIRECTORY}/${kind}`
}

/** The profile that the user loads. */
export function mainProfile({ targets }: PosixPlace): string {
  return targets[0]?.path ?? ''
}

/** The profiles that new shells read: those written to, without the ones left alone because they are not there. */
export function loadedProfiles({ targets }: PosixPlace): readonly string[] {
  return targets.filter(({ path, onlyIfPresent }) => !onlyIfPresent || existsSync(path)).map(({ path }) => path)
}

/** The home directory; everything is below it, so a wrong one is an error and not guessed. */
function requireHome({ env }: System): string {
  const home = env.HOME
  const fail = (message: string): never => {
    throw new CliError(message, { code: 'home', hint: 'set HOME to your home directory' })
  }
  if (home === undefined) return fail('HOME is not set.')
  if (!isAbsolute(home)) return fail('HOME is not an absolute path.')
  if (!statSync(home, { throwIfNoEntry: false })?.isDirectory()) return fail('HOME is not a directory.')
  return home.length > 1 ? home.replace(/\/+$/, '') : home
}
