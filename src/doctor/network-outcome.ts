import { PROBE_STEPS, type ProbeStep } from '../service/probe.ts'
import type { Outcome } from './check.ts'
import type { Facts } from './facts.ts'
import { cureOf, errorFinding, upperFirst } from './finding.ts'

/** What one step on the way to the service came to. */
export async function networkOutcome(step: ProbeStep, { service }: Pick<Facts, 'service'>): Promise<Outcome> {
  const probe = await service()
  if (probe.kind === 'not-asked') return { skipped: probe.reason }
  if (step === 'proxy' && probe.route === 'direct') return { skipped: 'the service is reached without a proxy' }
  // Behind a proxy it is the proxy that looks the name up.
  if (step === 'name' && probe.route === 'proxy') return { skipped: 'the proxy looks the name up' }
  if (probe.kind === 'answered') return []
  if (probe.step === step) {
    const { message, hint } = probe.error
    return [errorFinding(message, hint === undefined ? undefined : cureOf(upperFirst(hint)))]
  }
  const isBehind = PROBE_STEPS.indexOf(step) > PROBE_STEPS.indexOf(probe.step)
  return isBehind ? { skipped: 'the way to the service ends before' } : []
}
