import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * @typedef {object} Program what to start, and how its run is judged
 * @property {string} path
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string>>} env all of it
 * @property {string} [cwd]
 * @property {string} [input]
 * @property {number} [exitCode] 0 unless said
 * @property {() => Partial<Program>} [prepare] before each run, outside the measured time; overrides the rest
 * @property {(result: { stdout: string, stderr: string }, program: Program) => void} [check] throws if it went wrong
 */

/**
 * @typedef {object} Comparison
 * @property {number} ratio the median of the pairs' ratios
 * @property {readonly [number, number]} ratioQuartiles
 * @property {number} differenceMs the median of the pairs' differences
 * @property {readonly [number, number]} differenceMsQuartiles
 * @property {number} subjectMs the median
 * @property {number} yardstickMs the median
 * @property {number} pairs
 */

const TIMEOUT_MS = 60_000
const USAGE = join(import.meta.dirname, 'usage.cjs')

/**
 * Measures two things in turn, and swaps their order from pair to pair, so that other load on the machine affects
 * both alike. One pair before the first is not counted.
 *
 * @param {() => number | Promise<number>} subject does the thing once and returns how many milliseconds that took
 * @param {() => number | Promise<number>} yardstick
 * @param {number} pairs
 * @returns {Promise<Comparison>}
 */
export async function inPairs(subject, yardstick, pairs) {
  const all = []
  for (let index = 0; index <= pairs; index += 1) {
    if (index % 2 === 0) {
      const subjectMs = await subject()
      all.push({ subjectMs, yardstickMs: await yardstick() })
    } else {
      const yardstickMs = await yardstick()
      all.push({ subjectMs: await subject(), yardstickMs })
    }
  }
  const times = all.slice(1)
  const ratios = times.map(({ subjectMs, yardstickMs }) => subjectMs / yardstickMs)
  const differences = times.map(({ subjectMs, yardstickMs }) => subjectMs - yardstickMs)
  return {
    ratio: median(ratios),
    ratioQuartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    differenceMs: median(differences),
    differenceMsQuartiles: [quantile(differences, 0.25), quantile(differences, 0.75)],
    subjectMs: median(times.map(({ subjectMs }) => subjectMs)),
    yardstickMs: median(times.map(({ yardstickMs }) => yardstickMs)),
    pairs,
  }
}

/** @param {Program} subject @param {Program} yardstick @param {number} pairs */
export function programsInPairs(subject, yardstick, pairs) {
  return inPairs(
    () => run(subject).elapsedMs,
    () => run(yardstick).elapsedMs,
    pairs,
  )
}

/**
 * Runs a program to its end, and throws unless it did what it was to do.
 *
 * @param {Program} template
 */
export function run(template) {
  const program = { ...template, ...template.prepare?.() }
  const { path, args, env, cwd, input = '', exitCode = 0, check } = program
  const started = performance.now()
  const result = spawnSync(path, args, {
    env,
    cwd,
    input,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })
  const elapsedMs = performance.now() - started
  if (result.error !== undefined) throw result.error
  if (result.status !== exitCode) {
    throw new Error(`${path} ${args.join(' ')} ended with ${result.status ?? result.signal}:\n${result.stderr}`)
  }
  check?.(result, program)
  return { elapsedMs, stdout: result.stdout, onDescriptor3: result.output[3] ?? '' }
}

/**
 * The most memory that a program on Node had, in MB: the median of some runs.
 *
 * @param {Program} program
 * @param {number} runs
 */
export function peakMemoryMb(program, runs) {
  return median(Array.from({ length: runs }, () => usage(program).peakKib / 1024))
}

/**
 * How much longer the processor works for one program on Node than for another: waiting for it does not count, so this
 * holds on a busy machine too. The median of the pairs' ratios.
 *
 * @param {Program} subject
 * @param {Program} yardstick
 * @param {number} pairs
 */
export async function processorRatio(subject, yardstick, pairs) {
  const { ratio } = await inPairs(
    () => usage(subject).cpuMs,
    () => usage(yardstick).cpuMs,
    pairs,
  )
  return ratio
}

/** @param {Program} program @returns {{ peakKib: number, cpuMs: number }} */
function usage(program) {
  return JSON.parse(run({ ...program, args: ['--require', USAGE, ...program.args] }).onDescriptor3)
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
