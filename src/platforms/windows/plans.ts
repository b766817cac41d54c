import { Secret } from '../../secret.ts'
import { switchSteps } from '../../store/change/parking.ts'
import { requireWritable } from '../../store/change/perform.ts'
import { stateStep } from '../../store/change/state.ts'
import { privateFile, removalStep } from '../../store/own-files.ts'
import {
  requestedValue,
  type Plan,
  type RegistryString,
  type Step,
  type StoreRequest,
  type ToCome,
} from '../../store/plan.ts'
import { requireNoLaterState, stateFile } from '../../store/state.ts'
import type { Inspection } from '../../store/store.ts'
import { DEFAULT_VARIABLES, type Invalidated, type Issued, type State, type ValueKind } from '../../store/stored.ts'
import { REGISTRY_KEY } from '../../values/registry-key.ts'
import { requireStorableNames } from './names.ts'
import {
  hasNoRecords,
  isWritten,
  managedNames,
  nextRecord,
  readVariableRecords,
  RECORDS_FILE,
  recordsStep,
} from './records.ts'
import { isCanonical } from './recovery.ts'
import { readState } from './state.ts'
import type { WindowsValues } from './values.ts'

const RECOVERED = `the records of acs-env are gone; what is in ${REGISTRY_KEY} has the form of its own values, and counts as that.`
const OWN_VALUE = '- (your own value; "unset" brings it back)'

/** A step that sets or deletes a user variable. */
export type VariableStep<Missing extends ToCome = never> = Extract<
  Step<Missing>,
  { kind: 'set-variable' | 'delete-variable' }
>

/** What has to change for the values to be stored. */
export function planStore<Missing extends ToCome>(
  directory: string,
  current: WindowsValues,
  request: StoreRequest<Missing>,
): Plan<Missing> {
  requireNoLaterState(directory)
  const { variables, issued, createdDirectories, earlier, remembered } = request
  requireStorableNames(variables.map(({ name }) => name))
  const variableSteps = storeSteps(current, request, managedNames(directory, current))
  const takeOver = planTakeOver(directory, current, variableSteps, [
    ...variableSteps.map((step) => [step.name, valueAfter(step)] as const),
    // Also those that have their value already.
    ...variables.map(({ name, value }) => [name, secretOf(requestedValue(request, value))] as const),
  ])
  const state = {
    ...remembered,
    issued,
    variables,
    startup: undefined,
    seen: undefined,
    dotenv: earlier.dotenv,
    createdDirectories,
  }
  const parked = switchSteps(directory, request)
  const steps = [...parked.before, ...takeOver.steps, ...stateStep(directory, state), ...parked.after]
  requireWritable(steps, directory)
  return planOf(
    steps,
    variables.map(({ name }) => name),
    [...recoveryNotes(directory, current), ...takeOver.notes],
  )
}

/** What has to change for a new token. */
export function planRenewal<Missing extends ToCome>(
  directory: string,
  current: WindowsValues,
  token: Secret | Missing,
  issued: Issued,
): Plan<Missing> {
  requireNoLaterState(directory)
  const earlier = readState(directory)
  const names = namesOf(earlier, 'access-token')
  const takeOver = planTakeOver(
    directory,
    current,
    names.map((name) => setStep(name, current, token)),
    names.map((name) => [name, secretOf(token)]),
  )
  const steps = [...takeOver.steps, ...stateStep(directory, { ...earlier, issued, invalidated: undefined })]
  requireWritable(steps, directory)
  return planOf(steps, names, [...recoveryNotes(directory, current), ...takeOver.notes])
}

/** What has to change for the stored token to count as expired. */
export function planInvalidation(directory: string, invalidated: Invalidated): Plan {
  const steps = stateStep(directory, { ...readState(directory), invalidated })
  requireWritable(steps, directory)
  return planOf<never>(steps, [], [])
}

