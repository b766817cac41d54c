import { windowsPrograms } from '../../platforms/windows/programs.ts'
import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf } from '../here.ts'

const KEY = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment`
const TIMEOUT_MS = 5_000

/** Variables of the whole machine: the user's win over them, but services and other users get those. */
export const sessionMachine: Check = {
  id: 'session.machine',
  fine: 'Windows has no such variables for the whole machine.',
  on: ['win32'],
  run: async ({ variables, system, signal }) => {
    const { reg } = windowsPrograms(system)
    const found = await Promise.all(
      variables.map(async ({ name }) => {
        const result = await reg(['query', KEY, '/v', name], { timeoutMs: TIMEOUT_MS, signal })
        return result.kind === 'exited' && result.exitCode === 0
      }),
    )
    const names = listOf(namesOf(variables.filter((_, index) => found[index])))
    if (names === '') return []
    return [
      warningFinding(
        `Windows has ${names} for the whole machine too, which services and other users get.`,
        cureOf('Take it out under "System variables" in the settings of Windows, as an administrator'),
      ),
    ]
  },
}
