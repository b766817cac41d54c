import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CliError } from '../../errors.ts'
import { resolveLoginShell, shellNamed } from '../../shells/login-shell.ts'
import type { ProfileTarget, Shell, ShellName } from '../../shells/shell.ts'
import { readState, requireNoLaterState } from '../../store/state.ts'
import type { PlatformOptions, ValueKind } from '../../store/store.ts'
import type { System } from '../../system/system.ts'

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
  /** The only profile, where the user named one. */
  readonly rcFile: string | undefined
  /** As whom this runs; undefined where there are no such numbers. */
  readonly userId: number | undefined
  /** The account's login shell; the system's user database is asked for it, which may be far away. */
  readonly accountShell: System['accountShell']
}

export async function resolvePlace(
  usualShell: ShellName,
  system: System,
  { shell: asked, rcFile, inline = false, remembered = false, changes }: PlatformOptions,
): Promise<PosixPlace> {
  const home = requireHome(system)
  const directory = join(home, DIRECTORY)
  const state = readState(directory, home)
  // Before a token is asked for that could not be stored. A state that says nothing may be one of a later version.
  if (changes === 'stores' && state.variables === undefined) requireNoLaterState(directory, home)
  const shell = remembered
    ? (shellNamed(state.shell) ?? tolerantLoginShell(usualShell, system))
    : resolveLoginShell(asked, usualShell, system)
  const named = rcFile === undefined ? undefined : resolve(system.workingDirectory, rcFile)
  // A profile that was named once is meant every time, until another shell is.
  const only = named ?? (asked === undefined ? state.rcFile : undefined)
  const targets = remembered
    ? await rememberedTargets(only, state.profiles, shell, home, system)
    : await targetsFor(only, shell, home, system)
  return {
    home,
    directory,
    shell,
    targets,
    inline,
    rcFile: only,
    userId: system.userId,
    accountShell: system.accountShell,
  }
}

async function targetsFor(
  only: string | undefined,
  shell: Shell,
  home: string,
  system: System,
): Promise<readonly ProfileTarget[]> {
  return only === undefined ? shell.profiles(home, system) : [{ path: only, handOver: [], onlyIfPresent: false }]
}

async function rememberedTargets(
  only: string | undefined,
  written: readonly string[] | undefined,
  shell: Shell,
  home: string,
  system: System,
): Promise<readonly ProfileTarget[]> {
  if (written !== undefined) {
    return written.map((path, index) => ({ path, handOver: [], onlyIfPresent: index > 0 }))
  }
  try {
    return await targetsFor(only, shell, home, system)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    // What is stored does not depend on a shell that does not say which profile it reads.
    return targetsFor(only, shell, home, { ...system, env: { ...system.env, ZDOTDIR: home } })
  }
}

/** What is stored does not depend on the shell, so an unknown one is no reason to fail. */
function tolerantLoginShell(usualShell: ShellName, system: System): Shell {
  try {
    return resolveLoginShell(undefined, usualShell, system)
  } catch (error) {
    if (error instanceof CliError) return resolveLoginShell(usualShell, usualShell, system)
    throw error
  }
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
