import { CLOCK_TOLERANCE_MS } from '../../service/explain.ts'
import { formatDuration } from '../../text/duration.ts'
import type { Check } from '../check.ts'
import { cureOf, errorFinding } from '../finding.ts'

/** Requests are signed with the time: the service refuses those of a clock that is far off. */
export const networkClock: Check = {
  id: 'network.clock',
  fine: "This computer's clock agrees with the service's.",
  on: 'every system',
  run: async ({ service, system }) => {
    const probe = await service()
    if (probe.kind === 'not-asked') return { skipped: probe.reason }
    if (probe.kind === 'failed') return { skipped: 'the service was not reached' }
    if (probe.date === undefined) return { skipped: 'the service did not tell the time' }
    const aheadMs = system.now().getTime() - probe.date.getTime()
    if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return []
    const offset = `${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'behind'}`
    return [
      errorFinding(
        `This computer's clock is ${offset}, so the service refuses what it signs.`,
        cureOf('Set the clock'),
      ),
    ]
  },
}
