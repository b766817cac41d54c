import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { checksOn } from '../doctor/checks/index.ts'
import { distinctFindings, examine, type CheckResult } from '../doctor/examine.ts'
import type { Facts, StoredVariable } from '../doctor/facts.ts'
import { openNewShells, type NewShells } from '../doctor/new-shells.ts'
import { findAncestors } from '../doctor/processes.ts'
import { CancelledError, CliError } from '../errors.ts'
import { waitForChange } from '../files/change/lock.ts'
import { LOOK_TIMEOUT_MS } from '../look/look.ts'
import type { LookOutcome } from '../look/outcome.ts'
import { openStore } from '../platforms/resolve.ts'
import { probeService } from '../service/probe.ts'
import { OPENED_BY_US } from '../shells/session-environment.ts'
import type { InspectedVariable, Store } from '../store/store.ts'
import { storedEndpoint } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { printable } from '../text/printable.ts'
import { asTyped, renderExamination } from '../ui/doctor-text.ts'
import { parseTimeoutMs } from '../values/timeout.ts'
import type { CommandContext, Outcome } from './context.ts'

type Context = CommandContext<'doctor'>

/**
 * `acs-env doctor`: opens real shells and looks at all that may come between the stored values and a program. Changes
 * nothing, asks nothing, and needs no terminal.
 */
export async function run({ options, system, terminal, reporter, program }: Context): Promise<Outcome> {
  if (system.env[OPENED_BY_US] !== undefined) {
    throw new CliError('This shell was itself opened by acs-env to be looked at.', {
      code: 'inside_a_look',
      hint: 'take acs-env out of the start-up file that runs it',
    })
  }
  const timeoutMs = options.timeout === undefined ? LOOK_TIMEOUT_MS : parseTimeoutMs(options.timeout)
  const store = await openStore(system)
  const { results, newShells } = await system.interruptible(async (signal) => {
    await waitForChange(store.directory, system, signal)
    const facts = await gatherFacts(store, system, signal, {
      timeoutMs,
      isOffline: options.offline === true,
      opensShells: options.noShell === undefined,
    })
    const results = await reporter.during('Opening new shells and looking around', () =>
      examine(facts, checksOn(system.platform)),
    )
    const newShells = await facts.newShells()
    if (signal.aborted) throw new CancelledError()
    return { results, newShells }
  })
  const text = options.json
    ? `${JSON.stringify(examinationDocument(results, newShells, program))}\n`
    : renderExamination(results, program, options.verbose === true, terminal.width(1), (style, part) =>
        terminal.style(style, part),
      )
  await terminal.answer(text)
  return isHealthy(results) ? 'done' : 'not-ready'
}

interface Wish {
  readonly timeoutMs: number
  readonly isOffline: boolean
  readonly opensShells: boolean
}

async function gatherFacts(store: Store, system: System, signal: AbortSignal, wish: Wish): Promise<Facts> {
  const stored = await store.find()
  const inspection = await store.inspect(stored)
  const description = store.describe()
  const variables = inspection.variables.flatMap((variable) => storedVariable(variable, stored, store.directory))
  const { timeoutMs, isOffline, opensShells } = wish
  return {
    system,
    home: system.env.HOME ?? system.env.USERPROFILE,
    directory: store.directory,
    description,
    show: (path) => printable(description.show(path)),
    stored,
    inspection,
    variables,
    signal,
    newShells: once(async () =>
      description.newTerminals.kind === 'programs'
        ? { kind: 'left-out', reason: 'programs load the values from a .env file' }
        : opensShells
          ? openNewShells(variables, stored.state.startup, system, timeoutMs, signal)
          : { kind: 'left-out', reason: 'left out by --no-shell' },
    ),
    service: once(async () => {
      const endpoint = storedEndpoint(stored)
      if (isOffline) return { kind: 'not-asked', reason: 'left out by --offline' }
      if (endpoint === undefined || !URL.canParse(endpoint)) {
        return { kind: 'not-asked', reason: 'the endpoint is not known' }
      }
      const { env, nodeVersion, now } = system
      return probeService(new URL(endpoint), { env, nodeVersion, now, signal, timeoutMs })
    }),
    ancestors: once(() =>
      findAncestors(
        variables.map(({ name }) => name),
        system,
        signal,
      ),
    ),
  }
}

function once<Result>(find: () => Promise<Result>): () => Promise<Result> {
  let found: Promise<Result> | undefined
  return () => (found ??= find())
}

function storedVariable(
  { name, value, storedIn, secret }: InspectedVariable,
  { state: { issued } }: Stored,
  directory: string,
): readonly StoredVariable[] {
  const [place] = storedIn
  if (place === undefined || secret === undefined) return []
  // A profile also changes for other reasons; for the token, the state has the time.
  const isOwnFile = dirname(place) === directory
  const written = isOwnFile ? statSync(place, { throwIfNoEntry: false })?.mtime : undefined
  const renewed = value === 'access-token' && issued.renewedAt !== undefined ? new Date(issued.renewedAt) : undefined
  return [{ name, secret, storedIn, storedAt: written ?? renewed }]
}

function isHealthy(results: readonly CheckResult[]): boolean {
  return results.every(({ level }) => level !== 'error')
}

function examinationDocument(results: readonly CheckResult[], newShells: NewShells, program: string): object {
  const findings = distinctFindings(results)
  return {
    healthy: isHealthy(results),
    problems: findings.filter(({ level }) => level === 'error').length,
    warnings: findings.filter(({ level }) => level === 'warning').length,
    checks: results.map(({ id, level, message, where, cure }) => ({
      id,
      level,
      message,
      where: where ?? null,
      cure:
        cure === undefined
          ? null
          : { text: cure.text, commands: cure.commands.map((command) => asTyped(command, program)) },
    })),
    shells: newShells.kind === 'looked' ? newShells.shells.map(shellDocument) : [],
  }
}

const OUTCOMES = {
  answered: 'ready',
  'handed-over': 'handed-over',
  ended: 'ended',
  'too-slow': 'timeout',
  'not-started': 'not-started',
  'could-not-look': 'not-looked-at',
  interrupted: 'not-looked-at',
} as const satisfies Record<LookOutcome['kind'], string>

function shellDocument({
  shell,
  start,
  outcome,
  durationMs,
}: Extract<NewShells, { kind: 'looked' }>['shells'][number]): object {
  return {
    shell,
    start,
    outcome: OUTCOMES[outcome.kind],
    ms: durationMs,
    variables: 'variables' in outcome ? outcome.variables : [],
  }
}
