import { join } from 'node:path'
import { POSIX, type Check } from '../check.ts'
import { pathsIn } from '../directory.ts'
import { cureOf, warningFinding } from '../finding.ts'
import { firstMentions } from '../mentions.ts'

/** Read at log-in: by PAM, by display managers and desktops, and by systemd for its user session. */
const OF_SYSTEM = ['/etc/environment', '/etc/security/pam_env.conf']
const OF_USER = ['.pam_environment', '.xprofile', '.xsessionrc', '.xsession', '.xinitrc']
/** Directories in which every file is read. */
const DIRECTORIES_OF_SYSTEM = ['/etc/environment.d', '/run/environment.d', '/usr/lib/environment.d']
const DIRECTORIES_OF_USER = ['.config/environment.d', '.config/plasma-workspace/env', 'Library/LaunchAgents']

/** Files, other than those of shells, that set variables for a whole session. */
export const sessionFiles: Check = {
  id: 'session.files',
  fine: 'No file of the session sets the variables.',
  on: POSIX,
  run: ({ home = '/', variables, show }) => {
    const directories = [...DIRECTORIES_OF_SYSTEM, ...DIRECTORIES_OF_USER.map((name) => join(home, name))]
    const files = [...OF_SYSTEM, ...OF_USER.map((name) => join(home, name)), ...directories.flatMap(pathsIn)]
    return firstMentions(variables, files).map(({ name, file, line }) =>
      warningFinding(
        `${show(file)} sets ${name} for the whole session in line ${line}.`,
        cureOf('Take that line out, then log out and in'),
        { file, line, via: [] },
      ),
    )
  },
}
