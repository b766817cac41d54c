import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Does `work` for a second while another process does these statements of Node all the time, with `fs` and `path` at hand.
 */
export async function besideNeighbour(path: string, statements: readonly string[], work: () => void): Promise<void> {
  const tries = statements.map((statement) => `try { ${statement} } catch {}`).join(' ')
  const loop = `const fs = require('node:fs'); const path = ${JSON.stringify(path)}; console.log('ready'); for (;;) { ${tries} }`
  const neighbour = spawn(process.execPath, ['-e', loop])
  try {
    await once(neighbour.stdout, 'data')
    const until = performance.now() + 1_000
    while (performance.now() < until) work()
  } finally {
    neighbour.kill('SIGKILL')
    await once(neighbour, 'close')
  }
}
