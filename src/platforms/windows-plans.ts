import type { Secret } from '../secret.ts'
import { requireWritable } from './file-steps.ts'
import {
  DEFAULT_VARIABLES,
  type Inspection,
  type Plan,
  type Remembered,
  type Request,
  type State,
  type Step,
  type ValueKind,
} from './platform.ts'
import { privateFile } from './private-files.ts'
import { REGISTRY_KEY } from './registry-key.ts'
import { stateStep } from './state.ts'
import type { WindowsValues } from './windows-values.ts'

/** A step that sets or deletes a user variable. */
export type VariableStep = Extract<Step, { kind: 'user-variable' }>

/** What has to change for the values to be stored. */
export function planStore(directory: string, current: WindowsValues, request: Request): Plan {
  const steps = [
    ...variableSteps(current, request),
    ...stateStep(directory, { ...request.remember, variables: request.variables }),
  ]
  requireWritable(steps, directory)
  return {
    ...planOf(
      steps,
      request.variables.map(({ name }) => name),
    ),
    isDraft: request.accessToken === 'to-come',
  }
}

/** What has to change for a new token. */
export function planRenewal(
  directory: string,
  earlier: State,
  current: WindowsValues,
  token: Secret,
  remember: Remembered,
): Plan {
  const names = namesOf(earlier, 'access-token')
  const steps = [
    ...names.map((name) => variableStep(name, current, token)),
    ...stateStep(directory, { ...earlier, ...remember }),
  ]
  requireWritable(steps, directory)
  return planOf(steps, names)
}

/** What has to change for nothing of ours to be left. */
export function planRemoval(directory: string, earlier: State, current: WindowsValues): Plan {
  // The token first: at every moment the pair is whole or without a token.
  const names = [...namesOf(earlier, 'access-token'), ...namesOf(earlier, 'connection-string')].filter((name) =>
    current.has(name),
  )
  const { path, state } = privateFile(directory, 'state.json')
  const file: readonly Step[] =
    state.bytes === undefined ? [] : [{ kind: 'remove-file', path, state, summary: '', preview: [] }]
  return planOf([...names.map((name) => variableStep(name, current, undefined)), ...file], names)
}

/** What a new console will see. */
export function inspect(earlier: State, current: WindowsValues): Inspection {
  const variables = (earlier.variables ?? DEFAULT_VARIABLES).map((variable) => ({
    ...variable,
    storedIn: current.has(variable.name) ? [REGISTRY_KEY] : [],
    secret: current.get(variable.name),
  }))
  return { variables, problems: [] }
}

function planOf(steps: readonly Step[], names: readonly string[]): Plan {
  const stored = names.map((name) => ({ name, where: REGISTRY_KEY }))
  return { isDraft: false, steps, stored, warnings: [], notes: [] }
}

/** The names that a value is stored under. */
export function namesOf({ variables = DEFAULT_VARIABLES }: State, kind: ValueKind): readonly string[] {
  return variables.filter(({ value }) => value === kind).map(({ name }) => name)
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function variableSteps(current: WindowsValues, request: Request): readonly Step[] {
  const { connectionString, accessToken, variables, earlier, otherResource } = request
  const gone = (earlier.variables ?? DEFAULT_VARIABLES).filter(
    ({ name }) => !variables.some((variable) => variable.name === name),
  )
  const tokenNames = namesOf({ variables }, 'access-token')
  const removals = [...gone.map(({ name }) => name), ...(otherResource ? tokenNames : [])]
  const afterRemoval = current.without(removals)
  const newToken = accessToken === 'to-come' ? undefined : accessToken
  return [
    ...removals.filter((name) => current.has(name)).map((name) => variableStep(name, current, undefined)),
    ...namesOf({ variables }, 'connection-string').map((name) => variableStep(name, afterRemoval, connectionString)),
    ...tokenNames.map((name) => ({
      ...variableStep(name, afterRemoval, newToken),
      summary: 'a user variable',
      preview: [`+ ${newToken ?? '(a new access token)'}`],
    })),
  ].filter(({ before, after }) => after === undefined || !after.equals(before))
}

function variableStep(name: string, current: WindowsValues, after: Secret | undefined): VariableStep {
  const preview = after === undefined ? '- (the variable goes away)' : `+ ${after}`
  const summary = after === undefined ? 'goes away' : 'a user variable'
  return {
    kind: 'user-variable',
    name,
    before: current.get(name),
    expands: current.expands(name),
    after,
    summary,
    preview: [preview],
  }
}
