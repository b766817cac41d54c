import { attempt, systemCode } from '../errors.ts'
import type { Route } from '../look/reasons/cause.ts'
import type { Check, Outcome } from './check.ts'
import type { Facts } from './facts.ts'
import { cureOf, upperFirst, warningFinding, type Cure } from './finding.ts'

/** What a check has to say, for people and for programs. */
export interface CheckResult {
  readonly id: string
  readonly level: 'error' | 'warning' | 'ok' | 'skipped'
  readonly message: string
  readonly where: Route | undefined
  readonly cure: Cure | undefined
}

/** Runs the checks side by side; the results are in their order. */
export async function examine(facts: Facts, checks: readonly Check[]): Promise<readonly CheckResult[]> {
  const results = await Promise.all(
    checks.map(async (check): Promise<readonly CheckResult[]> => {
      const outcome = await runCheck(check, facts)
      if ('skipped' in outcome) return [resultOf(check, 'skipped', `Not looked at: ${outcome.skipped}.`)]
      if (outcome.length === 0) return [resultOf(check, 'ok', check.fine)]
      return outcome.map((finding) => ({ id: check.id, ...finding }))
    }),
  )
  return results.flat()
}

/** What keeps one check from its work is no reason to be silent about the others. */
async function runCheck(check: Check, facts: Facts): Promise<Outcome> {
  const ran = await attempt(async () => {
    try {
      return await check.run(facts)
    } catch (error) {
      const code = systemCode(error)
      if (code === undefined) throw error
      return { skipped: `the system did not let it (${code})` }
    }
  })
  if (ran.kind === 'done') return ran.value
  const { message, hint } = ran.error
  return [warningFinding(message, hint === undefined ? undefined : cureOf(upperFirst(hint)))]
}

function resultOf({ id }: Check, level: 'ok' | 'skipped', message: string): CheckResult {
  return { id, level, message, where: undefined, cure: undefined }
}

/** What is wrong, each thing once: the same may be so in a login shell and in one that is none. */
export function distinctFindings(results: readonly CheckResult[]): readonly CheckResult[] {
  const found = results.filter(({ level }) => level === 'error' || level === 'warning')
  return found.filter(({ message }, index) => found.findIndex((other) => other.message === message) === index)
}