/** What has to change to remove everything of ours, and to restore what was there before. */
export function planRemoval(directory: string, current: WindowsValues): Plan {
  requireNoLaterState(directory)
  const earlier = readState(directory)
  const records = readVariableRecords(directory, current)
  const tokenNames = namesOf(earlier, 'access-token')
  const known = [...tokenNames, ...namesOf(earlier, 'connection-string'), ...namesOf(earlier, 'endpoint')]
  const isKnown = new Set(known.map((name) => name.toUpperCase()))
  const others = [...new Set([...records.keys(), ...DEFAULT_VARIABLES.map(({ name }) => name)])].filter(
    (name) => !isKnown.has(name.toUpperCase()),
  )
  const all = [...known, ...others].map((name) => {
    const [record, now] = [records.get(name.toUpperCase()), current.string(name)]
    const before = record?.before
    const isAsBefore = before !== undefined && now?.text === before.text && now.expands === before.expands
    const isOurs = now !== undefined && !isAsBefore && isWritten(record, now)
    return { name, now, before, isAsBefore, isOurs, returns: before !== undefined && (isOurs || now === undefined) }
  })
  const ours = all.filter(({ isOurs }) => isOurs)
  const goes = hasNoRecords(directory)
    ? "- (the variable goes away: it has the form of acs-env's own, and no record is left)"
    : undefined
  const removals = ours.flatMap(({ name, returns }) =>
    deleteSteps(name, current, returns ? '- (the variable goes away; your own value returns)' : goes),
  )
  const afterRemoval = current.without(ours.map(({ name }) => name))
  const isToken = ({ name }: { readonly name: string }): boolean => tokenNames.includes(name)
  const returning = all.flatMap(({ name, before, isOurs, returns }): readonly VariableStep[] => {
    if (before === undefined || !returns) return []
    const shown = { kind: 'shown', summary: 'your own value returns', lines: ['+ (your own value)'] } as const
    return [
      {
        ...setStep<never>(name, afterRemoval, new Secret(before.text)),
        expands: before.expands,
        // Where ours is removed first that step says it.
        shown: isOurs ? { kind: 'housekeeping' } : shown,
      },
    ]
  })
  const files = [stateFile(directory), privateFile(directory, RECORDS_FILE)].flatMap((file) => removalStep(file))
  const notes = all.flatMap(({ name, now, isAsBefore, isOurs, returns }) => {
    if (isAsBefore || returns) return [`${name} has your own value again.`]
    return now === undefined || isOurs ? [] : [staysNote(directory, name, now)]
  })
  const copies = hasNoRecords(directory)
    ? ours.flatMap(({ now }) => current.namesWith(now)).filter((name) => !all.some((other) => isSame(name, other.name)))
    : []

  // Our token goes first and one of the user's comes last: at every moment the pair belongs together, or has no token.
  const steps = [...removals, ...returning.filter((step) => !isToken(step)), ...returning.filter(isToken), ...files]
  return planOf<never>(
    steps,
    ours.map(({ name }) => name),
    [
      ...recoveryNotes(directory, current),
      ...notes,
      ...copies.map((name) => `${name} has the same value, and nothing tells that acs-env stored it: it stays.`),
    ],
  )
}

/** Names what is taken for ours without a record: somebody may have set it by hand in exactly that form. */
function recoveryNotes(directory: string, current: WindowsValues): readonly string[] {
  return hasNoRecords(directory) && readVariableRecords(directory, current).size > 0 ? [RECOVERED] : []
}

function staysNote(directory: string, name: string, now: RegistryString): string {
  const [set, stays] = [`${name} is set in ${REGISTRY_KEY}`, 'it stays']
  if (!hasNoRecords(directory) || !isCanonical(now)) return `${set}, but not by acs-env: ${stays}.`
  return `${set}, and nothing tells that acs-env did it: ${stays}. To remove it: reg delete ${REGISTRY_KEY} /v ${name} /f`
}

/** As Windows compares names. */
function isSame(name: string, other: string): boolean {
  return name.toUpperCase() === other.toUpperCase()
}

/** What a new console will see. */
export function inspect(directory: string, current: WindowsValues): Inspection {
  const isManaged = managedNames(directory, current)
  const variables = readState(directory).variables.map((variable) => {
    const secret = isManaged(variable.name) ? current.get(variable.name) : undefined
    return { ...variable, storedIn: secret === undefined ? [] : [REGISTRY_KEY], secret }
  })
  return { variables, problems: [], obstacles: [], dotenv: [] }
}

/** The names that a value is stored under. */
export function namesOf({ variables }: Pick<State, 'variables'>, kind: ValueKind): readonly string[] {
  return variables.filter(({ value }) => value === kind).map(({ name }) => name)
}

