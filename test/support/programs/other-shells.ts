import type { LoginShellName } from '../../../src/shell-names.ts'
import { hasProgram } from './requirements.ts'

/** A shell with a language of its own that is installed here. */
export interface InstalledShell {
  readonly title: string
  readonly name: LoginShellName
  readonly program: string
  /** The arguments in front of a script that make it run that, and read no start-up file. */
  readonly scriptArgs: readonly string[]
}

/** Those of Debian, and those that the environment names; in CI all of them have to be there. */
export function installedOtherShells(): readonly InstalledShell[] {
  const all: readonly InstalledShell[] = [
    { title: 'fish', name: 'fish', program: '/usr/bin/fish', scriptArgs: ['--no-config'] },
    { title: 'fish 4', name: 'fish', program: named('ACS_ENV_TEST_FISH4'), scriptArgs: ['--no-config'] },
    { title: 'nushell', name: 'nu', program: named('ACS_ENV_TEST_NU'), scriptArgs: ['--no-config-file'] },
    { title: 'xonsh', name: 'xonsh', program: '/usr/bin/xonsh', scriptArgs: ['--no-rc'] },
    { title: 'tcsh', name: 'tcsh', program: '/usr/bin/tcsh', scriptArgs: ['-f'] },
    { title: 'elvish', name: 'elvish', program: '/usr/bin/elvish', scriptArgs: [] },
  ]
  return all.filter(({ program }) => isInstalled(program))
}

/** A nushell without a directory for files of others; in CI there has to be one. */
export function oldNushell(): string | undefined {
  const program = named('ACS_ENV_TEST_OLD_NU')
  return isInstalled(program) ? program : undefined
}

function named(variable: string): string {
  const { [variable]: path = '', CI: inCi = '' } = process.env
  if (path === '' && inCi !== '') throw new Error(`${variable} is missing; in CI it names a shell`)
  if (path === '') console.warn(`left out: tests with the shell that ${variable} names`)
  return path
}

function isInstalled(program: string): boolean {
  return program !== '' && hasProgram(program)
}
