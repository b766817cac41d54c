import type { Plan, Step, ToCome } from '../store/plan.ts'
import type { Description } from '../store/store.ts'
import { printable } from '../text/printable.ts'
import { renderRows } from '../text/rows.ts'
import { REGISTRY_KEY } from '../values/registry-key.ts'

type AnyPlan = Plan<ToCome>
type AnyStep = Step<ToCome>
type ShownStep = readonly [step: AnyStep, shown: Extract<AnyStep['shown'], { kind: 'shown' }>]

/** A plan for people: each place with what becomes of it, every value masked. Empty where nothing would change. */
export function renderPlan(plan: AnyPlan, description: Description): string {
  return shownSteps(plan)
    .map(([step, { lines }]) => {
      const indented = lines.map((line) => `    ${printable(line)}`)
      return [`  ${printable(placeOf(step, description))}${remark(step)}`, ...indented, ''].join('\n')
    })
    .join('')
}

/** The same in a line for each place, for the question whether to go ahead. */
export function renderPlanBriefly(plan: AnyPlan, description: Description, width: number): string {
  // A file that is removed and written anew is one place.
  const shown = new Map(shownSteps(plan).map((entry) => [placeOf(entry[0], description), entry]))
  const rows = [...shown].map(
    ([place, [step, { summary }]]) => [printable(place), `${summary}${remark(step)}`] as const,
  )
  return renderRows(rows, { width })
}

/** A plan for programs. */
export function planDocument(plan: AnyPlan): object {
  return {
    dry_run: true,
    changes: shownSteps(plan).map(([step]) => ({
      where: 'path' in step ? step.path : variablePlace(step.name),
      change: changeOf(step),
    })),
    warnings: plan.warnings,
  }
}

function shownSteps({ steps }: AnyPlan): readonly ShownStep[] {
  return steps.flatMap((step) => (step.shown.kind === 'shown' ? [[step, step.shown] as const] : []))
}

function placeOf(step: AnyStep, { show }: Description): string {
  return 'path' in step ? show(step.path) : variablePlace(step.name)
}

function variablePlace(name: string): string {
  return `${REGISTRY_KEY}\\${name}`
}

function changeOf(step: AnyStep): 'create' | 'change' | 'remove' {
  switch (step.kind) {
    case 'remove':
    case 'delete-variable':
    case 'remove-directory':
      return 'remove'
    case 'make-directory':
      return 'create'
    case 'write':
      return step.file.bytes === undefined ? 'create' : 'change'
    case 'set-variable':
      return step.before === undefined ? 'create' : 'change'
    default:
      return step satisfies never
  }
}

function remark(step: AnyStep): string {
  return changeOf(step) === 'create' ? ' (new)' : ''
}
