import { spawn, spawnSync } from 'node:child_process'
import { runBuilt, type BuiltOptions, type BuiltRun } from '../programs/built.ts'

/** A mount namespace of its own, in which a scheduler can be had without the machine noticing. For root alone. */
export interface Namespace {
  /** Runs the built program in it. */
  acs(args: readonly string[], options?: BuiltOptions): Promise<BuiltRun>
  /** Runs a script of bash in it, to its end; what it prints. */
  sh(script: string, env?: Readonly<Record<string, string>>): string
  end(): Promise<void>
}

/**
 * Starts one.
 *
 * @param before a script of bash that prepares it
 * @param after what ends what that has started
 */
export async function startNamespace(home: string, before: string, after = ':'): Promise<Namespace> {
  const script = `set -e\n${before}\necho ready\ncat >/dev/null\nset +e\n${after}`
  // A group of its own: Ctrl+C is for the test runner, which ends this in its own time.
  const child = spawn('unshare', ['-m', 'bash', '-c', script], {
    env: { PATH: process.env.PATH, HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('close', () => reject(new Error(`the namespace could not be prepared: ${said}`)))
  })
  const inside = ['nsenter', '-t', String(child.pid), '-m', '--']
  return {
    acs: (args, options = {}) => runBuilt(args, { home, ...options, under: inside }),
    sh: (script, env = {}) => {
      const [program = '', ...rest] = inside
      const { status, stdout, stderr } = spawnSync(program, [...rest, 'bash', '-ec', script], {
        encoding: 'latin1',
        env: { PATH: process.env.PATH, HOME: home, ...env },
      })
      if (status !== 0) throw new Error(`exit ${status}: ${stdout}${stderr}`)
      return stdout
    },
    end: async () => {
      child.stdin.end()
      await ended
    },
  }
}
