import { fork, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'rolldown'
import type { CommandAnswer, CommandRequest } from './command-runner.ts'
import type { Account } from './new-terminal.ts'
import type { WorldRun } from './world.ts'

type CommandLine = Omit<CommandRequest, 'id'>

/** The whole program in one process for each account, for hundreds of runs: Node starts and loads it once. */
export interface CommandProcesses {
  run(command: CommandLine, account: Account): Promise<WorldRun>
  /** Ends the processes. */
  remove(): void
}

export async function startCommandProcesses(): Promise<CommandProcesses> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'acs-env-commands-')))
  chmodSync(directory, 0o755)
  const script = join(directory, 'command-runner.cjs')
  await build({
    input: join(import.meta.dirname, 'command-runner.ts'),
    platform: 'node',
    logLevel: 'silent',
    output: { file: script, format: 'cjs', codeSplitting: false },
  })
  const processes = new Map<string, CommandProcess>()
  return {
    run: (command, account) => {
      const name = account.kind === 'own' ? 'own' : String(account.userId)
      const known = processes.get(name) ?? new CommandProcess(script, account)
      processes.set(name, known)
      return known.run(command)
    },
    remove: () => {
      for (const process of processes.values()) process.end()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Waiting {
  readonly resolve: (run: WorldRun) => void
  readonly reject: (error: Error) => void
}

class CommandProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(script: string, account: Account) {
    this.#child = fork(script, [], {
      cwd: '/',
      execArgv: [],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', TMPDIR: tmpdir() },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      ...(account.kind === 'other' && { uid: account.userId, gid: account.userId }),
    })
    this.#child.on('message', (answer: CommandAnswer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if (answer.kind === 'ran') waiting?.resolve(answer.run)
      else waiting?.reject(new Error(answer.error))
    })
    this.#child.once('exit', (exitCode, signal) => {
      const error = new Error(`The process that runs the commands ended with ${exitCode ?? signal}`)
      for (const { reject } of this.#waiting.values()) reject(error)
    })
  }

  run(command: CommandLine): Promise<WorldRun> {
    this.#lastId += 1
    const request: CommandRequest = { ...command, id: this.#lastId }
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      this.#child.send(request)
    })
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
