import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Secret } from '../../../src/secret.ts'
import { quotePosix } from '../../../src/shells/posix-words.ts'
import type { System } from '../../../src/system/system.ts'

/** Runs each line that it is given, and prints the exit code. */
const DRIVER = 'while IFS= read -r line; do eval "$line" >/dev/null 2>&1; echo "$?"; done'

/**
 * A system that starts programs from a small shell of its own. To fork this process takes several times as long as what
 * a parser then does, and a test asks for thousands.
 */
export function systemForParsers(): Pick<System, 'run' | 'env' | 'elapsedMs'> {
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' }
  let driver: Driver | undefined
  return {
    env,
    elapsedMs: () => performance.now(),
    run: async (program, args, { input } = {}) => {
      driver ??= startDriver(env)
      const contents = input instanceof Secret ? input.reveal() : (input ?? '')
      return { kind: 'exited', exitCode: await driver.run([program, ...args], contents), stdout: '', stderr: '' }
    },
  }
}

interface Driver {
  run(words: readonly string[], input: string | Buffer): Promise<number>
}

/** It ends with this process, at the end of its input. */
function startDriver(env: NodeJS.ProcessEnv): Driver {
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-parsers-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const child = spawn('/bin/sh', ['-c', DRIVER], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  unref(child)
  const waiting: ((exitCode: number) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(Number(line)))
  let count = 0
  return {
    run: (words, input) => {
      count += 1
      const file = join(directory, String(count))
      writeFileSync(file, input)
      child.stdin.write(`${words.map(quotePosix).join(' ')} < ${quotePosix(file)}\n`)
      return new Promise((resolve) => {
        waiting.push((exitCode) => {
          rmSync(file)
          resolve(exitCode)
        })
      })
    },
  }
}

function unref(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as Socket).unref()
}
