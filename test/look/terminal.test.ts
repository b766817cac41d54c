import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { buildLookProcesses, type LookProcesses } from '../support/homes/look-process.ts'
import type { LookCase } from '../support/homes/look-runner.ts'
import { runInTerminal } from '../support/programs/pty.ts'

const FIRST_BYTES = '"kind":"answered","variables":[{"name":"ACS_VALUE","state":"same"}]'

let processes: LookProcesses

beforeAll(async () => {
  processes = await buildLookProcesses()
})

afterAll(() => processes.remove())

it('leaves keys that were typed ahead, and the modes of the terminal, to the user', async () => {
  const home = makeHome()
  home.write('.bashrc', 'stty -echo raw </dev/tty\nread -r key </dev/tty\nread -r key\nexport ACS_VALUE=value\n')
  const script = 'echo ready; stty -g; "$@"; echo; stty -g; IFS= read -r line; echo "read:$line:"'
  const run = runInTerminal([], {
    home: home.path,
    nodePath: process.execPath,
    program: ['/bin/bash', '-c', script, 'bash', ...processes.command([lookCase(home.path)])],
  })
  await run.waitFor('ready')
  run.type('typed ahead\r')
  await run.waitFor('read:typed ahead:')
  const [before, after] = run.text().match(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm) ?? []
  expect(run.text()).toContain(FIRST_BYTES)
  expect(after).toBe(before)
  await run.exit()
  home.remove()
})

it('is not stopped when it runs in the background', async () => {
  const home = makeHome()
  home.write('.bashrc', 'stty sane </dev/tty\nread -r key </dev/tty\nexport ACS_VALUE=value\n')
  const script = 'stty tostop; set -m; "$@" > ~/runs & wait $!; echo "ended:$?:"; jobs'
  const run = runInTerminal([], {
    home: home.path,
    nodePath: process.execPath,
    program: ['/bin/bash', '-c', script, 'bash', ...processes.command([lookCase(home.path)])],
  })
  await run.waitFor('ended:0:')
  await run.exit()
  expect(run.text()).not.toContain('Stopped')
  expect(home.read('runs')).toContain(FIRST_BYTES)
  home.remove()
})

function lookCase(home: string): LookCase {
  return {
    home,
    program: 'bash',
    starts: ['interactive'],
    env: {},
    expected: { ACS_VALUE: 'value' },
    timeoutMs: 20_000,
    files: [],
  }
}
