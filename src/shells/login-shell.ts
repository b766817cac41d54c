import { CliError, UsageError } from '../errors.ts'
import type { System } from '../system/system.ts'
import { printable } from '../text/printable.ts'
import { bash } from './bash.ts'
import { sh } from './sh.ts'
import type { Shell, ShellName } from './shell.ts'
import { zsh } from './zsh.ts'

const shells = { bash, zsh, sh } satisfies Record<ShellName, Shell>

const BY_PROGRAM: ReadonlyMap<string, Shell> = new Map([
  ...Object.entries(shells),
  ['dash', sh],
  ['ash', sh],
  ['ksh', sh],
  ['ksh93', sh],
  ['mksh', sh],
])
/** What accounts have that nobody logs in to. */
const NO_SHELLS = new Set(['nologin', 'false', 'true', 'sync'])

/** The shell that this program is, by its path or name; undefined where it is not known. */
export function shellOf(program: string): Shell | undefined {
  return BY_PROGRAM.get(programName(program))
}

/** The shell of this name, as the state remembers it. */
export function shellNamed(name: string | undefined): Shell | undefined {
  return Object.values(shells).find((shell) => shell.name === name)
}

/**
 * The shell to set up: the one asked for, else `$SHELL`, else the account's, else the system's usual one. A shell that
 * is not known is an error with a way out, since writing to another shell's profile would do nothing for its user.
 */
export function resolveLoginShell(asked: string | undefined, usual: ShellName, system: System): Shell {
  if (asked !== undefined) {
    const known = shellOf(asked)
    if (known !== undefined) return known
    throw new UsageError('The value of --shell is not a shell that acs-env knows.', {
      code: 'unknown_shell',
      hint: 'it knows bash, zsh, sh, dash, ksh and mksh',
    })
  }
  const program = usableName(system.env.SHELL) ?? usableName(system.accountShell())
  if (program === undefined) return shells[usual]
  const known = BY_PROGRAM.get(program)
  if (known !== undefined) return known
  throw new CliError(`Your login shell, ${printable(program)}, is not one that acs-env can set up.`, {
    code: 'unknown_shell',
    hint: `name one with --shell (bash, zsh or sh); acs-env knows no other yet`,
  })
}

function usableName(path: string | undefined): string | undefined {
  const name = programName(path ?? '')
  return name === '' || NO_SHELLS.has(name) ? undefined : name
}

function programName(path: string): string {
  // A login shell's own name begins with "-".
  return path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '')
}
