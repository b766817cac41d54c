import { CliError } from '../../errors.ts'
import { brokenSwitch, FIRST_NAME, hasCurrent, parkedNames } from '../../store/resources.ts'
import type { Stored } from '../../store/stored.ts'

const NONE_IS_CURRENT = 'None of the stored resources is the current one'

/** What the status of the current resource says of others. */
export function aboutSeveralResources(
  directory: string,
  found: Stored,
): { readonly showsName: boolean; readonly obstacles: readonly string[] } {
  const parked = parkedNames(directory, found)
  const broken = brokenSwitch(directory, found)
  const hasValues = found.connectionString !== undefined || found.accessToken !== undefined
  const [first] = parked
  return {
    showsName: hasCurrent(found) && (parked.length > 0 || (found.state.name ?? FIRST_NAME) !== FIRST_NAME),
    obstacles: [
      ...(broken?.kind === 'unfinished'
        ? [`A change of the current resource broke off; "acs-env use ${broken.name}" takes it from there.`]
        : []),
      ...(hasValues || first === undefined ? [] : [`${NONE_IS_CURRENT}; ${cureOf(first)}.`]),
    ],
  }
}

/** What to say where resources are stored and none is the current one; undefined where that is not so. */
export function noCurrentResource(directory: string, found: Stored): CliError | undefined {
  const [first] = hasCurrent(found) ? [] : parkedNames(directory, found)
  return first === undefined
    ? undefined
    : new CliError(`${NONE_IS_CURRENT}.`, { code: 'nothing_stored', hint: cureOf(first) })
}

function cureOf(name: string): string {
  return `"acs-env use ${name}" makes one of them that`
}
