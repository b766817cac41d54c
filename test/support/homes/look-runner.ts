import { readFileSync } from 'node:fs'
import { lookIntoNewShells } from '../../../src/look/look.ts'
import type { Look } from '../../../src/look/outcome.ts'
import { blockPlacesIn } from '../../../src/look/reasons/block-places.ts'
import type { Trace } from '../../../src/look/reasons/cause.ts'
import { explain, type Finding } from '../../../src/look/reasons/explain.ts'
import { traceNewShells } from '../../../src/look/reasons/trace.ts'
import { isDropIn } from '../../../src/profile/drop-in.ts'
import { Secret } from '../../../src/secret.ts'
import { loginShellNameOf } from '../../../src/shell-names.ts'
import { loginShellNamed } from '../../../src/shells/index.ts'
import type { ShellStart } from '../../../src/shells/shell.ts'
import { createSystem } from '../../../src/system/process.ts'

/** A look as a test asks for it. */
export interface LookCase {
  readonly home: string
  readonly program: string
  readonly starts: readonly ShellStart[]
  readonly env: Readonly<Record<string, string>>
  readonly expected: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** The files to trace where something is wrong, in the order of reading. */
  readonly files: readonly string[]
}

export interface LookRun {
  readonly looks: readonly Look[]
  readonly traces: readonly Trace[]
  readonly findings: readonly Finding[]
  readonly elapsedMs: number
}

const AT_ONCE = 6

/** For a process of its own, which may belong to another user: takes the name of a file with cases, prints the runs. */
async function main([, , file = '']: readonly string[]): Promise<void> {
  const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly LookCase[]
  const runs: LookRun[] = []
  const waiting = [...cases.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) runs[next[0]] = await run(next[1])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  process.stdout.write(JSON.stringify(runs))
}

async function run({ home, program, starts, env, expected, timeoutMs, files }: LookCase): Promise<LookRun> {
  const name = loginShellNameOf(program)
  if (name === undefined) throw new Error(`${program} is no shell that is known`)
  const shell = await loginShellNamed(name)
  const system = { ...createSystem(), env: { HOME: home, ...env } }
  const { signal } = new AbortController()
  const variables = Object.entries(expected).map(([name, value]) => ({ name, secret: new Secret(value) }))
  const request = { shell, program, home, starts, files, expected: variables, timeoutMs }
  const started = performance.now()
  const looks = await lookIntoNewShells(request, system, signal)
  const elapsedMs = performance.now() - started
  const blocks = blockPlacesIn(files)
  const traces = files.length === 0 ? [] : await traceNewShells({ ...request, blocks }, looks, system, signal)
  const loadedBy = blocks.some(({ file }) => isDropIn(readFileSync(file))) ? 'drop-in' : 'block'
  return { looks, elapsedMs, traces, findings: explain({ shell: shell.name, home, loadedBy, looks, traces }) }
}

void main(process.argv)
