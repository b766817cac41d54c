import { Secret } from '../../secret.ts'
import { requireWritable } from '../../store/change/perform.ts'
import { privateFile } from '../../store/own-files.ts'
import { stateStep } from '../../store/state.ts'
import {
  DEFAULT_VARIABLES,
  requestedSecret,
  type Inspection,
  type Plan,
  type Remembered,
  type Request,
  type State,
  type Step,
  type ValueKind,
} from '../../store/store.ts'
import { isWritten, managedNames, nextRecord, readVariableRecords, RECORDS_FILE, recordsStep } from './records.ts'
import { REGISTRY_KEY } from './registry-key.ts'
import type { WindowsValues } from './values.ts'

const OWN_VALUE = '- (your own value; "unset" brings it back)'

/** A step that sets or deletes a user variable. */
export type VariableStep = Extract<Step, { kind: 'user-variable' }>

/** What has to change for the values to be stored. */
export function planStore(directory: string, current: WindowsValues, request: Request): Plan {
  const names = request.variables.map(({ name }) => name)
  const variables = variableSteps(current, request, managedNames(directory))
  const takeOver = planTakeOver(directory, current, variables, [
    ...variables.map(({ name, after }) => [name, after] as const),
    // Also those that have their value already.
    ...request.variables.map(({ name, value }) => [name, requestedSecret(request, value)] as const),
  ])
  const steps = [...takeOver.steps, ...stateStep(directory, { ...request.remember, variables: request.variables })]
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
  const takeOver = planTakeOver(
    directory,
    current,
    names.map((name) => variableStep(name, current, token)),
    names.map((name) => [name, token]),
  )
  const steps = [...takeOver.steps, ...stateStep(directory, { ...earlier, ...remember })]
  requireWritable(steps, directory)
  return planOf(steps, names, takeOver.notes)
}

/** What has to change for nothing of ours to be left, and for what was there before to be there again. */
export function planRemoval(directory: string, earlier: State, current: WindowsValues): Plan {
  const records = readVariableRecords(directory)
  const tokenNames = namesOf(earlier, 'access-token')
  const known = [...tokenNames, ...namesOf(earlier, 'connection-string')]
  const others = [...new Set([...records.keys(), ...DEFAULT_VARIABLES.map(({ name }) => name)])].filter(
    (name) => !known.some((other) => other.toUpperCase() === name),
  )
  const all = [...known, ...others].map((name) => {
    const [record, now] = [records.get(name.toUpperCase()), current.string(name)]
    const before = record?.before
    const isAsBefore = before !== undefined && now?.text === before.text && now.expands === before.expands
    const isOurs = now !== undefined && !isAsBefore && isWritten(record, now)
    return { name, now, before, isAsBefore, isOurs, returns: before !== undefined && (isOurs || now === undefined) }
  })
  const ours = all.filter(({ isOurs }) => isOurs)
  const removals = ours.map(({ name, returns }) => {
    const step = variableStep(name, current, undefined)
    return returns ? { ...step, preview: ['- (the variable goes away; your own value returns)'] } : step
  })
  const afterRemoval = current.without(ours.map(({ name }) => name))
  const isToken = ({ name }: { readonly name: string }): boolean => tokenNames.includes(name)
  const returning = all.flatMap(({ name, before, isOurs, returns }): readonly VariableStep[] => {
    if (before === undefined || !returns) return []
    const step = { ...variableStep(name, afterRemoval, new Secret(before.text)), afterExpands: before.expands }
    const told = { summary: 'your own value returns', preview: ['+ (your own value)'] }
    return [isOurs ? { ...step, summary: '', preview: [] } : { ...step, ...told }]
  })
  const files = ['state.json', RECORDS_FILE].flatMap((name): readonly Step[] => {
    const { path, state } = privateFile(directory, name)
    return state.bytes === undefined ? [] : [{ kind: 'remove-file', path, state, summary: '', preview: [] }]
  })
  const notes = all.flatMap(({ name, now, isAsBefore, isOurs, returns }) => {
    if (isAsBefore || returns) return [`${name} has your own value again.`]
    return now === undefined || isOurs ? [] : [`${name} is set in ${REGISTRY_KEY}, but not by acs-env: it stays.`]
  })
  // Our token goes first and one of the user's comes last: at every moment the pair belongs together, or has no token.
  const steps = [...removals, ...returning.filter((step) => !isToken(step)), ...returning.filter(isToken), ...files]
  return planOf(
    steps,
    ours.map(({ name }) => name),
    notes,
  )
}

/** What a new console will see. */
export function inspect(directory: string, earlier: State, current: WindowsValues): Inspection {
  const isManaged = managedNames(directory)
  const variables = (earlier.variables ?? DEFAULT_VARIABLES).map((variable) => {
    const secret = isManaged(variable.name) ? current.get(variable.name) : undefined
    return { ...variable, storedIn: secret === undefined ? [] : [REGISTRY_KEY], secret }
  })
  return { variables, problems: [] }
}

function planOf(steps: readonly Step[], names: readonly string[], notes: readonly string[]): Plan {
  const stored = names.map((name) => ({ name, where: REGISTRY_KEY }))
  return { isDraft: false, steps, stored, warnings: [], notes }
}

/**
 * Puts the records in front of the steps, and tells of values of the user's that give way.
 *
 * @param values what each variable is to have in the end, the last of them where there are several
 */
function planTakeOver(
  directory: string,
  current: WindowsValues,
  steps: readonly VariableStep[],
  values: Iterable<readonly [name: string, after: Secret | undefined]>,
): Pick<Plan, 'steps' | 'notes'> {
  const records = new Map(readVariableRecords(directory))
  const last = new Map(values)
  const taken = [...last.keys()].filter((name) => {
    const now = current.string(name)
    return now !== undefined && !isWritten(records.get(name.toUpperCase()), now)
  })
  for (const [name, after] of last) {
    records.set(name.toUpperCase(), nextRecord(records.get(name.toUpperCase()), current.string(name), after))
  }
  const untold = new Set(taken)
  const told = steps.map((step) =>
    untold.delete(step.name) ? { ...step, preview: [OWN_VALUE, ...step.preview] } : step,
  )
  return {
    steps: [...recordsStep(directory, records), ...told],
    notes: taken.map(
      (name) => `${name} was set in ${REGISTRY_KEY}; acs-env takes its place, and "unset" brings it back.`,
    ),
  }
}

/** The names that a value is stored under. */
export function namesOf({ variables = DEFAULT_VARIABLES }: State, kind: ValueKind): readonly string[] {
  return variables.filter(({ value }) => value === kind).map(({ name }) => name)
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function variableSteps(
  current: WindowsValues,
  request: Request,
  isManaged: (name: string) => boolean,
): readonly VariableStep[] {
  const { connectionString, accessToken, variables, earlier, otherResource } = request
  const gone = (earlier.variables ?? DEFAULT_VARIABLES).filter(
    ({ name }) => isManaged(name) && !variables.some((variable) => variable.name === name),
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
      isToCome: newToken === undefined,
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
