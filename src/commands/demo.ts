import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { startEmulator } from '../emulator/server.ts'
import { CancelledError, CliError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { withTemporaryDirectory } from '../files/temporary-directory.ts'
import { lookIntoNewShells } from '../look/look.ts'
import { verdictOf } from '../look/outcome.ts'
import { prepareStore } from '../platforms/resolve.ts'
import { Secret } from '../secret.ts'
import { loginShellNameOf } from '../shell-names.ts'
import type { OpenableShells, PreparedStore } from '../store/store.ts'
import { storedValue } from '../store/stored-token.ts'
import { requireUninterrupted } from '../system/interruption.ts'
import type { Environment, System } from '../system/system.ts'
import type { CommandContext } from './context.ts'
import { IN_DEMO } from './setup/in-demo.ts'

type Context = CommandContext<'demo'>

/** What the child needs of the user's environment; nothing that points into the user's own files. */
const PASSED_ON = ['PATH', 'SHELL', 'TERM', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'NO_COLOR', 'FORCE_COLOR']
const STEP_TIMEOUT_MS = 60_000
const INDENT = '  '

/** `acs-env demo`: the whole main job against the emulator, in a home that goes away again. */
export async function run(context: Context): Promise<void> {
  const { options, system, terminal, reporter, program } = context
  if (options.dryRun) {
    const text = 'Would run setup against the emulator, in a temporary home that is removed afterwards.'
    return terminal.answer(options.json ? `${JSON.stringify({ dry_run: true })}\n` : `${text}\n`)
  }
  const document = await system.interruptible((signal) =>
    withTemporaryDirectory('acs-env-demo-', system, (home) => showInHome(home, signal, context)),
  )
  if (options.json) await terminal.answer(`${JSON.stringify(document)}\n`)
  reporter.show(
    `\n${reporter.style('green', '✓')} That was all. The service has stopped and the temporary home is removed.\n\n` +
      `To have both in your own terminals, run:\n\n  ${reporter.style('bold', program)}\n`,
  )
}

async function showInHome(home: string, signal: AbortSignal, context: Context): Promise<object> {
  const { system, reporter } = context
  const emulator = await startEmulator({ port: 0 })
  try {
    reporter.show(heading(context, '1', `An ACS identity service is running at ${emulator.endpoint}`))
    const inHome = { ...system, env: demoEnvironment(system, home) }
    return await showSetup(emulator.connectionString, inHome, signal, context)
  } finally {
    await emulator.close()
  }
}

/** A profile as somebody may have it. */
function writeProfile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '# Your own lines stay as they are.\n')
  } catch (error) {
    throw fileError('written', path, error)
  }
}

async function showSetup(
  connectionString: string,
  system: System,
  signal: AbortSignal,
  context: Context,
): Promise<object> {
  const { terminal, reporter } = context
  const store = await prepareStore({ shell: demoShell(system), rcFile: undefined, inline: false }, system)
  const { newTerminals, loadedFrom, show } = store.describe()
  const opensShells = newTerminals.kind === 'shells'
  const [loadPoint] = opensShells ? newTerminals.loadPoints : []
  // The user environment of Windows is one for all homes, so there setup only says what it would do.
  const mode = opensShells ? '--yes' : '--dry-run'
  const [profile] = loadedFrom
  if (loadPoint?.kind === 'block') writeProfile(loadPoint.path)

  reporter.show(heading(context, '2', `acs-env setup ${mode}`))
  if (!opensShells) {
    reporter.show(indent('\nOn Windows all homes have one user environment: this is what it would do to yours.\n'))
  }
  const { nodePath, scriptPath } = system.self
  const setup = await system.run(nodePath, [scriptPath, 'setup', mode, '--connection-string-stdin'], {
    env: {
      ...system.env,
      [IN_DEMO]: String(terminal.width(2) - INDENT.length),
      ...(opensShells && { SHELL: newTerminals.program }),
    },
    input: new Secret(connectionString),
    timeoutMs: STEP_TIMEOUT_MS,
    signal,
  })
  requireUninterrupted(setup, signal)
  if (setup.kind !== 'exited' || setup.exitCode !== 0) {
    if (setup.kind === 'exited') reporter.show(indent(setup.stderr))
    throw new CliError('The setup of the demo failed.', { code: 'demo', hint: 'please report this' })
  }
  reporter.show(`\n${indent(opensShells ? setup.stderr : setup.stdout)}`)
  if (!opensShells || profile === undefined) return { dry_run: true }
  const variables = await readInNewShell(store, newTerminals, system, signal, context)
  reporter.show(heading(context, '4', `cat ${show(profile)}`))
  reporter.show(`\n${indent(readFileSync(profile, 'utf8'))}`)
  return { variables, profile: show(profile) }
}

/** The login shell; for somebody whose shell cannot be set up, the system's usual one. */
function demoShell({ env }: System): string | undefined {
  return env.SHELL === undefined || loginShellNameOf(env.SHELL) !== undefined ? undefined : 'bash'
}

/** Opens a new shell and compares what it has with what is stored. */
async function readInNewShell(
  store: PreparedStore,
  { shell, program, home, starts, files }: OpenableShells,
  system: System,
  signal: AbortSignal,
  context: Context,
): Promise<readonly object[]> {
  const { reporter } = context
  reporter.show(heading(context, '3', `A new ${shell.name} sees`))
  const stored = await store.find()
  const expected = stored.state.variables.flatMap(({ name, value }) => {
    const secret = storedValue(stored, value)
    return secret === undefined ? [] : [{ name, secret }]
  })
  const looks = await lookIntoNewShells(
    { shell, program, home, starts: starts.slice(0, 1), files, expected },
    system,
    signal,
  )
  if (signal.aborted) throw new CancelledError()
  if (!looks.every(({ outcome }) => verdictOf(outcome) === 'seen')) {
    throw new CliError(`A new ${shell.name} does not see the values.`, {
      code: 'demo',
      hint: `is ${shell.name} installed? Otherwise please report this`,
    })
  }
  reporter.show(`\n${expected.map(({ name, secret }) => `  ${name}=${secret}\n`).join('')}`)
  return expected.map(({ name, secret }) => ({ name, value: secret.toString() }))
}

function demoEnvironment({ env, platform }: System, home: string): Environment {
  // Windows programs do not start without these.
  const names = platform === 'win32' ? [...PASSED_ON, 'SystemRoot', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP'] : PASSED_ON
  const passedOn = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { ...Object.fromEntries(passedOn), HOME: home, LOCALAPPDATA: home, USERPROFILE: home }
}

function heading({ reporter }: Context, number: string, text: string): string {
  return `\n${reporter.style('cyan', number)}  ${reporter.style('bold', text)}\n`
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, INDENT)
}
