import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { maskInGithub, renderGithubEnv } from '../../src/formats/github.ts'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
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
    await runInWorld(['setup', '--no-token', '--connection-string', CONNECTION_STRING], home.path, world)
    const run = await printEnv([], world)
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(expected)
  })
})

describe('what it prints', () => {
  it.each(['sh', 'fish', 'powershell', 'cmd', 'dotenv', 'json', 'github'])(
    'as %s is nothing, with exit code 1, where nothing is stored',
    async (format) => {
      const run = await printEnv(['--format', format], { env: { GITHUB_ENV: join(home.path, 'github-env') } })
      expect([run.exitCode, run.stdout]).toEqual([1, ''])
      expect(run.stderr).toBe('error: Nothing is stored yet.\nhint: begin with "acs-env setup"\n')
      expect(home.list()).toEqual([])
    },
  )

  it('has every name that setup was told of', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: TOKEN, furtherNames: ['ACS'] })
    const named = { [CONNECTION_STRING_NAME]: CONNECTION_STRING, ACS: CONNECTION_STRING, [TOKEN_NAME]: TOKEN }
    expect(JSON.parse((await printEnv(['--json'])).stdout)).toEqual(named)
    expect((await printEnv(['--format', 'JSON'])).stdout).toBe((await printEnv(['--json', '--format', 'json'])).stdout)
  })

  it('is one value where one is stored', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING })
    const { stdout } = await printEnv(['--format', 'dotenv'])
    expect(stdout).toBe(`${CONNECTION_STRING_NAME}=${CONNECTION_STRING}\n`)
  })

  it('is nothing at all where one of the values cannot be written down', async () => {
    storeValues(home, { connectionString: CONNECTION_STRING, accessToken: '100%' })
    const run = await printEnv(['--format', 'cmd'])
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(/^error: The value of AZURE_COMMUNICATION_ACCESS_TOKEN .*\nhint: .*powershell\n$/)
    expect(run.stderr).not.toContain('100')
  })

  it.each([
    [['--format', 'tcsh'], /formats are sh, bash, zsh, fish, powershell, cmd, dotenv, json, github/],
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
    const args = ['setup', '--inline', '--as', 'ACS', '--connection-string', emulator.connectionString]
    expect((await runInWorld(args, home.path)).exitCode).toBe(0)
    const values = JSON.parse((await printEnv(['--json'])).stdout) as Record<string, string>
    expect(Object.keys(values).toSorted()).toEqual(['ACS', TOKEN_NAME, CONNECTION_STRING_NAME])
    expect([values.ACS, values[CONNECTION_STRING_NAME]]).toEqual([emulator.connectionString, emulator.connectionString])
    expect(home.read('.bash_profile')).toContain(`export ${TOKEN_NAME}='${values[TOKEN_NAME]}'`)
  })
})

describe('github', () => {
  const hostileLines = fc.array(hostileText, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'))

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

  it('does not glue itself to a last line without an end', async () => {
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

  it('masks any text and hands it on, as the runner reads it', () => {
    fc.assert(
      fc.property(hostileLines, hostileLines, (first, second) => {
        const assignments = [
          { name: 'FIRST', value: new Secret(first) },
          { name: 'SECOND', value: new Secret(second) },
        ]
        expect(readMasks(maskInGithub(assignments))).toEqual([first, second])
        expect(readEnvFile(renderGithubEnv(assignments))).toEqual({ FIRST: first, SECOND: second })
      }),
      { numRuns: 500 },
    )
  })

  it('escapes what a workflow command gives a meaning to', () => {
    expect(maskInGithub([{ name: 'NAME', value: new Secret('100%25\r\nmore') }])).toBe(
      '::add-mask::100%2525%0D%0Amore\n',
    )
  })

  it('refuses a carriage return, which the runner would cut off', () => {
    expect(() => renderGithubEnv([{ name: 'NAME', value: new Secret('a\r') }])).toThrow(/NAME has a carriage return/)
  })
})

/** What the runner would mask: one command a line, its data unescaped. */
function readMasks(output: string): readonly string[] {
  const unescaped: Record<string, string> = { '%25': '%', '%0D': '\r', '%0A': '\n' }
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, data] = /^::add-mask::([^]*)$/.exec(line) ?? []
      if (data === undefined) throw new Error('not a workflow command')
      return data.replaceAll(/%25|%0D|%0A/g, (escape) => unescaped[escape] ?? '')
    })
}

/** The file of `$GITHUB_ENV` as the runner reads it: `NAME=value` lines, and `NAME<<END` down to a line `END`. */
function readEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split('\n')
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    if (line === '') continue
    const [equals, arrows] = [line.indexOf('='), line.indexOf('<<')]
    if (equals !== -1 && (arrows === -1 || equals < arrows)) {
      values[line.slice(0, equals)] = line.slice(equals + 1)
      continue
    }
    const end = lines.indexOf(line.slice(arrows + 2))
    if (arrows === -1 || end === -1) throw new Error('not an environment file')
    values[line.slice(0, arrows)] = lines.splice(0, end).join('\n')
    lines.shift()
  }
  return values
}
