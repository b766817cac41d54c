import type { DotenvOutcome } from '../../platforms/dotenv/prepare.ts'
import type { Plan, StoreRequest } from '../../store/plan.ts'
import { describeSource } from '../../store/remembered-source.ts'
import type { Seen } from '../../store/seen.ts'
import type { Activation, Description } from '../../store/store.ts'
import type { Style } from '../../system/terminal.ts'
import { printable } from '../../text/printable.ts'
import { renderRows } from '../../text/rows.ts'
import { formatMoment } from '../../text/time.ts'
import { renderActivation } from '../../ui/activation-text.ts'
import { seenDocument } from '../../ui/seen-text.ts'
import type { ObtainedToken } from '../../values/token-claims.ts'

/** What setup has done. */
export interface SetupResult {
  readonly plan: Plan
  readonly description: Description
  readonly activation: Activation
  /** Every start-up file with lines of ours, those of shells that were set up before included. */
  readonly profiles: readonly string[]
  /** The token that was stored, if one was. */
  readonly obtained: ObtainedToken | undefined
  readonly request: StoreRequest
  /** Undefined where new shells were not looked at. */
  readonly seen: Seen | undefined
  /** Start-up files that were changed while they were looked at. */
  readonly changedSince: readonly string[]
  /** What has become of the `.env` file, where one was named. */
  readonly dotenv: DotenvOutcome | undefined
  readonly inGithubJob: boolean
}

/** How the success of setup is shown. */
export interface SummaryView {
  readonly program: string
  readonly now: Date
  readonly width: number
  readonly style: (style: Style, text: string) => string
  /** A person has seen the plan, so what was in it is not said again. */
  readonly isReviewed: boolean
  /** The token can be renewed in the background, and nothing does that yet. */
  readonly namesSchedule: boolean
  /** No next steps: the home is about to be removed. */
  readonly isDemo: boolean
}

/** The success of setup for people: what is stored, for whom, until when, and the things to do next. */
export function renderSetupSummary(
  { plan, description, activation, profiles, obtained, request, seen, changedSince, inGithubJob }: SetupResult,
  { program, now, width, style, isReviewed, namesSchedule, isDemo }: SummaryView,
): string {
  const places = plan.places.map(({ where }) => where)
  // With --inline each file that loads the values holds them.
  const isInline = places.some((path) => profiles.includes(path))
  const where = [...new Set(isInline ? profiles : places)].map((path) => description.show(path))
  const loadedFrom = description.loadedFrom.map((path) => description.show(path))
  const { endpoint, source } = request.issued
  const scopes = obtained?.scopes ?? []
  const ofPlan: readonly Row[] = [
    ...(scopes.length === 0 ? [] : [['scopes', scopes.join(', ')] as const]),
    ...(endpoint === undefined ? [] : [['endpoint', endpoint] as const]),
    ...(source === undefined ? [] : [['source', describeSource(source)] as const]),
    ...where.map((path, index) => [index === 0 ? 'stored in' : '', path] as const),
    ...(loadedFrom.every((path) => where.includes(path)) ? [] : [['loaded by', loadedFrom.join(', ')] as const]),
  ]
  const rows: readonly Row[] = [
    ...(obtained === undefined ? [] : [['expires', formatMoment(obtained.expiresOn, now)] as const]),
    ...(isReviewed ? [] : ofPlan),
    // Last, since it is too long to stand beside its label on most terminals.
    ...(obtained?.userId === undefined ? [] : [['identity', obtained.userId] as const]),
  ]
  const shown = rows.map(([label, text]) => [label, printable(text)] as const)
  const names = [...new Set(plan.places.map(({ name }) => name))].map((name) => `  ${style('bold', name)}`)
  const them = names.length === 1 ? 'it' : 'them'
  const next = [
    renderActivation({ description, activation, seen, changedSince, inGithubJob }, program, them, style),
    ...nextSteps(request, description, namesSchedule, program),
    '',
  ]
  return [
    `${style('green', '✓')} Stored:`,
    '',
    ...names,
    '',
    ...(rows.length === 0 ? [] : [renderRows(shown, { width, styleLabel: (label) => style('dim', label) })]),
    ...(isDemo ? [] : next),
  ].join('\n')
}

/**
 * Whether what was stored can be renewed. A token that is stored alone can be renewed where its source is remembered.
 */
export function isRenewable({ accessToken, connectionString, issued }: StoreRequest): boolean {
  return accessToken !== undefined && (connectionString !== undefined || issued.source !== undefined)
}

/** What somebody will want next. */
function nextSteps(
  request: StoreRequest,
  { newTerminals, show }: Description,
  namesSchedule: boolean,
  program: string,
): readonly string[] {
  const isFile = newTerminals.kind === 'programs'
  const { name } = request.remembered
  const files = isFile ? newTerminals.files.map((file) => ` --dotenv ${printable(show(file))}`).join('') : ''
  const which = `${name === undefined ? '' : ` --name ${name}`}${files}`
  const undo = `"${program} unset${which}" undoes ${isFile ? 'this' : 'all this'}.`
  if (request.accessToken === undefined) return [undo]
  if (!isRenewable(request)) return ['Nothing renews the token: what it was issued with is not stored.', undo]
  const renew = namesSchedule
    ? `"${program} schedule" keeps the token fresh.`
    : `"${program} refresh" renews the token.`
  return [renew, undo]
}

type Row = readonly [label: string, text: string]

/** The success of setup for programs. */
export function setupDocument({
  plan,
  description,
  activation,
  obtained,
  request,
  seen,
  changedSince,
  dotenv,
}: SetupResult): object {
  return {
    user_id: obtained?.userId ?? request.issued.userId ?? null,
    scopes: obtained?.scopes ?? request.issued.scopes ?? [],
    expires_on: obtained?.expiresOn.toISOString() ?? null,
    renewed: obtained?.isNew ?? false,
    platform: description.id,
    stored: plan.places,
    activate: activation.text,
    new_shell: seenDocument(seen, changedSince),
    ...(dotenv !== undefined && {
      dotenv: {
        file: dotenv.file,
        created: dotenv.created,
        removed_duplicates: dotenv.removedDuplicates,
        git: dotenv.git,
      },
    }),
  }
}
