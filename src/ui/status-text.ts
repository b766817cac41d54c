import { describeSource, type RememberedSource } from '../store/remembered-source.ts'
import type { Seen } from '../store/seen.ts'
import type { Description, Inspection } from '../store/store.ts'
import type { TokenEnd } from '../store/stored-token.ts'
import type { Style } from '../system/terminal.ts'
import { formatDuration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { renderRows } from '../text/rows.ts'
import { formatMoment } from '../text/time.ts'
import { wrap, wrapSentences } from '../text/wrap.ts'
import { ACCESS_TOKEN_NAME } from '../values/variable-name.ts'
import { isKnown, newTerminalsText, renderActivation, type Readiness } from './activation-text.ts'

export interface VariableStatus {
  readonly name: string
  readonly storedIn: readonly string[]
  readonly inEnvironment: 'same' | 'differs' | 'missing'
}

export interface Status {
  readonly ready: boolean
  /** Undefined where nothing is stored. */
  readonly name: string | undefined
  /** A single resource is shown to people without its name. */
  readonly showsName: boolean
  /** Shells have the values of the current one alone. */
  readonly isCurrent: boolean
  readonly userId: string | undefined
  readonly scopes: readonly string[]
  readonly endpoint: string | undefined
  /** What the token is renewed with, where that is stored nowhere. */
  readonly source: RememberedSource | undefined
  readonly expiresOn: Date | undefined
  /** One of the problems, if it is the token's; undefined where that is good, or there is none. */
  readonly tokenEnd: TokenEnd | undefined
  readonly variables: readonly VariableStatus[]
  /** The remembered `.env` files. */
  readonly dotenv: Inspection['dotenv']
  readonly problems: readonly string[]
  /** Those that setup cannot put right. */
  readonly obstacles: readonly string[]
  /** What new shells had when they were looked at last. */
  readonly seen: Seen | undefined
  /** How the job that renews in the background stands; undefined where there is none. */
  readonly renewal: string | undefined
  /** The same for programs. */
  readonly schedule: object | null
  /** Start-up files that have changed since then. */
  readonly changedSince: readonly string[]
  readonly inGithubJob: boolean
}

const IN_THIS_SHELL: Readonly<Record<VariableStatus['inEnvironment'], string>> = {
  same: 'this shell has it',
  differs: 'this shell has another value',
  missing: 'this shell does not have it yet',
}

/** The status for people, at a glance. */
export function renderStatus(
  {
    ready,
    name,
    showsName,
    isCurrent,
    userId,
    scopes,
    endpoint,
    source,
    expiresOn,
    tokenEnd,
    variables,
    problems,
    obstacles,
    seen,
    changedSince,
    renewal,
    inGithubJob,
  }: Status,
  description: Description,
  program: string,
  now: Date,
  width: number,
  style: (style: Style, text: string) => string,
): string {
  const blocks = variables
    .filter(({ storedIn }) => storedIn.length > 0)
    .map(({ name, storedIn, inEnvironment }) => {
      const places = storedIn.map((path) => `    ${printable(description.show(path))}\n`).join('')
      const mark = style(inEnvironment === 'same' ? 'green' : 'yellow', IN_THIS_SHELL[inEnvironment])
      return `  ${style('bold', name)}\n${places}${isCurrent ? `    ${mark}\n` : ''}`
    })
  const hasToken = variables.some(({ name, storedIn }) => name === ACCESS_TOKEN_NAME && storedIn.length > 0)
  const rows = [
    ['name', showsName ? name : undefined],
    expiryRow(expiresOn, now),
    ['scopes', scopes.length === 0 || !hasToken ? undefined : scopes.join(', ')],
    ['endpoint', endpoint],
    ['source', source && describeSource(source)],
    ['renewal', renewal],
    // Last, since it is too long to stand beside its label on most terminals.
    ['identity', userId],
  ].flatMap(([label = '', value]) => (value === undefined ? [] : [[label, printable(value)] as const]))
  const table = renderRows(rows, { width, styleLabel: (label) => style('dim', label) })
  const them = blocks.length === 1 ? 'it' : 'them'
  const isStale = variables.some(({ inEnvironment }) => inEnvironment !== 'same')
  const readiness = { description, activation: description.activation, seen, changedSince, inGithubJob }
  const listed = (problem: string): string => {
    const [first = '', ...rest] = wrap(printable(problem), width - 4)
    return [`  ${style('yellow', '-')} ${first}\n`, ...rest.map((line) => `    ${line}\n`)].join('')
  }
  const option = isCurrent ? '' : ` --name ${name}`
  const activations = [
    isStale ? `\n${renderActivation(readiness, program, them, style)}` : '',
    !inGithubJob && !isStale && !isKnown(readiness) ? `\n${newTerminalsText(readiness, them)}\n` : '',
    !inGithubJob && !isKnown(readiness) ? `"${program} doctor" opens new ones and looks.\n` : '',
  ]
  const next = isCurrent ? activations.join('') : `\n"${program} use ${name}" makes it the current one.\n`
  const text = [
    `${headline(ready, isCurrent, readiness, style)}\n`,
    ...[...problems, ...obstacles].map(listed),
    ...(blocks.length === 0 ? [] : ['\n', ...blocks, '\n', table]),
    ready ? next : '',
    problems.length === 0
      ? ''
      : `\n${cureText({ problems, obstacles, tokenEnd }, setupCommand(description, program) + option, program, option)}\n`,
  ].join('')
  return wrapSentences(text, width)
}

/** The command that stores the values again in the same places: a plain setup would write a profile too. */
function setupCommand({ newTerminals, show }: Description, program: string): string {
  const [file] = newTerminals.kind === 'programs' ? newTerminals.files : []
  return `${program} setup${file === undefined ? '' : ` --dotenv ${printable(show(file))}`}`
}

/** One cure for all problems: a problem of the token alone needs no whole setup. */
function cureText(
  { problems, obstacles, tokenEnd }: Pick<Status, 'problems' | 'obstacles' | 'tokenEnd'>,
  setup: string,
  program: string,
  option: string,
): string {
  const rest = obstacles.length > 0
  if (tokenEnd === 'deleted') return `${rest ? 'Then ' : ''}"${setup} --new-user" makes a new identity.`
  if (tokenEnd !== undefined && problems.length === 1) {
    return `${rest ? 'Then ' : ''}"${program} refresh${option}" issues a new token.`
  }
  return rest ? `Then "${setup}" puts the rest right.` : `"${setup}" puts this right.`
}

/** "Ready" promises that a new terminal has the values, so it is said only where one was seen to have them. */
function headline(
  ready: boolean,
  isCurrent: boolean,
  readiness: Readiness,
  style: (style: Style, text: string) => string,
): string {
  if (!ready) return `${style('red', '✗')} Not ready.`
  return `${style('green', '✓')} ${isCurrent && isKnown(readiness) ? 'Ready.' : 'Stored.'}`
}

function expiryRow(expiresOn: Date | undefined, now: Date): readonly [label: string, value: string | undefined] {
  if (expiresOn === undefined) return ['expires', undefined]
  const leftMs = expiresOn.getTime() - now.getTime()
  return leftMs > 0 ? ['expires', formatMoment(expiresOn, now)] : ['expired', `${formatDuration(-leftMs)} ago`]
}
