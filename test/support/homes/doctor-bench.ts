import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, mkdirSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { killIfThere } from '../programs/kill.ts'
import { makeHome, type TestHome } from './home.ts'
import { CONNECTION_STRING, ACCESS_TOKEN } from './shell-block.ts'
import { runInWorld, type WorldOptions, type WorldRun } from './world.ts'

/** What `doctor --json` says of one thing. */
export interface DoctorResult {
  readonly id: string
  readonly level: 'error' | 'warning' | 'ok' | 'skipped'
  readonly message: string
  readonly where: { readonly file: string; readonly line: number } | null
  readonly cure: { readonly text: string; readonly commands: readonly string[] } | null
}

export interface DoctorDocument {
  readonly healthy: boolean
  readonly problems: number
  readonly warnings: number
  readonly checks: readonly DoctorResult[]
  readonly shells: readonly {
    readonly shell: string
    readonly start: string
    readonly outcome: string
    readonly ms: number
    readonly variables: readonly { readonly name: string; readonly state: string }[]
  }[]
}

/** What was examined, as a program and as a person get it. */
interface Examined extends WorldRun {
  readonly document: DoctorDocument
  readonly json: string
}

/** A home in which something may be wrong, and the programs around the doctor. */
export interface DoctorBench {
  readonly home: TestHome
  readonly connectionString: string
  readonly key: string
  readonly token: string
  /** The environment of a shell that has what is stored. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Starts a program that waits, called by this path below a directory of its own, and returns its process id; with
   * arguments it is a shell.
   */
  startProgram(path: string, env?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<number>
  /** Sets the home up, as it was once for all homes: before the programs around the tests began, or just now. */
  setUp(stored?: 'long ago' | 'just now'): void
  /** Runs the doctor, with `--json` and for people. */
  examine(args: readonly string[], options?: WorldOptions): Promise<Examined>
  /** Makes what is stored be of another service, with the same key. */
  pointTo(endpoint: string): void
  /** Ends the programs, and does what is left to do. */
  remove(): Promise<void>
  /** To be done in the end. */
  later(work: () => unknown): void
}

/**
 * Starts a program below a shell, since one right below Node would count as npm's, and says its id once it runs; Linux
 * keeps fifteen characters of a name.
 */
const START = `
env -i "$@" &
name=$(printf '%.15s' "\${0##*/}")
until read -r now <"/proc/$!/comm" && [ "$now" = "$name" ]; do :; done
echo $!
wait
`

/** A home that is set up, without opening a shell, to be copied: that takes less time than to set up another one. */
export async function setUpTemplate(connectionString: string, ...args: readonly string[]): Promise<TestHome> {
  const home = makeHome()
  const setup = ['setup', '--yes', '--no-verify', '--connection-string-stdin', ...args]
  const run = await runInWorld(setup, home.path, { env: { SHELL: '/bin/bash' }, input: connectionString })
  if (run.exitCode !== 0) throw new Error(run.stderr)
  return home
}

export function makeDoctorBench(connectionString: string, template: TestHome): DoctorBench {
  const home = makeHome()
  const children: ChildProcess[] = []
  const cleanups: (() => unknown)[] = []
  const token = template.read('.config/acs-env/access-token')
  const bench: DoctorBench = {
    home,
    connectionString,
    key: /accesskey=(.*)$/.exec(connectionString)?.[1] ?? '',
    token,
    // A tmux server of another test is none of its business either.
    env: {
      SHELL: '/bin/bash',
      TMUX_TMPDIR: home.path,
      [CONNECTION_STRING]: connectionString,
      [ACCESS_TOKEN]: token,
    },
    startProgram: async (path, env = {}, args) => {
      const program = join(home.path, '../programs', path)
      mkdirSync(dirname(program), { recursive: true })
      copyFileSync(args === undefined ? '/bin/sleep' : '/bin/sh', program)
      const variables = Object.entries({ HOME: home.path, ...env }).map(([name, value]) => `${name}=${value}`)
      const child = spawn('/bin/sh', ['-c', START, program, ...variables, program, ...(args ?? ['600'])], {
        env: { PATH: process.env.PATH },
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      })
      children.push(child)
      const [said] = (await once(child.stdout, 'data')) as [Buffer]
      return Number(said.toString())
    },
    setUp: (when = 'long ago') => {
      cpSync(template.path, home.path, { recursive: true })
      // The kernel counts when programs began in hundredths of a second.
      const storedAt = new Date(when === 'just now' ? Date.now() + 1_000 : '2020-01-01')
      for (const name of ['connection-string', 'access-token']) {
        utimesSync(join(home.path, '.config/acs-env', name), storedAt, storedAt)
      }
    },
    examine: async (args, options = {}) => {
      // The programs around the tests are none of the doctor's business.
      const env = Object.entries({ ...bench.env, ...options.env }).filter(([, value]) => value !== '')
      const world = { parentProcessId: 0, ...options, env: Object.fromEntries(env) }
      const asJson = await runInWorld(['doctor', '--json', ...args], home.path, world)
      const run = await runInWorld(['doctor', ...args], home.path, world)
      if (asJson.stderr + run.stderr !== '') throw new Error(asJson.stderr + run.stderr)
      if (asJson.exitCode !== run.exitCode) throw new Error('The exit code depends on --json.')
      return { ...run, json: asJson.stdout, document: JSON.parse(asJson.stdout) as DoctorDocument }
    },
    pointTo: (endpoint) => {
      home.write('.config/acs-env/connection-string', `endpoint=${endpoint};accesskey=${bench.key}`)
      const state = JSON.parse(home.read('.config/acs-env/state.json')) as object
      home.write('.config/acs-env/state.json', JSON.stringify({ ...state, endpoint }))
    },
    later: (work) => void cleanups.push(work),
    remove: async () => {
      for (const { pid } of children) if (pid !== undefined) killIfThere(-pid, 'SIGKILL')
      for (const work of cleanups) await work()
      home.remove()
    },
  }
  return bench
}

/** What was found, in the order of the report. */
export function findingsOf({ checks }: DoctorDocument): readonly DoctorResult[] {
  return checks.filter(({ level }) => level === 'error' || level === 'warning')
}

/** Whether any eight characters of a secret are in a text. */
export function hasPieceOf(secret: string, text: string): boolean {
  // What every token begins with is no secret.
  const begins = secret.startsWith('eyJ') ? secret.indexOf('.') : 0
  for (let start = begins; start + 8 <= secret.length; start += 1) {
    if (text.includes(secret.slice(start, start + 8))) return true
  }
  return false
}
