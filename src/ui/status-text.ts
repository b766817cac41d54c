import type { Platform } from '../store/store.ts'
import type { Style } from '../system/terminal.ts'
import { formatDuration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { formatMoment } from '../text/time.ts'
import { ACCESS_TOKEN_NAME } from '../values/variable-name.ts'
import { renderActivation } from './activation-text.ts'

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
}

const IN_THIS_SHELL: Readonly<Record<VariableStatus['inEnvironment'], string>> = {
  same: 'this shell has it',
  differs: 'this shell has another value',
  missing: 'this shell does not have it yet',
}

/** The status for people, at a glance. */
export function renderStatus(
  { ready, userId, scopes, endpoint, expiresOn, variables, problems, obstacles }: Status,
  platform: Platform,
  program: string,
  now: Date,
  style: (style: Style, text: string) => string,
): string {
  const blocks = variables
    .filter(({ storedIn }) => storedIn.length > 0)
    .map(({ name, storedIn, inEnvironment }) => {
      const places = storedIn.map((path) => `    ${printable(platform.show(path))}\n`).join('')
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
  const isStale = ready && variables.some(({ inEnvironment }) => inEnvironment !== 'same')
  const setup = `"${program} setup"`
  const cure = obstacles.length === 0 ? `${setup} puts this right` : `Then ${setup} puts the rest right`
  return [
    ready ? `${style('green', '✓')} Ready.\n` : `${style('red', '✗')} Not ready.\n`,
    ...[...problems, ...obstacles].map((problem) => `  ${style('yellow', '-')} ${printable(problem)}\n`),
    ...(blocks.length === 0 ? [] : ['\n', ...blocks, '\n', ...rows]),
    isStale ? `\n${renderActivation(platform, program, 'them', style)}` : '',
    problems.length === 0 ? '' : `\n${cure}${hasToken ? `; "${program} refresh" renews a token` : ''}.\n`,
  ].join('')
}

function expiryText(expiresOn: Date, now: Date): string {
  const leftMs = expiresOn.getTime() - now.getTime()
  return leftMs > 0 ? formatMoment(expiresOn, now) : `${formatDuration(-leftMs)} ago`
}
