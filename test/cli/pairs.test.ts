import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Emulator } from '../../src/emulator/server.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { startResources, type Resources } from '../support/homes/resources.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { BUILT, cleanEnvironment, runBuilt } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const NAMES = ['AZURE_COMMUNICATION_CONNECTION_STRING', 'AZURE_COMMUNICATION_ACCESS_TOKEN'] as const

let a: Emulator
let b: Emulator
let resourceOf: Resources['resourceOf']
let isPair: Resources['isPair']
let close: Resources['close']
let home: TestHome
beforeAll(async () => {
  ;({ a, b, resourceOf, isPair, close } = await startResources())
})
afterAll(() => close())
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

const acs = (args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(args, home.path, options)

describe('one resource’s key with another’s token', () => {
  it('is refused by refresh', async () => {
    await acs(['setup', '--no-verify', '--connection-string', a.connectionString])
    const user = (await acs(['user', 'create', '--connection-string', b.connectionString])).stdout.trim()
    const before = home.read('.config/acs-env/access-token')
    const run = await acs(['refresh', '--connection-string', b.connectionString, '--user', user])
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: The stored token is not one of .*\nhint: /),
    ])
    expect(home.read('.config/acs-env/access-token')).toBe(before)
  })

  it('is refused by refresh where one profile holds the one and another the other', async () => {
    home.write('.bashrc', '')
    home.write('.bash_profile', '')
    await acs(['setup', '--no-verify', '--inline', '--connection-string', a.connectionString])
    const old = home.read('.bashrc')
    await acs(['setup', '--no-verify', '--inline', '--connection-string', b.connectionString])
    home.write('.bashrc', old)
    const run = await acs(['refresh'])
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringMatching(/hold the connection strings of different resources/),
    ])
    const status = await acs(['status', '--json'])
    expect([status.exitCode, status.stdout]).toEqual([3, expect.stringMatching(/\.bashrc holds another value/)])
  })

  it.skipIf(!hasProgram('strace', '-V'))('is not read while another run is writing', async () => {
    await acs(['setup', '--no-verify', '--connection-string', a.connectionString])
    const slow = ['-f', '-o', '/dev/null', '-P', join(home.path, '.config/acs-env/access-token'), '-e', 'trace=openat']
    const delayed = [
      ...slow,
      '-e',
      'inject=openat:delay_enter=2000000:when=1',
      process.execPath,
      BUILT,
      'env',
      '--format',
      'json',
    ]
    const reading = promisify(execFile)('strace', delayed, { env: cleanEnvironment(home.path) })
    await new Promise((settle) => setTimeout(settle, 900))
    await acs(['setup', '--no-verify', '--connection-string', b.connectionString])
    const seen = JSON.parse((await reading).stdout) as Record<string, string>
    expect(NAMES.map((name) => resourceOf(seen[name]))).toEqual(['b', 'b'])
  })

  it('is refused where a token is given', async () => {
    await acs(['setup', '--no-verify', '--connection-string', a.connectionString])
    const { stdout: token } = await acs(['token'])
    const run = await acs(['setup', '--no-verify', '--access-token-stdin', '--connection-string', b.connectionString], {
      input: token,
    })
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(/belongs to another resource/)])
    expect(isPair(['connection-string', 'access-token'].map((name) => home.read(`.config/acs-env/${name}`)))).toBe(true)
  })

  it('cannot be told where nothing is known, and that is said', async () => {
    const issued = await acs(['issue', '--scope', 'chat', '--connection-string', a.connectionString])
    const run = await acs(['setup', '--no-verify', '--access-token-stdin', '--connection-string', a.connectionString], {
      input: issued.stdout,
    })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringMatching(/note: whether the access token belongs/)])
  })

  it('is not handed to a command by exec, whatever is lost or inherited', async () => {
    const print = [
      'exec',
      '--',
      process.execPath,
      '-p',
      `JSON.stringify(${JSON.stringify(NAMES)}.map((name) => process.env[name] ?? ''))`,
    ]
    const env = { SHELL: '/bin/bash', AZURE_COMMUNICATION_CONNECTION_STRING: b.connectionString }
    for (const args of [[], ['--token-only'], ['--no-token']]) {
      for (const losesState of [false, true]) {
        await acs(['setup', '--no-verify', '--connection-string', a.connectionString, ...args])
        if (losesState) rmSync(join(home.path, '.config/acs-env/state.json'))
        const run = await runBuilt(print, { home: home.path, env })
        expect([args, losesState, run.exitCode]).toEqual([args, losesState, 0])
        expect([args, losesState, isPair(JSON.parse(run.stdout) as string[])]).toEqual([args, losesState, true])
        await acs(['unset'])
      }
    }
  })
})

it('the environment of these tests is clean', () => {
  expect(Object.keys(cleanEnvironment(home.path))).not.toContain(NAMES[0])
  expect(existsSync(join(home.path, '.config'))).toBe(false)
})
