import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isForeignHome } from '../../../shells/foreign-home.ts'
import { sessionEnvironment } from '../../../shells/session-environment.ts'
import type { Variable } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import type { PosixPlace } from '../place.ts'

const ASK_TIMEOUT_MS = 3_000

/**
 * A note for each variable that fish also has as a universal one: the value that acs-env loaded hid it, and new shells
 * have it again. fish is asked only where its file of such variables has the name.
 *
 * @param profiles the files that load the values
 */
export async function universalVariableNotes(
  profiles: readonly string[],
  variables: readonly Pick<Variable, 'name'>[],
  { home }: PosixPlace,
  system: System,
): Promise<readonly string[]> {
  const dropIn = profiles.find((path) => path.endsWith('/conf.d/acs-env.fish') && existsSync(path))
  if (dropIn === undefined || isForeignHome(home, system)) return []
  const file = join(dirname(dirname(dropIn)), 'fish_variables')
  const text = existsSync(file) ? readFileSync(file, 'latin1') : ''
  const found: string[] = []
  for (const { name } of variables.filter((variable) => text.includes(variable.name))) {
    // The command runs after the user's files; what else those set does not matter.
    const result = await system.run('fish', ['-c', `set -qU ${name}`], {
      env: sessionEnvironment('fish', home, system),
      timeoutMs: ASK_TIMEOUT_MS,
    })
    if (result.kind === 'exited' && result.exitCode === 0) found.push(name)
  }
  return found.map(
    (name) =>
      `fish has ${name} as a universal variable, too, which new shells have again; "set -Ue ${name}" removes it.`,
  )
}
