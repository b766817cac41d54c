import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BUILT, cleanEnvironment, scratch } from './world.mjs'

/**
 * Starts a server of ours in a process of its own, and waits for the line of JSON with which it says that it listens.
 *
 * @param {string} script
 * @param {readonly string[]} args
 */
export async function startServer(script, args) {
  const child = spawn(process.execPath, [script, ...args], {
    env: cleanEnvironment(scratch),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${script} did not start`))),
  ])
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  }
  return { said: JSON.parse(line), stop }
}

/**
 * The identity service to measure against: the emulator over TLS, which checks signatures, directly and 40 ms away.
 */
export async function startService() {
  const emulator = await startServer(BUILT, ['emulator', '--https', '--json'])
  const { connection_string: connectionString, endpoint, ca_file: caFile } = emulator.said
  const proxy = await startServer(join(import.meta.dirname, 'proxy.mjs'), [new URL(endpoint).port, '20'])
  const certificate = join(scratch, 'ca.pem')
  copyFileSync(caFile, certificate)
  return {
    connectionString,
    farConnectionString: connectionString.replace(new URL(endpoint).host, `localhost:${proxy.said.port}`),
    certificate,
    stop: () => Promise.all([proxy.stop(), emulator.stop()]),
  }
}
