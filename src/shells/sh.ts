import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../shell-names.ts'
import { findEnvironmentFile } from './posix-environment-file.ts'
import { posixSyntax } from './posix-syntax.ts'
import { shellPath } from './posix-words.ts'
import type { LoadPoint, PosixShell } from './shell.ts'

/** The plain POSIX shells, which read `~/.profile` when one logs in, and otherwise only the file that `ENV` names. */
export const sh: PosixShell = {
  name: 'sh',
  programs: LOGIN_SHELL_PROGRAMS.sh,
  ...posixSyntax,
  // "." and not "source", which dash does not have.
  load: (path, home) => ({ kind: 'command', text: `. ${shellPath(path, home)}` }),
  profileNames: ['.profile'],
  parses: ['-n'],
  startup: async (place) => {
    const profile = join(place.home, '.profile')
    const environmentFile = await findEnvironmentFile(undefined, place)
    return {
      loadPoints: [
        { kind: 'block', path: profile, readBy: ['login'], ifMissing: 'create', preamble: [] },
        ...loadPointsAt(environmentFile),
      ],
      files: [profile, ...(environmentFile === undefined ? [] : [environmentFile])],
      // One that is no login shell reads it only where the session hands ENV on.
      starts: place.system.env.ENV === undefined ? ['login'] : ['login', 'interactive'],
    }
  },
}

function loadPointsAt(environmentFile: string | undefined): readonly LoadPoint[] {
  if (environmentFile === undefined) return []
  return [{ kind: 'block', path: environmentFile, readBy: ['interactive', 'login'], ifMissing: 'leave', preamble: [] }]
}
