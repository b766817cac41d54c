import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../shell-names.ts'
import { posixSyntax } from './posix-syntax.ts'
import type { PosixShell } from './shell.ts'

/** A login bash reads only the first of three files; creating that one must not switch off the others. */
export const HAND_OVER: readonly string[] = [
  '# A login bash reads only the first of ~/.bash_profile, ~/.bash_login and ~/.profile.',
  '# acs-env created this file, so it hands over to the one that was in use.',
  'if [ -r ~/.bash_login ]; then',
  '  . ~/.bash_login',
  'elif [ -r ~/.profile ]; then',
  '  . ~/.profile',
  'fi',
]

export const bash: PosixShell = {
  name: 'bash',
  programs: LOGIN_SHELL_PROGRAMS.bash,
  ...posixSyntax,
  profileNames: ['.bash_profile', '.bashrc', '.bash_login', '.profile'],
  // Standard input may be a socket, on which bash takes itself for a remote shell and reads ~/.bashrc.
  parses: ['--norc', '-O', 'extglob', '-n'],
  startup: async ({ home, system }) => {
    const isCreated = system.platform === 'linux'
    const interactive = join(home, '.bashrc')
    return {
      loadPoints: [
        {
          kind: 'block',
          path: join(home, '.bash_profile'),
          readBy: ['login'],
          ifMissing: 'create',
          preamble: HAND_OVER,
        },
        // Most terminals of Linux, and `docker exec`, start a bash that is no login shell and reads only this one. Those of
        // macOS start login shells.
        {
          kind: 'block',
          path: interactive,
          readBy: ['interactive'],
          ifMissing: isCreated ? 'create' : 'leave',
          preamble: [],
        },
      ],
      files: ['.bash_profile', '.bash_login', '.profile', '.bashrc'].map((name) => join(home, name)),
      starts: isCreated || existsSync(interactive) ? ['login', 'interactive'] : ['login'],
    }
  },
}
