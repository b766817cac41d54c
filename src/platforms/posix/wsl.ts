import type { PlatformId } from '../../store/store.ts'
import type { StoredValue } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { setxKeeps } from '../../values/setx.ts'

/**
 * Under WSL there are two systems with an environment each. Says which one this is, and how to set up the other where
 * Linux may start Windows programs.
 *
 * @param stored the variables that are stored
 */
export function wslRemarks(
  id: PlatformId,
  { env }: Pick<System, 'env'>,
  stored: readonly StoredValue[],
): readonly string[] {
  if (id !== 'linux' || env.WSL_DISTRO_NAME === undefined) return []
  const side = `this is the Linux side of WSL (${env.WSL_DISTRO_NAME}); Windows programs do not see the variables.`
  if (env.WSL_INTEROP === undefined || !stored.every(({ secret }) => setxKeeps(secret)))
    return [`${side} For those, run acs-env in a Windows console.`]
  // The shell fills in the values, so that no secret is printed.
  const commands = stored.map(({ name }) => `setx.exe ${name} "$${name}"`).join(' && ')
  return [`${side} For those, load them here and run: ${commands}`]
}
