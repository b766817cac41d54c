import type { Seen } from '../store/seen.ts'
import type { Description } from '../store/store.ts'
import type { Style } from '../system/terminal.ts'
import { formatDuration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { formatMoment } from '../text/time.ts'
import { ACCESS_TOKEN_NAME } from '../values/variable-name.ts'
import { isKnown, newTerminalsText, renderActivation, type Readiness } from './activation-text.ts'

export interface VariableStatus {
  readonly name: string
  readonly storedIn: readonly string[]
  readonly inEnvironment: 'same' | 'differs' | 'missing'
}

export interface Status {
  readonly ready: boolean
  readonly userId: string | undefined
  readonly scopes: readonly string[]
  readonly endpoint: string | undefined
  readonly expiresOn: Date | undefined
  readonly variables: readonly VariableStatus[]
  readonly problems: readonly string[]
  /** Those that setup cannot put right. */
  readonly obstacles: readonly string[]
  /** What new shells had when they were looked at last. */
  readonly seen: Seen | undefined
  /** Start-up files that have changed since then. */
  readonly changedSince: readonly string[]
}

const IN_THIS_SHELL: Readonly<Record<VariableStatus['inEnvironment'], string>> = {
  same: 'this shell has it',
  differs: 'this shell has another value',
  missing: 'this shell does not have it yet',
}

/** The status for people, at a glance. */
export function renderStatus(
  { ready, userId, scopes, endpoint, expiresOn, variables, problems, obstacles, seen, changedSince }: Status,
  description: Description,
  program: string,
  now: Date,
  style: (style: Style, text: string) => string,
): string {
  const blocks = variables
    .filter(({ storedIn }) => storedIn.length > 0)
    .map(({ name, storedIn, inEnvironment }) => {
      const places = storedIn.map((path) => `    ${printable(description.show(path))}\n`).join('')
      const mark = style(inEnvironment === 'same' ? 'green' : 'yellow', IN_THIS_SHELL[inEnvironment])
      return `  ${style('bold', name)}\n${places}    ${mark}\n`
    })
  const hasToken = variables.some(({ name, storedIn }) => name === ACCESS_TOKEN_NAME && storedIn.length > 0)
  const rows = [
    ['identity', userId],
    ['scopes', scopes.length === 0 || !hasToken ? undefined : scopes.join(', ')],
    ['expires', expiresOn === undefined ? undefined : expiryText(expiresOn, now)],
    ['endpoint', endpoint],
  ].flatMap(([label = '', value]) =>
    value === undefined ? [] : [`  ${style('dim', label.padEnd(8))}  ${printable(value)}\n`],
  )
  const isStale = variables.some(({ inEnvironment }) => inEnvironment !== 'same')
  const readiness = { description, activation: description.activation, seen, changedSince }
  const setup = `"${program} setup"`
  const cure = obstacles.length === 0 ? `${setup} puts this right` : `Then ${setup} puts the rest right`
  return [
    `${headline(ready, readiness, style)}\n`,
    ...[...problems, ...obstacles].map((problem) => `  ${style('yellow', '-')} ${printable(problem)}\n`),
    ...(blocks.length === 0 ? [] : ['\n', ...blocks, '\n', ...rows]),
    ready && isStale ? `\n${renderActivation(readiness, program, 'them', style)}` : '',
    ready && !isStale && !isKnown(readiness) ? `\n${newTerminalsText(readiness, 'them')}\n` : '',
    ready && !isKnown(readiness) ? `"${program} setup" opens new ones and looks.\n` : '',
    problems.length === 0 ? '' : `\n${cure}${hasToken ? `; "${program} refresh" renews a token` : ''}.\n`,
  ].join('')
}

/** "Ready" promises that a new terminal has the values, so it is said only where one was seen to have them. */
function headline(ready: boolean, readiness: Readiness, style: (style: Style, text: string) => string): string {
  if (!ready) return `${style('red', '✗')} Not ready.`
  return `${style('green', '✓')} ${isKnown(readiness) ? 'Ready.' : 'Stored.'}`
}

function expiryText(expiresOn: Date, now: Date): string {
  const leftMs = expiresOn.getTime() - now.getTime()
  return leftMs > 0 ? formatMoment(expiresOn, now) : `${formatDuration(-leftMs)} ago`
}
