import { tryReadFileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import type { DotenvTarget, Stored, ValueKind } from '../../store/stored.ts'
import { valuesInDotenv } from './merge.ts'

/** What a file has of the values that it was asked to hold. */
export type FoundValues = Pick<Stored, 'connectionString' | 'accessToken'>

/**
 * The values in a file; none where it cannot be read.
 *
 * @param state the file, where it was read before
 */
export function readTarget(
  { file, variables }: Pick<DotenvTarget, 'file' | 'variables'>,
  state = tryReadFileState(file),
): FoundValues {
  const bytes = 'problem' in state ? undefined : state.bytes
  const values = valuesInDotenv(
    bytes ?? Buffer.alloc(0),
    variables.map(({ name }) => name),
  )
  const valueOf = (kind: ValueKind): Secret | undefined => {
    const names = variables.filter(({ value }) => value === kind).map(({ name }) => name)
    const text = names.map((name) => values.get(name)).find((found) => found !== undefined && found !== '')
    return text === undefined ? undefined : new Secret(text)
  }
  return { connectionString: valueOf('connection-string'), accessToken: valueOf('access-token') }
}

/**
 * What is stored, where `.env` files are among the places: the pair of the first place that has a token, the system's own
 * first. Never one value from here and one from there.
 *
 * @param base what the system's own place has
 */
export function findAmongTargets(base: Stored): { readonly found: Stored; readonly target: DotenvTarget | undefined } {
  if (base.accessToken !== undefined) return { found: base, target: undefined }
  const places = base.state.dotenv.map((target) => ({ target, values: readTarget(target) }))
  const best =
    places.find(({ values }) => values.accessToken !== undefined) ??
    (base.connectionString === undefined
      ? places.find(({ values }) => values.connectionString !== undefined)
      : undefined)
  if (best === undefined) return { found: base, target: undefined }
  const { target, values } = best
  return { found: { ...values, state: { ...base.state, variables: target.variables } }, target }
}
