import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readAssignments } from '../assignments.ts'
import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, otherIn } from '../here.ts'

const TIMEOUT_MS = 3_000

/** What the user's systemd hands to units and, on most desktops, to the programs started there. */
export const sessionSystemd: Check = {
  id: 'session.systemd',
  fine: 'The systemd user session has no old value.',
  on: ['linux'],
  run: async ({ variables, system, signal }) => {
    const { XDG_RUNTIME_DIR } = system.env
    if (XDG_RUNTIME_DIR === undefined || !existsSync(join(XDG_RUNTIME_DIR, 'systemd'))) {
      return { skipped: 'there is no systemd user session' }
    }
    const result = await system.run('systemctl', ['--user', 'show-environment'], { timeoutMs: TIMEOUT_MS, signal })
    if (result.kind !== 'exited' || result.exitCode !== 0) return { skipped: 'the systemd user session did not answer' }
    const other = namesOf(otherIn(variables, readAssignments(result.stdout)))
    if (other.length === 0) return []
    return [
      warningFinding(
        `The systemd user session has another value in ${listOf(other)} than the stored one, for what it starts.`,
        cureOf('Take it out', `systemctl --user unset-environment ${other.join(' ')}`),
      ),
    ]
  },
}
