import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readEnvFile, readMasks } from '../support/doubles/github-runner.ts'
import { failing, other } from '../support/doubles/other-services.ts'
import { acs, createUser, emulator, home } from '../support/homes/emulator-and-home.ts'
import { storeValues } from '../support/homes/stored-values.ts'
import type { WorldOptions, WorldRun } from '../support/homes/world.ts'
import { canBeAnybody } from '../support/programs/as-user.ts'
import { runBuilt, type BuiltRun } from '../support/programs/built.ts'

const NOBODY = 65534
const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

/** With file systems of its own. */
const SEALED = ['unshare', '--mount'] as const
const canSealFileSystems =
  spawnSync(SEALED[0], [SEALED[1], 'mount', '-o', 'remount,bind,ro', '/'], { stdio: 'ignore' }).status === 0

/** Prints both variables, each in a line, `-` where one is not there. */
const PRINT_BOTH = `printf '%s\\n' "\${${CONNECTION_STRING}--}" "\${${TOKEN}--}"`
const inEnvironment = (): WorldOptions => ({ env: { [CONNECTION_STRING]: emulator.connectionString } })
/** What a token says of itself. */
const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

/** The variables that a command gets which the built program runs. */
async function handedBy(run: Promise<BuiltRun>): Promise<readonly [string, string]> {
  const { exitCode, stdout, stderr } = await run
  expect([exitCode, stderr]).toEqual([0, ''])
  const [connectionString = '', token = ''] = stdout.split('\n')
  return [connectionString, token]
}

describe('with a connection string and nothing stored', () => {
  it.each<[string, readonly string[], () => string, () => Record<string, string>]>([
    ['in the environment', [], () => '', () => ({ [CONNECTION_STRING]: emulator.connectionString })],
    ['on standard input', ['--connection-string-stdin'], () => `${emulator.connectionString}\n`, () => ({})],
    [
      'by a command',
      ['--connection-string-command', 'echo "$ACS"'],
      () => '',
      () => ({ ACS: emulator.connectionString }),
    ],
  ])('%s, exec hands both variables to the command', async (_, args, input, env) => {
    const command = ['exec', ...args, '--', 'sh', '-c', PRINT_BOTH]
    const run = runBuilt(command, { home: home.path, input: input(), env: env() })
    const [connectionString, token] = await handedBy(run)
    expect(connectionString).toBe(emulator.connectionString)
    expect(claimsOf(token)).toMatchObject({ acsScope: 'chat,voip' })
    expect(home.list()).toEqual([])
  })

  it('by an option, token and env print them', async () => {
    const source = ['--connection-string', emulator.connectionString]
    const token = await acs(['token', ...source])
    expect(token).toMatchObject({ exitCode: 0, stderr: '' })
    expect(claimsOf(token.stdout)).toMatchObject({ acsScope: 'chat,voip' })
    const values = JSON.parse((await acs(['env', '--json', ...source])).stdout) as Record<string, string>
    expect(Object.keys(values)).toEqual([CONNECTION_STRING, TOKEN])
    expect(values[CONNECTION_STRING]).toBe(emulator.connectionString)
    expect(home.list()).toEqual([])
  })

  it('takes scopes, a lifetime and an identity', async () => {
    const user = await createUser()
    const wish = ['--scope', 'chat.join', '--expires-in', '90m', '--user', user]
    const run = await acs(['token', '--json', ...wish], inEnvironment())
    const { token, user_id, expires_on } = JSON.parse(run.stdout) as Record<string, string>
    expect(user_id).toBe(user)
    expect(claimsOf(token ?? '')).toMatchObject({ acsScope: 'chat.join' })
    const minutes = (Date.parse(expires_on ?? '') - Date.now()) / 60_000
    expect(Math.round(minutes)).toBe(90)
  })

  it.each([
    ['--scope', 'chat.jion'],
    ['--expires-in', '59'],
    ['--user', 'somebody'],
  ])('refuses %s %s before it asks anything', async (option, value) => {
    const asked = failing.requests()
    const run = await acs(['exec', option, value, '--', 'true'], {
      env: { [CONNECTION_STRING]: failing.connectionString },
    })
    expect([run.exitCode, failing.requests()]).toEqual([2, asked])
  })

  it('gives the variables to the later steps of a GitHub Actions job', async () => {
    const GITHUB_ENV = home.write('github-env', '')
    const run = await acs(['env', '--format', 'github'], { env: { ...inEnvironment().env, GITHUB_ENV } })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const values = readEnvFile(home.read('github-env'))
    expect(values[CONNECTION_STRING]).toBe(emulator.connectionString)
    expect(readMasks(run.stdout)).toContain(values[TOKEN])
  })

  it.each([
    [
      ['exec', '--dry-run', 'npm', 'test'],
      /^Would ask 127\.0\.0\.1:\d+ for a token \(chat, voip; for 24 h\), and run npm with both variables\.\n$/,
    ],
    [['token', '--dry-run'], /^Would ask \S+ for a token \(chat, voip; for 24 h\), and print it\.\n$/],
    [['env', '--dry-run'], /^Would ask \S+ for a token \(chat, voip; for 24 h\), and print both variables\.\n$/],
    [['exec', '--dry-run', '--json', 'npm'], /^\{"dry_run":true\}\n$/],
    [['token', '--dry-run', '--json'], /^\{"dry_run":true\}\n$/],
    [['env', '--dry-run', '--json'], /^\{"dry_run":true\}\n$/],
  ])('%j asks nothing of the service', async (args, text) => {
    const asked = failing.requests()
    const run = await acs(args, { env: { [CONNECTION_STRING]: failing.connectionString } })
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(text), stderr: '' })
    expect(failing.requests()).toBe(asked)
  })

  it('runs nothing where the service refuses', async () => {
    const env = { [CONNECTION_STRING]: failing.connectionString }
    const run = await acs(['exec', 'touch', join(home.path, 'was-run')], { env })
    expect([run.exitCode, run.stdout]).toEqual([4, ''])
    expect(existsSync(join(home.path, 'was-run'))).toBe(false)
  })
})

