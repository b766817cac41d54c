import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'

/** `npm run test:faults -- --mode long`: the long form of every campaign. The runner hands its mode on as MODE. */
const isLong = process.env.MODE === 'long'

/** What a campaign uses in its short form, the one of CI, and in its long one. */
export function byLength<Value>(short: Value, long: Value): Value {
  return isLong ? long : short
}

/** What random cases are made from: `ACS_ENV_SEED` repeats a run. */
export const seed = Number(process.env.ACS_ENV_SEED ?? randomInt(2 ** 31))

/** Where to go on with a long form that was stopped: `ACS_ENV_FROM=12000` leaves out the cases before. */
const FROM = Number(process.env.ACS_ENV_FROM ?? 0)
const PROGRESS_MS = 5 * 60_000

export interface CampaignOptions<Case> {
  /** Tells a case in a few words. */
  readonly describe: (item: Case) => string
  /** Does a case; returns what is wrong, a line each. */
  readonly run: (item: Case) => Promise<readonly string[]>
  /** How many at a time. */
  readonly parallel?: number
}

/**
 * Does all cases, prints how many there were and how many failed, and throws with the first of those that did. No case
 * at all is a failure too: such a campaign would prove nothing.
 */
export async function runCampaign<Case>(
  name: string,
  cases: readonly Case[],
  { describe, run, parallel = availableParallelism() }: CampaignOptions<Case>,
): Promise<void> {
  const failures: string[] = []
  const queue = cases.slice(FROM).values()
  const started = performance.now()
  let toldMs = started
  let done = FROM
  const work = async (): Promise<void> => {
    for (const item of queue) {
      const wrong = await run(item)
      done += 1
      if (performance.now() - toldMs > PROGRESS_MS) {
        toldMs = performance.now()
        console.log(`${done} of ${cases.length}, ${failures.length} failed`)
      }
      if (wrong.length === 0) continue
      const failure = `${describe(item)}\n${wrong.map((line) => `  ${line}`).join('\n')}`
      // At once: a long form takes an hour.
      console.log(`failed: ${failure}`)
      failures.push(failure)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  reportCampaign(name, done - FROM, failures.length, performance.now() - started)
  if (failures.length > 0) throw new Error(failures.slice(0, 100).join('\n'))
  if (done === FROM) throw new Error(`${name}: there was no case`)
}

/** The one line that every campaign ends with. */
export function reportCampaign(name: string, cases: number, failed: number, elapsedMs: number): void {
  const count = (number: number): string => number.toLocaleString('en')
  console.log(`campaign ${name}: ${count(cases)} cases, ${count(failed)} failed, ${Math.round(elapsedMs / 1000)} s`)
}
