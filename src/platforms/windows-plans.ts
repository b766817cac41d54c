import { Secret } from '../secret.ts'
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
import { readVariableRecords, recordsStep, type VariableRecords } from './windows-records.ts'
import type { WindowsValues } from './windows-values.ts'

const OWN_VALUE = '- (your own value; "unset" brings it back)'

/** A step that sets or deletes a user variable. */
export type VariableStep = Extract<Step, { kind: 'user-variable' }>

/** What has to change for the values to be stored. */
export function planStore(directory: string, current: WindowsValues, request: Request): Plan {
  const names = request.variables.map(({ name }) => name)
  const takeOver = planTakeOver(directory, request.earlier, current, names)
  const steps = [
    ...takeOver.steps,
    ...variableSteps(current, request).map((step, index, all) => {
      const isFirst = all.findIndex(({ name }) => name === step.name) === index
      const takesOver = isFirst && takeOver.values.includes(step.name)
      return takesOver ? { ...step, preview: [OWN_VALUE, ...step.preview] } : step
    }),
    ...stateStep(directory, { ...request.remember, variables: request.variables }),
  ]
  requireWritable(steps, directory)
  return { ...planOf(steps, names, takeOver.notes), isDraft: request.accessToken === 'to-come' }
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
  const takeOver = planTakeOver(directory, earlier, current, names)
  const steps = [
    ...takeOver.steps,
    ...names.map((name) => variableStep(name, current, token)),
    ...stateStep(directory, { ...earlier, ...remember }),
  ]
  requireWritable(steps, directory)
  return planOf(steps, names, takeOver.notes)
}

/** What has to change for nothing of ours to be left, and for what was there before to be there again. */
export function planRemoval(directory: string, earlier: State, current: WindowsValues): Plan {
  const records = readVariableRecords(directory)
  const isOurs = ownership(directory, earlier, records)
  // The token first: at every moment the pair is whole or without a token.
  const known = [...namesOf(earlier, 'access-token'), ...namesOf(earlier, 'connection-string')]
  const others = [...records.keys()].filter((name) => !known.some((other) => other.toUpperCase() === name))
  const variables = [...known, ...others].flatMap((name): readonly VariableStep[] => {
    const before = records.get(name.toUpperCase())
    const step = variableStep(name, current, before && new Secret(before.text))
    if (!isOurs(name) || (step.after === undefined ? step.before === undefined : step.after.equals(step.before))) {
      return []
    }
    if (before === undefined) return [step]
    return [{ ...step, afterExpands: before.expands, summary: 'is as before', preview: ['- (your own value returns)'] }]
  })
  const files = ['state.json', 'restore.json'].flatMap((name): readonly Step[] => {
    const { path, state } = privateFile(directory, name)
    return state.bytes === undefined ? [] : [{ kind: 'remove-file', path, state, summary: '', preview: [] }]
  })
  const notes = known
    .filter((name) => !isOurs(name) && current.has(name))
    .map((name) => `${name} is set in ${REGISTRY_KEY}, but not by acs-env: it stays.`)
  return planOf(
    [...variables, ...files],
    variables.map(({ name }) => name),
    notes,
  )
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

function planOf(steps: readonly Step[], names: readonly string[], notes: readonly string[]): Plan {
  const stored = names.map((name) => ({ name, where: REGISTRY_KEY }))
  return { isDraft: false, steps, stored, warnings: [], notes }
}

/** Keeps what the user has in variables that are to be ours; before they change, so that a run that is killed loses nothing. */
function planTakeOver(
  directory: string,
  earlier: State,
  current: WindowsValues,
  names: readonly string[],
): Pick<Plan, 'steps' | 'notes'> & { readonly values: readonly string[] } {
  const records = readVariableRecords(directory)
  const isOurs = ownership(directory, earlier, records)
  const taken = names.filter((name) => !isOurs(name))
  const values = taken.filter((name) => current.has(name))
  const added = taken.map((name) => [name.toUpperCase(), current.string(name)] as const)
  return {
    steps: added.length === 0 ? [] : recordsStep(directory, new Map([...records, ...added])),
    values,
    notes: values.map(
      (name) => `${name} was set in ${REGISTRY_KEY}; acs-env takes its place, and "unset" brings it back.`,
    ),
  }
}

/** Whether a variable is one that acs-env has stored, or was about to store when it was killed. */
function ownership(directory: string, earlier: State, records: VariableRecords): (name: string) => boolean {
  const hasState = privateFile(directory, 'state.json').state.bytes !== undefined
  const stored = hasState ? (earlier.variables ?? DEFAULT_VARIABLES).map(({ name }) => name.toUpperCase()) : []
  return (name) => records.has(name.toUpperCase()) || stored.includes(name.toUpperCase())
}

/** The names that a value is stored under. */
export function namesOf({ variables = DEFAULT_VARIABLES }: State, kind: ValueKind): readonly string[] {
  return variables.filter(({ value }) => value === kind).map(({ name }) => name)
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function variableSteps(current: WindowsValues, request: Request): readonly VariableStep[] {
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