describe('with neither', () => {
  const hint = `hint: begin with "acs-env setup", or give the connection string in ${CONNECTION_STRING}\n`

  it.each([
    [['exec', 'true'], `error: Nothing is stored yet.\n${hint}`],
    [['env'], `error: Nothing is stored yet.\n${hint}`],
    [['token'], `error: No access token is stored.\n${hint}`],
  ])('%j fails with 1, and says how to begin', async (args, stderr) => {
    expect(await acs(args)).toEqual({ exitCode: 1, stdout: '', stderr })
  })

  it.each([['exec', 'true'], ['env'], ['token']])('and no home, %j %s says both ways out', async (...args) => {
    const run = await runBuilt(args, { workingDirectory: '/' })
    expect(run).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `error: HOME is not set.\nhint: set HOME to your home directory, or give the connection string in ${CONNECTION_STRING}\n`,
    })
  })
})

describe('with a token stored', () => {
  const source = (): readonly string[] => ['--connection-string', emulator.connectionString]
  const setUp = (): Promise<WorldRun> => acs(['setup', '--no-verify', ...source()])

  it.each([
    ['exec', ['exec', '--scope', 'chat', '--', 'true'], '--scope'],
    ['env', ['env', '--expires-in', '90m'], '--expires-in'],
    ['token', ['token', '--user', '8:acs:a_b'], '--user'],
  ])('%s refuses what only a new one could fulfil', async (_, args, option) => {
    await setUp()
    const run = await acs(args)
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(`error: ${option} is for a token that is issued for one run, and one is stored.\n`)
    expect(run.stderr).toMatch(/hint: leave it out, or change the stored one with "acs-env refresh --/)
  })

  it('env leaves it out beside the connection string of another resource', async () => {
    await setUp()
    const run = await acs(['env', '--json', '--connection-string', other.connectionString])
    expect(run.stderr).toMatch(/^warning: the stored token is left out: it does not belong to 127\.0\.0\.1:\d+\.\n$/)
    expect(JSON.parse(run.stdout)).toEqual({ [CONNECTION_STRING]: other.connectionString })
  })

  it('env prints the stored one beside the key that was given', async () => {
    await setUp()
    const stored = (await acs(['token'])).stdout.trim()
    expect(JSON.parse((await acs(['env', '--json', ...source()])).stdout)).toEqual({
      [CONNECTION_STRING]: emulator.connectionString,
      [TOKEN]: stored,
    })
  })

  it('env prints the stored connection string, whatever the shell at hand has', async () => {
    storeValues(home, { connectionString: other.connectionString })
    expect((await acs(['env', '--format', 'docker'], inEnvironment())).stdout).toBe(
      `${CONNECTION_STRING}=${other.connectionString}\n`,
    )
  })
})

describe('without a home', () => {
  it('exec works with the variable alone, and writes nothing', async () => {
    const readOnly = join(home.path, 'read-only')
    mkdirSync(readOnly)
    chmodSync(readOnly, 0o555)
    const [connectionString, token] = await handedBy(
      runBuilt(['exec', 'sh', '-c', PRINT_BOTH], {
        env: { [CONNECTION_STRING]: emulator.connectionString, TMPDIR: readOnly },
        workingDirectory: readOnly,
      }),
    )
    expect(connectionString).toBe(emulator.connectionString)
    expect(claimsOf(token)).toMatchObject({ acsScope: 'chat,voip' })
  })

  it.each([
    ['that is relative', 'here'],
    ['that is not there', '/nonexistent'],
  ])('or with one %s, exec works with the variable', async (_, HOME) => {
    const env = { [CONNECTION_STRING]: emulator.connectionString, HOME }
    expect((await handedBy(runBuilt(['exec', 'sh', '-c', PRINT_BOTH], { env })))[0]).toBe(emulator.connectionString)
  })

  it('exec says that a store which cannot be read was left alone', async () => {
    home.write('.config/acs-env/access-token/unexpected', '')
    const run = await acs(['exec', 'true'], inEnvironment())
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(/^note: the token is for this run alone, since what is stored could not be read: /)
  })

  it.runIf(canBeAnybody())('exec works for an account that may write nowhere', async () => {
    const run = runBuilt(['exec', '--', 'sh', '-c', `touch x 2>&-; ${PRINT_BOTH}`], {
      env: { [CONNECTION_STRING]: emulator.connectionString, TMPDIR: '/proc' },
      workingDirectory: '/proc',
      userId: NOBODY,
    })
    expect((await handedBy(run))[0]).toBe(emulator.connectionString)
  })

  // In a container this may not be permitted, and there the account above has to do.
  it.runIf(canSealFileSystems)('exec runs "npm test" where every file system is read-only', async () => {
    home.write('package.json', JSON.stringify({ scripts: { test: `touch written; ${PRINT_BOTH}` } }))
    const script = 'mount -o remount,bind,ro / && exec env -i PATH="$PATH" "$CS" "$@"'
    const run = await runBuilt(['exec', 'npm', '--silent', 'test'], {
      env: { CS: `${CONNECTION_STRING}=${emulator.connectionString}` },
      workingDirectory: home.path,
      under: [...SEALED, 'sh', '-c', script, 'sh'],
    })
    expect(run.stderr).toMatch(/^touch: .*Read-only file system\n$/)
    expect(run.stdout.split('\n')[0]).toBe(emulator.connectionString)
  })
})
