import type { Plan, Platform, Request } from '../../store/store.ts'
import type { Style } from '../../system/terminal.ts'
import { printable } from '../../text/printable.ts'
import { formatMoment } from '../../text/time.ts'
import { renderActivation } from '../../ui/activation-text.ts'
import type { ObtainedToken } from '../../values/token-claims.ts'

/** What setup has done. */
export interface SetupResult {
  readonly plan: Plan
  readonly platform: Platform
  /** The token that was stored, if one was. */
  readonly obtained: ObtainedToken | undefined
  readonly remembered: Request['remember']
  /** A token from somewhere else was stored beside a connection string that nothing is known of. */
  readonly isUnverified: boolean
  /** The names of the values that were stored before and are not any more. */
  readonly removed: readonly string[]
  /** What the user should know of the place. */
  readonly remarks: readonly string[]
}

/** The success of setup for people: for whom, which scopes, until when, where, and the one thing to do next. */
export function renderSetupSummary(
  { plan, platform, obtained, remembered }: SetupResult,
  systemName: string,
  program: string,
  now: Date,
  style: (style: Style, text: string) => string,
): string {
  const where = [...new Set(plan.stored.map((entry) => platform.show(entry.where)))]
  const loadedFrom = platform.loadedFrom.map((path) => platform.show(path))
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['identity', obtained?.userId === undefined ? [] : [obtained.userId]],
    ['scopes', obtained === undefined || obtained.scopes.length === 0 ? [] : [obtained.scopes.join(', ')]],
    ['expires', obtained === undefined ? [] : [formatMoment(obtained.expiresOn, now)]],
    ['endpoint', remembered.endpoint === undefined ? [] : [remembered.endpoint]],
    ['stored in', where],
    ['loaded by', loadedFrom.join() === where.join() ? [] : [loadedFrom.join(', ')]],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, index) => `  ${style('dim', (index === 0 ? label : '').padEnd(width))}  ${printable(value)}`),
  )
  const names = plan.stored.map(({ name }) => `  ${style('bold', name)}`)
  const them = names.length === 1 ? 'it' : 'them'
  const next = plan.isShadowed
    ? `New terminals do not have ${them}, until you change what the warnings name.\n`
    : renderActivation(platform, program, them, style)
  return [`${style('green', '✓')} Stored on ${systemName}:`, '', ...names, '', ...lines, '', next].join('\n')
}

/** The success of setup for programs. */
export function setupDocument({ plan, platform, obtained, remembered }: SetupResult): object {
  return {
    user_id: obtained?.userId ?? remembered.userId ?? null,
    scopes: obtained?.scopes ?? remembered.scopes ?? [],
    expires_on: obtained?.expiresOn.toISOString() ?? null,
    renewed: obtained?.isNew ?? false,
    platform: platform.id,
    stored: plan.stored,
    activate: platform.activation.text,
  }
}
