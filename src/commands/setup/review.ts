import type { Plan, ToCome } from '../../store/plan.ts'
import { describeSource } from '../../store/remembered-source.ts'
import type { Description } from '../../store/store.ts'
import { formatDuration } from '../../text/duration.ts'
import { printable } from '../../text/printable.ts'
import { renderRows } from '../../text/rows.ts'
import { formatMoment } from '../../text/time.ts'
import { wrap } from '../../text/wrap.ts'
import { renderPlanBriefly } from '../../ui/plan-text.ts'
import { ask } from '../../ui/prompts.ts'
import type { ChooseQuestion, Option } from '../../ui/questions.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import type { ObtainedToken } from '../../values/token-claims.ts'
import type { Decision } from './decide.ts'

export type Answer = 'yes' | 'resource' | 'scopes' | 'no'

/** What setup is about to do. */
export interface Intent {
  readonly decision: Decision
  /** The token that somebody else issued. */
  readonly given: ObtainedToken | undefined
  readonly draft: Plan<ToCome>
}

/** Long ids fill a line, and their ends are enough to know one again. */
const SHORT_ID = { head: 14, tail: 12 }

/** Names what is about to be used and written, and asks whether to go ahead with it. */
export function review(
  intent: Intent,
  description: Description,
  { system, terminal, reporter }: Surroundings,
): Promise<Answer> {
  const { decision, draft } = intent
  const width = terminal.width(2)
  const undo = wrap(`"${system.self.command} unset" takes all of it out again.`, width).join('\n')
  const places = renderPlanBriefly(draft, description, width)
  // Part of the question, and so not for --quiet to leave out.
  terminal.say(
    `\n${renderRows(rowsOf(intent, system.now()), { width })}\nThis will be written:\n\n${places}\n${undo}\n\n`,
  )
  for (const warning of draft.warnings) reporter.warn(warning)
  return ask(questionAbout(decision), terminal)
}

function questionAbout({ token }: Decision): ChooseQuestion<Answer> {
  const others: readonly Option<Answer>[] = [
    { name: 'resource', description: 'Another resource' },
    { name: 'scopes', description: 'Other scopes' },
  ]
  const choices: readonly Option<Answer>[] = [
    { name: 'yes', description: 'Yes' },
    ...others.filter(({ name }) => token === 'issued' || (token === 'none' && name === 'resource')),
    { name: 'no', description: 'No' },
  ]
  return { kind: 'choose', message: 'Go ahead?', choices }
}

function rowsOf({ decision, given }: Intent, now: Date): readonly (readonly [string, string])[] {
  const { credential, keepsConnectionString, token, userId, scopes, lifetimeMinutes } = decision
  const resource =
    credential === undefined
      ? []
      : [
          [
            'resource',
            `${credential.host}${credential.origin === undefined ? '' : ` (from ${credential.origin})`}`,
          ] as const,
        ]
  if (token === 'none') return resource
  if (token === 'given') {
    return [
      ...resource,
      [
        'token',
        given === undefined ? 'the given one' : `the given one, good until ${formatMoment(given.expiresOn, now)}`,
      ],
    ]
  }
  const source = keepsConnectionString ? undefined : credential?.source
  return [
    ...resource,
    ...(source === undefined ? [] : [['source', printable(describeSource(source))] as const]),
    ['identity', userId === undefined ? 'a new one' : `${shortened(userId)} (kept)`],
    ['scopes', scopes.join(', ')],
    ['lifetime', formatDuration(lifetimeMinutes * 60_000)],
  ]
}

function shortened(id: string): string {
  const { head, tail } = SHORT_ID
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`
}
