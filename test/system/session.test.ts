import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runInSession, type SessionResult } from '../../src/system/session.ts'
import { hasProgram } from '../support/programs/requirements.ts'

/** The processes that were started with this argument. */
function processesCalled(argument: string): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0').includes(argument)
    } catch {
      return false
    }
  })
}

/** Says each value of a file that is another than the one before, as fast as a shell can read. */
const WATCH = 'while read now < "$1"; do [ "$now" = "$before" ] || echo "$now"; before=$now; done'

/** Runs a script for sh in a session of its own. */
function run(script: string): Promise<SessionResult> {
  return runInSession('/bin/sh', ['-c', script], {
    env: { PATH: '/usr/bin:/bin' },
    workingDirectory: '/',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  })
}

describe.runIf(process.platform === 'linux' && hasProgram('setsid'))('what has left its session', () => {
  it.each([
    ['with an environment of its own', 'env -i setsid -f sleep'],
    ['with ours', 'setsid -f sleep'],
    ['by a fork more', 'setsid -f env -i setsid -f sleep'],
  ])('is ended with it: %s', async (_, command) => {
    const duration = `6${process.hrtime.bigint()}`
    const result = await run(`sleep 0.1; ${command} ${duration}; sleep 0.1`)
    expect(result).toMatchObject({ kind: 'exited', exitCode: 0 })
    await expect.poll(() => processesCalled(duration)).toEqual([])
  })

  it('is not what another session has left at the same time', async () => {
    const duration = `6${process.hrtime.bigint()}`
    const other = run(`sleep 0.1; env -i setsid -f sleep ${duration}; sleep 3`)
    await expect.poll(() => processesCalled(duration).length).toBe(1)
    await run('true')
    expect(processesCalled(duration)).toHaveLength(1)
    await other
    await expect.poll(() => processesCalled(duration)).toEqual([])
  })

  it('has a mark that the process which starts it never has itself', async ({ onTestFinished }) => {
    const file = `/proc/${process.pid}/oom_score_adj`
    const before = readFileSync(file, 'utf8')
    const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', file], { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(() => void watcher.kill('SIGKILL'))
    let said = ''
    watcher.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    await expect.poll(() => said).toBe(before)
    for (let count = 0; count < 20; count += 1) await run('true')
    expect(said).toBe(before)
  })
})