function planOf<Missing extends ToCome>(
  steps: readonly Step<Missing>[],
  names: readonly string[],
  notes: readonly string[],
): Plan<Missing> {
  return { steps, places: names.map((name) => ({ name, where: REGISTRY_KEY })), warnings: [], notes }
}

/**
 * Puts the records in front of the steps, and says which values of the user's give way.
 *
 * @param values what each variable will have in the end, the last of them where there are several
 */
function planTakeOver<Missing extends ToCome>(
  directory: string,
  current: WindowsValues,
  steps: readonly VariableStep<Missing>[],
  values: Iterable<readonly [name: string, after: Secret | undefined]>,
): Pick<Plan<Missing>, 'steps' | 'notes'> {
  const records = new Map(readVariableRecords(directory, current))
  const last = new Map(values)
  const taken = [...last.keys()].filter((name) => {
    const now = current.string(name)
    return now !== undefined && !isWritten(records.get(name.toUpperCase()), now)
  })
  for (const [name, after] of last) {
    records.set(name.toUpperCase(), nextRecord(records.get(name.toUpperCase()), current.string(name), after))
  }
  const unsaid = new Set(taken)
  return {
    steps: [
      ...recordsStep(directory, records),
      ...steps.map((step) => (unsaid.delete(step.name) ? withLine(OWN_VALUE, step) : step)),
    ],
    notes: taken.map(
      (name) => `${name} was set in ${REGISTRY_KEY}; acs-env takes its place, and "unset" brings it back.`,
    ),
  }
}

function withLine<Missing extends ToCome>(line: string, step: VariableStep<Missing>): VariableStep<Missing> {
  const { shown } = step
  return shown.kind === 'shown' ? { ...step, shown: { ...shown, lines: [line, ...shown.lines] } } : step
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function storeSteps<Missing extends ToCome>(
  current: WindowsValues,
  request: StoreRequest<Missing>,
  isManaged: (name: string) => boolean,
): readonly VariableStep<Missing>[] {
  const { connectionString, accessToken, variables, earlier, otherResource } = request
  const gone = earlier.variables.filter(
    ({ name }) => isManaged(name) && !variables.some((variable) => variable.name === name),
  )
  const tokenNames = namesOf({ variables }, 'access-token')
  const removals = [...gone.map(({ name }) => name), ...(otherResource ? tokenNames : [])]
  const afterRemoval = current.without(removals)
  const set = (names: readonly string[], value: Secret | Missing | undefined): readonly VariableStep<Missing>[] =>
    value === undefined
      ? []
      : names
          .filter((name) => !(value instanceof Secret && value.equals(afterRemoval.get(name))))
          .map((name) => setStep(name, afterRemoval, value))
  return [
    ...removals.flatMap((name) => deleteSteps(name, current)),
    ...set(namesOf({ variables }, 'connection-string'), connectionString),
    ...set(namesOf({ variables }, 'endpoint'), requestedValue(request, 'endpoint')),
    ...set(tokenNames, accessToken),
  ]
}

function setStep<Missing extends ToCome>(
  name: string,
  current: WindowsValues,
  after: Secret | Missing,
): Extract<VariableStep<Missing>, { kind: 'set-variable' }> {
  const value = after instanceof Secret ? after.toString() : '(a new access token)'
  const shown = { kind: 'shown', summary: 'a user variable', lines: [`+ ${value}`] } as const
  return { kind: 'set-variable', name, before: current.string(name), after, expands: false, shown }
}

/** The step that deletes a variable, or none where it is not there. */
function deleteSteps(
  name: string,
  current: WindowsValues,
  line = '- (the variable goes away)',
): readonly VariableStep[] {
  const before = current.string(name)
  if (before === undefined) return []
  return [{ kind: 'delete-variable', name, before, shown: { kind: 'shown', summary: 'goes away', lines: [line] } }]
}

function valueAfter(step: VariableStep<ToCome>): Secret | undefined {
  return step.kind === 'set-variable' ? secretOf(step.after) : undefined
}

function secretOf(value: Secret | ToCome | undefined): Secret | undefined {
  return value instanceof Secret ? value : undefined
}
