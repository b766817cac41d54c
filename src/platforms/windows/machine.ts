import type { RunResult } from '../../system/system.ts'
import type { WindowsPrograms } from './programs.ts'

/** The environment that all users of the computer have; one's own value of a name comes before it. */
const MACHINE_KEY = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment`
/** For a note alone nobody waits longer. */
const REG_TIMEOUT_MS = 3_000

/** Tells which of these variables the computer has for all its users; none where that cannot be found out. Asks once. */
export function machineEnvironment(
  programs: WindowsPrograms,
): (names: readonly string[]) => Promise<readonly string[]> {
  let asked: Promise<RunResult> | undefined
  return async (names) => {
    asked ??= programs.reg(['query', MACHINE_KEY], { timeoutMs: REG_TIMEOUT_MS })
    const result = await asked
    if (result.kind !== 'exited' || result.exitCode !== 0) return []
    // Our names are ASCII, which every code page leaves as it is.
    return names.filter((name) => new RegExp(`^ {4}${name} {4}REG_`, 'mi').test(result.stdout))
  }
}
