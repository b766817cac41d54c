import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { readEnvFile } from '../support/doubles/github-runner.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { storeValues } from '../support/homes/stored-values.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { BUILT, cleanEnvironment } from '../support/programs/built.ts'

const [CONNECTION_STRING_NAME, TOKEN_NAME] = [
  'AZURE_COMMUNICATION_CONNECTION_STRING',
  'AZURE_COMMUNICATION_ACCESS_TOKEN',
]
const KEY = 'a2V5'
const CONNECTION_STRING = `endpoint=https://contoso.communication.azure.com/;accesskey=${KEY}`
const TOKEN = 'eyJ.token'

let home: TestHome
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

const printEnv = (args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(['env', ...args], home.path, options)

describe('the format for the shell at hand', () => {
  const storeBoth = (): void => storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN })
  const [asSh, asFish, asPowershell] = [/^export \w+='endpoint=/, /^set -gx \w+ '/, /^\$env:\w+ = '/]

  it.each<[string, RegExp]>([
    ['/bin/sh', asSh],
    ['/usr/bin/bash', asSh],
    ['/bin/zsh', asSh],
    ['/usr/bin/dash', asSh],
    ['/opt/homebrew/bin/fish', asFish],
    ['/usr/bin/pwsh', asPowershell],
    ['/usr/bin/constructor', asSh],
    ['/usr/bin/json', asSh],
  ])('with SHELL=%s', async (SHELL, expected) => {
    storeBoth()
    expect((await printEnv([], { env: { SHELL } })).stdout).toMatch(expected)
  })

  it('without SHELL is the one of sh', async () => {
    storeBoth()
    expect((await printEnv([])).stdout).toMatch(asSh)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['cmd', { PROMPT: '$P$G' }, /^set "\w+=endpoint=/],
    ['PowerShell', {}, asPowershell],
    ['Git Bash', { SHELL: '/usr/bin/bash', PROMPT: '$P$G' }, asSh],
  ])('on Windows in %s', async (_, traces, expected) => {
    const registry = makeWindowsRegistry()
    const env = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows`, ...traces }
    const world = { platform: 'win32', env, run: registry.run } as const
    await runInWorld(['setup', '--no-verify', '--no-token', '--connection-string', CONNECTION_STRING], home.path, world)
    const run = await printEnv([], world)
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(expected)
  })
})

describe('what it prints', () => {
  it.each([
    'sh',
    'fish',
    'nu',
    'tcsh',
    'xonsh',
    'elvish',
    'powershell',
    'cmd',
    'dotenv',
    'docker',
    'json',
    'github',
    'azure-pipelines',
  ])('as %s is nothing, with exit code 1, where nothing is stored', async (format) => {
    const run = await printEnv(['--format', format], { env: { GITHUB_ENV: join(home.path, 'github-env') } })
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(/^error: Nothing is stored yet\.\nhint: begin with "acs-env setup"/)
    expect(home.list()).toEqual([])
  })

  it('has every name that setup was given', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN, furtherNames: ['ACS'] })
    const named = { [CONNECTION_STRING_NAME]: CONNECTION_STRING, ACS: CONNECTION_STRING, [TOKEN_NAME]: TOKEN }
    expect(JSON.parse((await printEnv(['--json'])).stdout)).toEqual(named)
    expect((await printEnv(['--format', 'JSON'])).stdout).toBe((await printEnv(['--json', '--format', 'json'])).stdout)
  })

  it('is one value where one is stored', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING })
    const { stdout } = await printEnv(['--format', 'dotenv'])
    expect(stdout).toBe(`${CONNECTION_STRING_NAME}='${CONNECTION_STRING}'\n`)
  })

  it('is nothing at all where one of the values cannot be written down', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: '100%' })
    const run = await printEnv(['--format', 'cmd'])
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(/^error: The value of AZURE_COMMUNICATION_ACCESS_TOKEN .*\nhint: .*powershell\n$/)
    expect(run.stderr).not.toContain('100')
  })

  it.each([
    [
      ['--format', 'oil'],
      /formats are bash, zsh, sh, ksh, mksh, fish, nu, xonsh, tcsh, elvish, powershell, cmd, dotenv, docker, json, github, azure-pipelines/,
    ],
    [['--format', 'toString'], /formats are/],
    [['--json', '--format', 'github'], /--json and --format github do not go together/],
  ])('with %j is nothing, with exit code 2', async (args, message) => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN })
    const run = await printEnv(args, { env: { GITHUB_ENV: join(home.path, 'github-env') } })
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(message)
    expect(home.list()).not.toContain('github-env')
  })
})

describe('with the values in the profile itself', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator({ port: 0 })
  })
  afterAll(() => emulator.close())

  it('prints what setup --inline wrote', async () => {
    const args = ['setup', '--no-verify', '--inline', '--as', 'ACS', '--connection-string', emulator.connectionString]
    expect((await runInWorld(args, home.path)).exitCode).toBe(0)
    const values = JSON.parse((await printEnv(['--json'])).stdout) as Record<string, string>
    expect(Object.keys(values).toSorted()).toEqual(['ACS', TOKEN_NAME, CONNECTION_STRING_NAME])
    expect([values.ACS, values[CONNECTION_STRING_NAME]]).toEqual([emulator.connectionString, emulator.connectionString])
    expect(home.read('.bash_profile')).toContain(`export ${TOKEN_NAME}='${values[TOKEN_NAME]}'`)
  })
})

describe('github', () => {
  it('masks the values, then adds them to the file behind what is in it', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN })
    const GITHUB_ENV = home.write('github-env', 'EARLIER=kept\n')
    const run = await printEnv(['--format', 'github'], { env: { GITHUB_ENV } })
    expect(run).toEqual({
      exitCode: 0,
      // The key for itself too: a later step may take the connection string apart.
      stdout: `::add-mask::${CONNECTION_STRING}\n::add-mask::${KEY}\n::add-mask::${TOKEN}\n`,
      stderr: '',
    })
    const lines = `${CONNECTION_STRING_NAME}=${CONNECTION_STRING}\n${TOKEN_NAME}=${TOKEN}\n`
    expect(home.read('github-env')).toBe(`EARLIER=kept\n${lines}`)
  })

  it('begins a new line after a last line without a line ending', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING })
    const GITHUB_ENV = home.write('github-env', 'EARLIER=kept')
    await printEnv(['--format', 'github'], { env: { GITHUB_ENV } })
    expect(readEnvFile(home.read('github-env'))).toEqual({
      EARLIER: 'kept',
      [CONNECTION_STRING_NAME]: CONNECTION_STRING,
    })
  })

  it('is wrong usage outside a job', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN })
    const run = await printEnv(['--format', 'github'])
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(/^error: GITHUB_ENV is not set/)
  })

  it('fails where the file cannot be written, and says which', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING })
    const GITHUB_ENV = join(home.path, 'missing', 'github-env')
    const run = await printEnv(['--format', 'github'], { env: { GITHUB_ENV } })
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toContain(GITHUB_ENV)
  })

  it('fails, and adds nothing, where nobody reads the masks', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN })
    const GITHUB_ENV = home.write('github-env', '')
    const env = cleanEnvironment(home.path, { GITHUB_ENV })
    const child = spawn(process.execPath, [BUILT, 'env', '--format', 'github'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    const said: Buffer[] = []
    child.stderr.on('data', (part: Buffer) => said.push(part))
    const [exitCode] = (await once(child, 'close')) as [number | null]
    expect([exitCode, String(Buffer.concat(said))]).toEqual([
      1,
      expect.stringMatching(/^error: Standard output could not be written \(EPIPE\)\.\n/),
    ])
    expect(readFileSync(GITHUB_ENV, 'utf8')).toBe('')
  })

  it('changes nothing with --dry-run', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING })
    const GITHUB_ENV = home.write('github-env', '')
    expect((await printEnv(['--format', 'github', '--dry-run'], { env: { GITHUB_ENV } })).exitCode).toBe(0)
    expect(readFileSync(GITHUB_ENV, 'utf8')).toBe('')
  })
})
