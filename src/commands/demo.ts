import { readFileSync, writeFileSync } from 'node:fs'
import { startEmulator } from '../emulator/server.ts'
import { CliError } from '../errors.ts'
import { withTemporaryDirectory } from '../files/temporary-directory.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { Secret } from '../secret.ts'
import type { Platform, Stored } from '../store/store.ts'
import { requireUninterrupted } from '../system/interruption.ts'
import type { Environment, System } from '../system/system.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { CommandContext } from './context.ts'

/** What the child needs of the user's environment; nothing that points into the user's own files. */
const PASSED_ON = ['PATH', 'SHELL', 'TERM', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'NO_COLOR', 'FORCE_COLOR']
const STEP_TIMEOUT_MS = 60_000

/** `acs-env demo`: the whole main job against the emulator, in a home that goes away again. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal, reporter } = context
  if (options.dryRun) {
    const text = 'Would run setup against the emulator, in a temporary home that is removed afterwards.'
    return terminal.answer(options.json ? `${JSON.stringify({ dry_run: true })}\n` : `${text}\n`)
  }
  const document = await system.interruptible((signal) =>
    withTemporaryDirectory('acs-env-demo-', system, (home) => showInHome(home, signal, context)),
  )
  if (options.json) await terminal.answer(`${JSON.stringify(document)}\n`)
  reporter.show(
    `\n${reporter.style('green', '✓')} That was all. The service has stopped and the temporary home is removed.\n`,
  )
}

async function showInHome(home: string, signal: AbortSignal, context: CommandContext): Promise<object> {
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

async function showSetup(
  connectionString: string,
  system: System,
  signal: AbortSignal,
  context: CommandContext,
): Promise<object> {
  const { reporter } = context
  // As what is stored is found: for who has a shell that acs-env cannot set up, with the system's usual one.
  const platform = await resolvePlatform(system, { remembered: true })
  // The user environment of Windows is one for all homes, so there setup only says what it would do.
  const mode = platform.newShell === undefined ? '--dry-run' : '--yes'
  const [profile] = platform.loadedFrom
  if (platform.newShell !== undefined && profile !== undefined)
    writeFileSync(profile, '# Your own lines stay as they are.\n')

  reporter.show(heading(context, '2', `acs-env setup ${mode}`))
  if (platform.newShell === undefined) {
    reporter.show(indent('On Windows all homes have one user environment: this is what it would do to yours.\n\n'))
  }
  const { nodePath, scriptPath } = system.self
  const setup = await system.run(nodePath, [scriptPath, 'setup', mode, '--connection-string-stdin'], {
    env: { ...system.env, ...(platform.newShell && { SHELL: platform.newShell('').program }) },
    input: new Secret(connectionString),
    timeoutMs: STEP_TIMEOUT_MS,
    signal,
  })
  requireUninterrupted(setup, signal)
  if (setup.kind !== 'exited' || setup.exitCode !== 0) {
    if (setup.kind === 'exited') reporter.show(indent(setup.stderr))
    throw new CliError('The setup of the demo failed.', { code: 'demo', hint: 'please report this' })
  }
  reporter.show(indent(mode === '--dry-run' ? setup.stdout : setup.stderr))
  if (platform.newShell === undefined || profile === undefined) return { dry_run: true }
  const variables = await readInNewShell(platform, platform.newShell, system, signal, context)
  reporter.show(heading(context, '4', `cat ${platform.show(profile)}`))
  reporter.show(indent(readFileSync(profile, 'utf8')))
  return { variables, profile: platform.show(profile) }
}

/** Opens a new shell and compares what it has with what is stored. */
async function readInNewShell(
  platform: Platform,
  newShell: NonNullable<Platform['newShell']>,
  system: System,
  signal: AbortSignal,
  context: CommandContext,
): Promise<readonly object[]> {
  const { reporter } = context
  const names = [CONNECTION_STRING_NAME, ACCESS_TOKEN_NAME]
  const { program, args } = newShell(`printf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`)
  reporter.show(heading(context, '3', `A new ${program} sees`))
  const shell = await system.run(program, args, { env: system.env, timeoutMs: STEP_TIMEOUT_MS, signal })
  requireUninterrupted(shell, signal)
  if (shell.kind !== 'exited') {
    throw new CliError(`A new ${program} could not be opened.`, { code: 'demo', hint: `is ${program} installed?` })
  }
  const stored = await platform.find()
  const seen = shell.stdout.trimEnd().split('\n').slice(-names.length)
  return names.map((name, index) => {
    const value = new Secret(seen[index] ?? '')
    if (!value.equals(storedAs(name, stored))) {
      throw new CliError(`A new ${program} does not see ${name}.`, { code: 'demo', hint: 'please report this' })
    }
    reporter.show(`  ${name}=${value}\n`)
    return { name, value: value.toString() }
  })
}

function storedAs(name: string, { connectionString, accessToken }: Stored): Secret | undefined {
  return name === CONNECTION_STRING_NAME ? connectionString : accessToken
}

function demoEnvironment({ env, platform }: System, home: string): Environment {
  // Windows programs do not start without these.
  const names = platform === 'win32' ? [...PASSED_ON, 'SystemRoot', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP'] : PASSED_ON
  const passedOn = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return { ...Object.fromEntries(passedOn), HOME: home, LOCALAPPDATA: home, USERPROFILE: home }
}

function heading({ reporter }: CommandContext, number: string, text: string): string {
  return `\n${reporter.style('cyan', number)}  ${reporter.style('bold', text)}\n\n`
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}
