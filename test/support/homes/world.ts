import { main } from '../../../src/main.ts'
import { createSystem } from '../../../src/system/process.ts'
import type { RunResult, System } from '../../../src/system/system.ts'
import type { Terminal } from '../../../src/system/terminal.ts'

export interface WorldOptions {
  readonly platform?: NodeJS.Platform
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** The home where absent. */
  readonly workingDirectory?: string
  /** Standard input is a terminal, but nobody can be asked. */
  readonly inputIsTerminal?: boolean
  readonly now?: () => Date
  /** As whom it runs, that account's login shell, and the file it may be from. */
  readonly userId?: number
  readonly accountShell?: string
  readonly accountsFile?: string
  /** The process that started it; that of the test runner where absent. */
  readonly parentProcessId?: number
  /** Takes the place of starting programs, for those of another system. */
  readonly run?: System['run']
  readonly runInSession?: System['runInSession']
  readonly interruptible?: System['interruptible']
  /** The program that is running, where it has to be the built one. */
  readonly self?: System['self']
}

export interface WorldRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A system whose home is this directory; all else that is not overridden is real. */
export function makeSystem(
  home: string,
  {
    platform = 'linux',
    env = {},
    now,
    run,
    workingDirectory = home,
    interruptible,
    runInSession,
    self,
    userId,
    accountShell,
    accountsFile,
    parentProcessId,
  }: WorldOptions = {},
): System {
  const all = { HOME: home, PATH: process.env.PATH, ...env }
  const real = createSystem()
  return {
    ...real,
    platform,
    env: all,
    inheritedEnv: all,
    startedAt: new Date(),
    workingDirectory,
    accountShell: () => accountShell,
    accountsFile,
    // Those of the test runner are none of the command's.
    inheritedDescriptors: async () => [],
    ...(userId !== undefined && { userId }),
    ...(parentProcessId !== undefined && { parentProcessId }),
    ...(now !== undefined && { now }),
    ...(run !== undefined && { run }),
    ...(runInSession !== undefined && { runInSession }),
    ...(interruptible !== undefined && { interruptible }),
    // However the tests were started.
    self: self ?? { ...real.self, command: 'acs-env' },
  }
}

/** The program in this process, in a small world of its own: no terminal, nothing global is touched. */
export async function runInWorld(args: readonly string[], home: string, options: WorldOptions = {}): Promise<WorldRun> {
  const said = { stdout: '', stderr: '' }
  const terminal: Terminal = {
    canAsk: false,
    inputIsTerminal: options.inputIsTerminal === true,
    isLive: false,
    width: () => Infinity,
    input: process.stdin,
    output: process.stderr,
    answer: async (text) => void (said.stdout += text),
    say: (text) => void (said.stderr += text),
    readInput: async () => options.input ?? '',
    style: (_style, text) => text,
    suspend: () => undefined,
    setRawAgain: () => false,
    onContinue: () => () => undefined,
    onEnd: () => () => undefined,
  }
  const exitCode = await main(args, makeSystem(home, options), terminal, '0.0.0-test')
  return { exitCode, ...said }
}

export const ended = (exitCode: number, stdout = '', stderr = ''): RunResult => ({
  kind: 'exited',
  exitCode,
  stdout,
  stderr,
})
