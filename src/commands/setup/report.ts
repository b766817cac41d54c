import type { Plan, StoreRequest } from '../../store/plan.ts'
import type { Seen } from '../../store/seen.ts'
import type { Activation, Description } from '../../store/store.ts'
import type { Style } from '../../system/terminal.ts'
import { printable } from '../../text/printable.ts'
import { formatMoment } from '../../text/time.ts'
import { renderActivation } from '../../ui/activation-text.ts'
import { seenDocument } from '../../ui/seen-text.ts'
import type { ObtainedToken } from '../../values/token-claims.ts'

/** What setup has done. */
export interface SetupResult {
  readonly plan: Plan
  readonly description: Description
  readonly activation: Activation
  /** The token that was stored, if one was. */
  readonly obtained: ObtainedToken | undefined
  readonly request: StoreRequest
  /** Undefined where new shells were not looked at. */
  readonly seen: Seen | undefined
}

/** The success of setup for people: for whom, which scopes, until when, where, and the one thing to do next. */
export function renderSetupSummary(
  { plan, description, activation, obtained, request, seen }: SetupResult,
  systemName: string,
  program: string,
  now: Date,
  style: (style: Style, text: string) => string,
): string {
  const where = [...new Set(plan.places.map((place) => description.show(place.where)))]
  const loadedFrom = description.loadedFrom.map((path) => description.show(path))
  const { endpoint } = request.issued
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['identity', obtained?.userId === undefined ? [] : [obtained.userId]],
    ['scopes', obtained === undefined || obtained.scopes.length === 0 ? [] : [obtained.scopes.join(', ')]],
    ['expires', obtained === undefined ? [] : [formatMoment(obtained.expiresOn, now)]],
    ['endpoint', endpoint === undefined ? [] : [endpoint]],
    ['stored in', where],
    ['loaded by', loadedFrom.join() === where.join() ? [] : [loadedFrom.join(', ')]],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, index) => `  ${style('dim', (index === 0 ? label : '').padEnd(width))}  ${printable(value)}`),
  )
  const names = plan.places.map(({ name }) => `  ${style('bold', name)}`)
  const them = names.length === 1 ? 'it' : 'them'
  return [
    `${style('green', '✓')} Stored on ${systemName}:`,
    '',
    ...names,
    '',
    ...lines,
    '',
    renderActivation({ description, activation, seen, changedSince: [] }, program, them, style),
  ].join('\n')
}

/** The success of setup for programs. */
export function setupDocument({ plan, description, activation, obtained, request, seen }: SetupResult): object {
  return {
    user_id: obtained?.userId ?? request.issued.userId ?? null,
    scopes: obtained?.scopes ?? request.issued.scopes ?? [],
    expires_on: obtained?.expiresOn.toISOString() ?? null,
    renewed: obtained?.isNew ?? false,
    platform: description.id,
    stored: plan.places,
    activate: activation.text,
    new_shell: seenDocument(seen, []),
  }
}
