import { describe, expect, it } from 'vitest'
import { acs, built, emulator, home } from '../support/homes/emulator-and-home.ts'
import type { WorldRun } from '../support/homes/world.ts'
import { readInShell } from '../support/programs/login-shell.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const ENDPOINT = 'AZURE_COMMUNICATION_ENDPOINT'
const OWN = '.config/acs-env'

const endpoint = (): string => emulator.connectionString.replace(/^endpoint=|;.*$/g, '')

async function setup(args: readonly string[] = []): Promise<WorldRun> {
  const run = await acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  return run
}

const inNewShell = (): readonly (string | undefined)[] => readInShell('bash', ['-lc'], home.path, [ENDPOINT]).values

describe('setup --with-endpoint', () => {
  it('stores the endpoint beside the two values, until unset', async () => {
    const { stdout } = await setup(['--with-endpoint', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      stored: [CONNECTION_STRING, ENDPOINT, TOKEN].map((name) => ({ name, where: expect.any(String) as string })),
    })
    expect([home.read(`${OWN}/endpoint`), inNewShell()]).toEqual([endpoint(), [endpoint()]])
    // Asked for once, it stays.
    await setup()
    const status = JSON.parse((await acs(['status', '--json'])).stdout) as { readonly variables: readonly object[] }
    expect(status).toMatchObject({ ready: true })
    expect(status.variables).toContainEqual({
      name: ENDPOINT,
      stored_in: [expect.stringContaining('/endpoint')],
      in_environment: 'missing',
    })
    expect(JSON.parse((await acs(['env', '--format', 'json'])).stdout)).toMatchObject({ [ENDPOINT]: endpoint() })
    const child = await built(['exec', '--', 'printenv', ENDPOINT])
    expect([child.exitCode, child.stdout]).toEqual([0, `${endpoint()}\n`])
    await acs(['unset'])
    expect(home.list()).toEqual([])
  })

  it('sees that its file has another one, of the same length, after new shells were looked at', async () => {
    const args = ['setup', '--with-endpoint', '--connection-string', emulator.connectionString]
    expect(await acs(args)).toMatchObject({ exitCode: 0 })
    expect((await acs(['status'])).stdout).toMatch(/^✓ Ready/)
    home.write(`${OWN}/endpoint`, `${endpoint().slice(0, -1)}\r`)
    const { exitCode, stdout } = await acs(['status'])
    expect([exitCode, stdout]).toEqual([3, expect.stringMatching(/endpoint ends with a carriage return/)])
  })

  it('writes it into the profile with --inline', async () => {
    await setup(['--with-endpoint', '--inline'])
    expect([inNewShell(), home.list().includes(`${OWN}/endpoint`)]).toEqual([[endpoint()], false])
    await acs(['unset'])
    expect(home.list()).toEqual([])
  })

  it('stores it beside the token alone, which is all that az communication chat needs', async () => {
    await setup(['--with-endpoint', '--token-only'])
    const { stdout } = await acs(['env', '--format', 'json'])
    expect(JSON.parse(stdout)).toEqual({ [ENDPOINT]: endpoint(), [TOKEN]: expect.stringMatching(/^eyJ/) })
  })

  it('stores no endpoint beside a token that somebody else issued', async () => {
    const { stdout: token } = await acs(['issue', '--scope', 'chat', '--connection-string', emulator.connectionString])
    const run = await acs(['setup', '--no-verify', '--access-token-stdin', '--with-endpoint', '--json'], {
      input: token,
    })
    expect(JSON.parse(run.stdout)).toMatchObject({ stored: [{ name: TOKEN }] })
  })

  it('is missed by status where the file is gone', async () => {
    await setup(['--with-endpoint'])
    home.write(`${OWN}/endpoint`, '')
    const status = await acs(['status', '--json'])
    expect([status.exitCode, JSON.parse(status.stdout)]).toEqual([
      3,
      expect.objectContaining({ problems: expect.arrayContaining([`${ENDPOINT} is not stored.`]) as unknown }),
    ])
  })

  it('keeps its name from the connection string', async () => {
    const run = await acs(['setup', '--as', ENDPOINT, '--connection-string', emulator.connectionString])
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('give --with-endpoint')])
  })
})
