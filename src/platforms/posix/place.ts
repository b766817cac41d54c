import { statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CliError, UsageError } from '../../errors.ts'
import { LOGIN_SHELL_PROGRAMS, type LoginShellName } from '../../shell-names.ts'
import { loginShellNamed, loginShellOf, loginShells, programName } from '../../shells/index.ts'
import type { LoginShell, Startup } from '../../shells/shell.ts'
import { readState, requireNoLaterState } from '../../store/state.ts'
import type { StartupWish } from '../../store/store.ts'
import type { State, ValueKind } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { requireOwnLanguage } from './foreign-profile.ts'

/** The directory of the value files as every shell is to read it, whatever `XDG_CONFIG_HOME` says today. */
const DIRECTORY = '.config/acs-env'
/** What accounts have that nobody logs in to. */
const NO_SHELLS = new Set(['nologin', 'false', 'true', 'sync'])

/** What macOS and Linux differ in. */
export interface PosixTraits {
  readonly id: 'macos' | 'linux'
  readonly usualShell: LoginShellName
}

/** Where a user of macOS or Linux keeps things. */
export interface PosixPlace {
  readonly home: string
  /** For the value files and our own notes. */
  readonly directory: string
  /** As whom this runs; undefined where there are no such numbers. */
  readonly userId: number | undefined
}

/** The same place with the shell that setup prepares, and its start-up files. */
export interface PreparedPlace extends PosixPlace {
  readonly shell: LoginShell
  /** The program of the login shell: a path, or a name to be found on PATH. */
  readonly program: string
  readonly startup: Startup
  /** The only profile, where the user named one. */
  readonly rcFile: string | undefined
  readonly inline: boolean
}

/** The place of this user. Everything is below the home, so a wrong one is an error and not guessed. */
export function findPlace(system: System): PosixPlace {
  const home = requireHome(system)
  return { home, directory: join(home, DIRECTORY), userId: system.userId }
}

/** Decides which shell is set up, and in which of its files. May have to start that shell to ask it. */
export async function preparePlace(
  { usualShell }: PosixTraits,
  { shell: named, rcFile, inline }: StartupWish,
  system: System,
): Promise<PreparedPlace> {
  const place = findPlace(system)
  const { home, directory } = place
  requireNoLaterState(directory, home)
  const { shell, program } = requireLoginShell(named, usualShell, system)
  const namedFile = rcFile === undefined ? undefined : resolve(system.workingDirectory, rcFile)
  if (namedFile !== undefined) requireOwnLanguage(namedFile)
  // A profile that was named once is meant every time, until another shell is.
  const only = namedFile ?? (named === undefined ? readState(directory, home).startup?.rcFile : undefined)
  const prepared = { ...place, shell, program, rcFile: only, inline }
  if (only !== undefined) {
    const loadPoint = { path: only, ifMissing: 'create', readBy: ['login', 'interactive'], preamble: [] } as const
    return { ...prepared, startup: { loadPoints: [loadPoint], files: [only], starts: ['login', 'interactive'] } }
  }
  const startup = await shell.startup({ home, program, system })
  if ('unanswered' in startup) {
    throw new CliError(`${startup.unanswered}, so which profile it reads is not known.`, {
      code: 'shell',
      hint: 'see what its start-up files wait for, or name the profile with --rc-file',
    })
  }
  return { ...prepared, startup }
}

/** The shell that the variables were set up for, else the one that would be. */
export function rememberedShell({ usualShell }: PosixTraits, { startup }: State, system: System): LoginShell {
  const remembered = loginShellNamed(startup?.shell)
  if (remembered !== undefined) return remembered
  const found = findLoginShell(system)
  return found.kind === 'known' ? found.shell : requireShellNamed(usualShell)
}

/** The profiles that have the block, or may have it where nothing is remembered. */
export function knownProfiles({ home }: PosixPlace, { startup }: State): readonly string[] {
  if (startup !== undefined) return startup.profiles
  return [...new Set(loginShells.flatMap(({ profileNames }) => profileNames))].map((name) => join(home, name))
}

/** The file of a value as a shell is to read it. */
export function valueFile(kind: ValueKind): string {
  return `~/${DIRECTORY}/${kind}`
}

/** The account's or the session's login shell. */
type FoundShell =
  | { readonly kind: 'known'; readonly shell: LoginShell; readonly program: string }
  | { readonly kind: 'unknown'; readonly program: string }
  | { readonly kind: 'none' }

function findLoginShell({ env, accountShell }: System): FoundShell {
  for (const program of [env.SHELL, accountShell()]) {
    const name = programName(program ?? '')
    if (program === undefined || name === '' || NO_SHELLS.has(name)) continue
    const shell = loginShellOf(program)
    return shell === undefined ? { kind: 'unknown', program } : { kind: 'known', shell, program }
  }
  return { kind: 'none' }
}

function requireLoginShell(
  named: string | undefined,
  usual: LoginShellName,
  system: System,
): { readonly shell: LoginShell; readonly program: string } {
  const found = findLoginShell(system)
  if (named !== undefined) {
    const shell = loginShellOf(named)
    if (shell === undefined) {
      throw new UsageError('The value of --shell is not a shell that acs-env knows.', {
        code: 'unknown_shell',
        hint: `it knows ${Object.values(LOGIN_SHELL_PROGRAMS).flat().join(', ')}`,
      })
    }
    // The session's own program, which need not be on PATH, where it is the same shell.
    const isSame = found.kind === 'known' && programName(found.program) === programName(named)
    return { shell, program: isSame ? found.program : named }
  }
  switch (found.kind) {
    case 'known':
      return found
    case 'none':
      return { shell: requireShellNamed(usual), program: usual }
    case 'unknown':
      // Writing to another shell's profile would do nothing for its user.
      throw new CliError(
        `Your login shell, ${printable(programName(found.program))}, is not one that acs-env can set up.`,
        {
          code: 'unknown_shell',
          hint: `name one with --shell (${loginShells.map(({ name }) => name).join(', ')}); acs-env knows no other yet`,
        },
      )
    default:
      return found satisfies never
  }
}

function requireShellNamed(name: LoginShellName): LoginShell {
  const shell = loginShellNamed(name)
  if (shell === undefined) throw new Error(`${name} is no login shell.`)
  return shell
}

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
