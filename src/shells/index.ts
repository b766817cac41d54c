import type { LoginShellName, ShellName } from '../shell-names.ts'
import { bash } from './bash.ts'
import { cmd } from './cmd.ts'
import { ksh } from './ksh.ts'
import { mksh } from './mksh.ts'
import { sh } from './sh.ts'
import type { LoginShell, PosixShell, Shell } from './shell.ts'
import { zsh } from './zsh.ts'

/** The shells that read what sh reads. */
export const posixShells: readonly PosixShell[] = [bash, zsh, sh, ksh, mksh]

/** Every shell whose start-up files can load the variables: `--shell`. Those of other languages are loaded for it. */
export async function allLoginShells(): Promise<readonly LoginShell[]> {
  const { otherShells } = await import('./other/index.ts')
  return [...posixShells, ...otherShells]
}

/** The login shell of this name; the rarer ones are loaded for it. */
export async function loginShellNamed(name: LoginShellName): Promise<LoginShell> {
  const found = posixShells.find((shell) => shell.name === name) ?? (await otherShellNamed(name))
  if (found === undefined) throw new Error(`${name} is no login shell.`)
  return found
}

/** The shell of this name: `env --format`. */
export async function shellNamed(name: ShellName): Promise<Shell> {
  return name === 'cmd' ? cmd : await loginShellNamed(name)
}

async function otherShellNamed(name: LoginShellName): Promise<LoginShell | undefined> {
  const { otherShells } = await import('./other/index.ts')
  return otherShells.find((shell) => shell.name === name)
}
