import { Secret } from '../../secret.ts'
import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, otherIn } from '../here.ts'

const TIMEOUT_MS = 3_000

/** What macOS hands to the programs of the Dock and the Finder, which no shell starts. */
export const sessionLaunchd: Check = {
  id: 'session.launchd',
  fine: 'The macOS session has no old value.',
  on: ['darwin'],
  run: async ({ variables, system, signal }) => {
    const held = await Promise.all(
      variables.map(async ({ name }) => {
        const result = await system.run('/bin/launchctl', ['getenv', name], { timeoutMs: TIMEOUT_MS, signal })
        const value = result.kind === 'exited' && result.exitCode === 0 ? result.stdout.replace(/\n$/, '') : ''
        return value === '' ? [] : [[name, new Secret(value)] as const]
      }),
    )
    const other = namesOf(otherIn(variables, new Map(held.flat())))
    if (other.length === 0) return []
    return [
      warningFinding(
        `The macOS session has another value in ${listOf(other)} than the stored one, for the programs of the Dock.`,
        cureOf('Take it out', ...other.map((name) => `launchctl unsetenv ${name}`)),
      ),
    ]
  },
}
