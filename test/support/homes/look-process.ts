import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'rolldown'
import type { LookCase, LookRun } from './look-runner.ts'

/** A user without an account, whose processes root can start. */
const PLAIN_USER = 4321

export type RunAs = 'this user' | 'a plain user'

/** Runs a script that takes cases in processes of its own, for root and as another user. */
export interface CaseProcesses<Case, Run> {
  /** The command that runs the cases, and prints their outcomes. */
  command(cases: readonly Case[]): readonly [program: string, ...args: string[]]
  run(cases: readonly Case[], as: RunAs): Promise<readonly Run[]>
  remove(): void
}

export type LookProcesses = CaseProcesses<LookCase, LookRun>

export function buildLookProcesses(): Promise<LookProcesses> {
  return buildCaseProcesses('look-runner.ts')
}

/** @param runner the script, beside this file */
export async function buildCaseProcesses<Case, Run>(runner: string): Promise<CaseProcesses<Case, Run>> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'acs-env-look-')))
  chmodSync(directory, 0o755)
  const script = join(directory, 'runner.cjs')
  await build({
    input: join(import.meta.dirname, runner),
    platform: 'node',
    logLevel: 'silent',
    output: { file: script, format: 'cjs', codeSplitting: false },
  })
  const command = (cases: readonly Case[]): readonly [string, ...string[]] => {
    const file = join(mkdtempSync(join(directory, 'cases-')), 'cases.json')
    chmodSync(join(file, '..'), 0o755)
    writeFileSync(file, JSON.stringify(cases))
    return [process.execPath, script, file]
  }
  return {
    command,
    run: async (cases, as) => JSON.parse(await output(command(cases), as)) as readonly Run[],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

function output([program, ...args]: readonly [string, ...string[]], as: RunAs): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
      ...(as === 'a plain user' && { uid: PLAIN_USER, gid: PLAIN_USER }),
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (exitCode) => {
      if (exitCode === 0) resolve(Buffer.concat(chunks).toString())
      else reject(new Error(`the runner ended with ${exitCode}`))
    })
  })
}

/** Gives a home, and everything in it, to the user whose processes are to read it. */
export function giveHome(home: string, as: RunAs): void {
  if (as !== 'a plain user') return
  chmodSync(join(home, '..'), 0o755)
  for (const path of ['', ...readdirSync(home, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(home, path), PLAIN_USER, PLAIN_USER)
  }
}

/** The processes that have this home in their environment, as `/proc` shows them. */
export function processesAtHome(home: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`HOME=${home}`)
    } catch {
      return false
    }
  })
}
