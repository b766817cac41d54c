import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from '../../system/system.ts'
import { readAssignments } from '../assignments.ts'
import { POSIX, type Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, otherIn } from '../here.ts'

const TIMEOUT_MS = 3_000

/** The tmux server keeps the environment of its first client for every window; one with a login shell reads anew. */
export const environmentTmux: Check = {
  id: 'environment.tmux',
  fine: 'The tmux server has no old value.',
  on: POSIX,
  run: async ({ variables, system, signal }) => {
    if (!hasServer(system)) return { skipped: 'no tmux server runs' }
    const result = await system.run('tmux', ['show-environment', '-g'], { timeoutMs: TIMEOUT_MS, signal })
    if (result.kind !== 'exited' || result.exitCode !== 0) return { skipped: 'no tmux server runs' }
    const other = namesOf(otherIn(variables, readAssignments(result.stdout)))
    if (other.length === 0) return []
    return [
      warningFinding(
        `The tmux server has another value in ${listOf(other)} than the stored one, for windows whose shell reads no start-up file.`,
        cureOf('Take it out, then open new windows', ...other.map((name) => `tmux set-environment -gu ${name}`)),
      ),
    ]
  },
}

/** Without one, tmux need not be asked. */
function hasServer({ env, userId }: System): boolean {
  return env.TMUX !== undefined || existsSync(join(env.TMUX_TMPDIR ?? '/tmp', `tmux-${userId}`, 'default'))
}
