import { readFileSync } from 'node:fs'
import { main } from '../../../src/main.ts'
import { createSystem } from '../../../src/system/process.ts'
import { createTerminal } from '../../../src/system/terminal.ts'
import type { DoctorDocument } from './doctor-bench.ts'

/** A home that the doctor is to look at. */
export interface DoctorHome {
  readonly home: string
  readonly shell: string
  readonly timeout: string
}

export interface DoctorRun {
  readonly exitCode: number
  readonly document: DoctorDocument
}

const AT_ONCE = 6

/** For a process of its own, which may belong to another user: takes the name of a file with homes, prints the runs. */
async function run([, , file = '']: readonly string[]): Promise<void> {
  const homes = JSON.parse(readFileSync(file, 'utf8')) as readonly DoctorHome[]
  const runs: DoctorRun[] = []
  const waiting = [...homes.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) runs[next[0]] = await examine(next[1])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  process.stdout.write(JSON.stringify(runs))
}

async function examine({ home, shell, timeout }: DoctorHome): Promise<DoctorRun> {
  // Without the tmux servers of other tests.
  const env = { HOME: home, SHELL: shell, PATH: '/usr/bin:/bin', TMUX_TMPDIR: home }
  const system = { ...createSystem(), env, inheritedEnv: env, workingDirectory: home, parentProcessId: 0 }
  let answer = ''
  const terminal = { ...createTerminal(), answer: async (text: string) => void (answer += text) }
  const exitCode = await main(['doctor', '--json', '--offline', '--timeout', timeout], system, terminal, '0.0.0-test')
  return { exitCode, document: JSON.parse(answer) as DoctorDocument }
}

void run(process.argv)
