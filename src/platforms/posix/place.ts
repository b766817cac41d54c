import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CliError, UsageError } from '../../errors.ts'
import { below } from '../../files/below.ts'
import { LOGIN_SHELL_PROGRAMS, loginShellNameOf, programName, type LoginShellName } from '../../shell-names.ts'
import { loginShellNamed, posixShells } from '../../shells/index.ts'
import { usualOtherFiles } from '../../shells/other-files.ts'
import { SESSION_PATH } from '../../shells/session-environment.ts'
import type { LoginShell, Startup } from '../../shells/shell.ts'
import { readState, requireNoLaterState } from '../../store/state.ts'
import type { StartupWish } from '../../store/store.ts'
import type { State, ValueKind } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { requireOwnLanguage } from './foreign-profile.ts'

/** The directory of the value files as every shell reads it, whatever `XDG_CONFIG_HOME` says today. */
const DIRECTORY = '.config/acs-env'
/** The shells of accounts that nobody logs in to. */
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
  /** The user that this runs as; undefined where users have no numbers. */
  readonly userId: number | undefined
  /** Where some shells look for their files in this session, besides `~/.config`. */
  readonly xdgConfigHome: string | undefined
}

/** The same place with what setup has found out about the login shell. */
export type PreparedPlace = KnownShellPlace | UnknownShellPlace

/** The shell that setup prepares, and its start-up files. */
export interface KnownShellPlace extends PosixPlace {
  readonly kind: 'known-shell'
  readonly shell: LoginShell
  /** The program of the login shell: a path, or a name to be found on PATH. */
  readonly program: string
  readonly startup: Startup
  /** How long it took to ask it for them. */
  readonly askedMs: number
  /** The only profile, where the user named one. */
  readonly rcFile: string | undefined
  readonly inline: boolean
}

/** Nobody here knows what the login shell reads when it starts: the values are stored, and nothing loads them. */
interface UnknownShellPlace extends PosixPlace {
  readonly kind: 'unknown-shell'
  readonly program: string
}

/** The place of this user. Everything is below the home, so a wrong one is an error and not guessed. */
export function findPlace(system: System): PosixPlace {
  const home = requireHome(system)
  return { home, directory: join(home, DIRECTORY), userId: system.userId, xdgConfigHome: xdgConfigHome(system) }
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
  const login = findShellFor(named, usualShell, system)
  if (login.kind === 'unknown') return unknownShellPlace(place, login.program, rcFile, inline)
  const { program } = login
  const shell = await loginShellNamed(login.name)
  const namedFile = rcFile === undefined ? undefined : resolve(system.workingDirectory, rcFile)
  // A profile that was named once stays the only one, until another shell is named.
  const only = namedFile ?? (named === undefined ? readState(directory, home).startup?.rcFile : undefined)
  if (only !== undefined) requireOwnLanguage(only, shell)
  const prepared = { ...place, kind: 'known-shell', shell, program, rcFile: only, inline } as const
  if (only !== undefined) {
    const loadPoint = {
      kind: 'block',
      path: only,
      ifMissing: 'create',
      readBy: ['login', 'interactive'],
      preamble: [],
    } as const
    const startup: Startup = { loadPoints: [loadPoint], files: [only], starts: ['login', 'interactive'] }
    return { ...prepared, startup, askedMs: 0 }
  }
  const askedFromMs = system.elapsedMs()
  const startup = await shell.startup({ home, program, system })
  if ('unanswered' in startup) {
    throw new CliError(`${startup.unanswered}, so which profile it reads is not known.`, {
      code: 'shell',
      hint: 'see what its start-up files wait for, or name the profile with --rc-file',
    })
  }
  return { ...prepared, startup, askedMs: system.elapsedMs() - askedFromMs }
}

/** The profiles that have the block and the files of our own, or that may be such files where nothing is remembered. */
export function knownProfiles({ home, xdgConfigHome }: PosixPlace, { startup }: State): readonly string[] {
  if (startup !== undefined) return startup.profiles
  const names = new Set(posixShells.flatMap(({ profileNames }) => profileNames))
  return [...[...names].map((name) => below(home, name)), ...usualOtherFiles(home, xdgConfigHome)]
}

/** The file of a value as a shell is to read it. */
export function valueFile(kind: ValueKind): string {
  return `~/${DIRECTORY}/${kind}`
}

/** The login shell of the session or, where that has none, of the account. */
type FoundShell =
  | { readonly kind: 'known'; readonly name: LoginShellName; readonly program: string }
  | { readonly kind: 'unknown'; readonly program: string }

export function findLoginShell({ env, accountShell }: System): FoundShell | undefined {
  for (const program of [env.SHELL, accountShell()]) {
    const called = programName(program ?? '')
    if (program === undefined || called === '' || NO_SHELLS.has(called)) continue
    const name = loginShellNameOf(program)
    return name === undefined ? { kind: 'unknown', program } : { kind: 'known', name, program }
  }
  return undefined
}

function findShellFor(named: string | undefined, usual: LoginShellName, system: System): FoundShell {
  const found = findLoginShell(system)
  if (named === undefined) return found ?? { kind: 'known', name: usual, program: usual }
  const name = loginShellNameOf(named)
  if (name === undefined) {
    throw new UsageError('The value of --shell is not a shell that acs-env knows.', {
      code: 'unknown_shell',
      hint: `it knows ${Object.values(LOGIN_SHELL_PROGRAMS).flat().join(', ')}`,
    })
  }
  // The session's own program, which need not be on PATH, where it is the same shell.
  const isSame = found?.kind === 'known' && programName(found.program) === programName(named)
  return { kind: 'known', name, program: isSame ? found.program : programOf(name, named, system) }
}

/** "nushell" and "powershell" are names of shells, and `nu` and `pwsh` those of their programs. */
function programOf(name: LoginShellName, named: string, { env }: System): string {
  const [usual] = LOGIN_SHELL_PROGRAMS[name]
  const program = named === 'nushell' || named === 'powershell' ? usual : named
  if (program.includes('/') || findIn(SESSION_PATH, program) !== undefined) return program
  // What start-up files add to PATH, a new session does not have yet.
  return findIn(env.PATH ?? '', program) ?? program
}

function findIn(path: string, program: string): string | undefined {
  const directories = path.split(':').filter((directory) => isAbsolute(directory))
  return directories.map((directory) => join(directory, program)).find((file) => existsSync(file))
}

function unknownShellPlace(
  place: PosixPlace,
  program: string,
  rcFile: string | undefined,
  inline: boolean,
): UnknownShellPlace {
  const option = rcFile === undefined ? (inline ? '--inline' : undefined) : '--rc-file'
  if (option !== undefined) {
    throw new CliError(
      `${option} writes in the language of your login shell, and ${printable(programName(program))} is not one that acs-env knows.`,
      { code: 'unknown_shell', hint: `leave it out, or name with --shell the shell that is to have the values` },
    )
  }
  return { ...place, kind: 'unknown-shell', program }
}

function xdgConfigHome({ env }: System): string | undefined {
  const named = env.XDG_CONFIG_HOME
  return named !== undefined && isAbsolute(named) ? named : undefined
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
