/** Less than this beyond a limit may be noise, unless a row is itself about a few percent. */
const TOLERANCE = 1.1

/**
 * @typedef {object} Row
 * @property {string} name what was measured
 * @property {string} [against] the yardstick
 * @property {string} [node] which one, where more than one is measured
 * @property {number} value
 * @property {'×' | 'MB' | 'KB' | 'ms' | ''} unit
 * @property {number | undefined} [limit] in the same unit; absent where the row is there for information
 * @property {number} [tolerance]
 * @property {import('./measure.mjs').Comparison} [comparison]
 */

/**
 * What has one true value misses its limit or does not. What is timed on a machine that others use misses it for certain
 * only where it is well beyond, and most of the pairs are beyond as well.
 *
 * @param {Row} row
 */
export function verdict({ value, unit, limit, tolerance = TOLERANCE, comparison }) {
  if (limit === undefined) return ''
  if (value <= limit) return 'met'
  if (unit === 'KB' || unit === '' || Number.isNaN(value)) return 'missed'
  const [lower] = (unit === '×' ? comparison?.ratioQuartiles : comparison?.differenceMsQuartiles) ?? [value]
  const mostAreBeyond = lower > limit
  return value > limit * tolerance && mostAreBeyond ? 'missed' : 'missed, within the noise'
}

/** @param {Row} row @returns {readonly string[]} */
function cells(row) {
  const { name, against = '', node = '', comparison } = row
  const medians = comparison && `${milliseconds(comparison.subjectMs)} / ${milliseconds(comparison.yardstickMs)}`
  const limit = row.limit === undefined ? '' : amount(row.limit, row.unit)
  return [name, node, against, amount(row.value, row.unit), limit, verdict(row), medians ?? '']
}

const HEADINGS = ['what', 'Node', 'against', 'measured', 'at most', '', 'medians, ms']

/** Aligned, for a terminal. @param {readonly Row[]} rows */
export function renderText(rows) {
  const lines = [HEADINGS, ...rows.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * What was measured, when and where, without what is of use only beside the run.
 *
 * @param {{ date: string, rounds: number, machine: { cpu: string, cores: number, load: Record<'before' | 'after', number> }, rows: readonly Row[] }} results
 */
export function renderMarkdown({ date, rounds, machine: { cpu, cores, load }, rows }) {
  const loads = `load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after`
  const lines = [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cells)]
  const table = lines.map((line) => `| ${line.slice(0, -1).join(' | ')} |`).join('\n')
  return `${date.slice(0, 10)}, ${rounds} pairs; ${cpu}, ${cores} cores, ${loads}.\n\n${table}`
}

/** @param {number} value @param {string} unit */
function amount(value, unit) {
  const digits = unit === '×' || unit === 'ms' ? 2 : unit === 'MB' || unit === 'KB' ? 1 : 0
  const text = value >= 100 && unit !== 'KB' ? value.toFixed(0) : value.toFixed(digits)
  return unit === '×' || unit === '' ? `${text}${unit}` : `${text} ${unit}`
}

/** @param {number} value */
function milliseconds(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)
}
