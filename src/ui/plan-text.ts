import { REGISTRY_KEY } from '../platforms/windows/registry-key.ts'
import type { Plan, Platform, Step } from '../store/store.ts'
import { printable } from '../text/printable.ts'

/** A plan for people: each place with what becomes of it, every value masked. Empty where nothing would change. */
export function renderPlan({ steps }: Plan, platform: Platform): string {
  return steps
    .filter(({ preview }) => preview.length > 0)
    .map((step) => {
      const lines = step.preview.map((line) => `    ${printable(line)}`)
      return [`  ${printable(placeOf(step, platform))}${remark(step)}`, ...lines, ''].join('\n')
    })
    .join('')
}

/** The same in a line for each place, for the question whether to go ahead. */
export function renderPlanBriefly({ steps }: Plan, platform: Platform): string {
  // A file that is removed and written anew is one place.
  const told = new Map(steps.filter(({ summary }) => summary !== '').map((step) => [placeOf(step, platform), step]))
  const width = Math.max(0, ...[...told.keys()].map((place) => place.length))
  return [...told]
    .map(([place, step]) => `  ${printable(place).padEnd(width)}  ${step.summary}${remark(step)}\n`)
    .join('')
}

/** A plan for programs. */
export function planDocument({ steps, warnings }: Plan): object {
  return {
    dry_run: true,
    changes: steps
      .filter(({ preview }) => preview.length > 0)
      .map((step) => ({
        where: step.kind === 'user-variable' ? `${REGISTRY_KEY}\\${step.name}` : step.path,
        change: changeOf(step),
      })),
    warnings,
  }
}

function placeOf(step: Step, platform: Platform): string {
  return step.kind === 'user-variable' ? `${REGISTRY_KEY}\\${step.name}` : platform.show(step.path)
}

function changeOf(step: Step): 'create' | 'change' | 'remove' {
  if (step.kind === 'remove-file') return 'remove'
  if (step.kind === 'write-file') return step.state.bytes === undefined ? 'create' : 'change'
  if (step.after === undefined && !step.isToCome) return 'remove'
  return step.before === undefined ? 'create' : 'change'
}

function remark(step: Step): string {
  return changeOf(step) === 'create' ? ' (new)' : ''
}
