import { describe, expect, it } from 'vitest'
import { failing, other } from '../support/doubles/other-services.ts'
import { emulator, home } from '../support/homes/emulator-and-home.ts'
import { inMinutes, setExpiry, storedToken, storeValues } from '../support/homes/stored-values.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'

const TOKEN = 'eyJ.a-stored-token'

const token = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(['token', ...args], home.path, options)

async function setUp(...args: readonly string[]): Promise<string> {
  const run = await runInWorld(
    ['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args],
    home.path,
  )
  expect(run.exitCode).toBe(0)
  return storedToken(home) ?? ''
}

/** A store whose service refuses everything, and counts. */
function storeForFailing(expiresOn: Date): void {
  const { connectionString } = failing
  storeValues(home, { connectionString, accessToken: TOKEN, expiresOn, userId: '8:acs:a_b' })
}

describe('token', () => {
  it('prints the stored token and one line ending, and asks nothing of the service', async () => {
    storeForFailing(inMinutes(11))
    const asked = failing.requests()
    expect(await token()).toEqual({ exitCode: 0, stdout: `${TOKEN}\n`, stderr: '' })
    expect(failing.requests()).toBe(asked)
  })

  it('renews it first where little is left', async () => {
    const before = await setUp()
    setExpiry(home, inMinutes(9))
    const run = await token()
    expect(run).toEqual({ exitCode: 0, stdout: `${storedToken(home)}\n`, stderr: '' })
    expect(storedToken(home)).not.toBe(before)
  })

  it('is of the store, whatever the environment has', async () => {
    const stored = await setUp()
    const env = {
      AZURE_COMMUNICATION_ACCESS_TOKEN: 'of the shell',
      AZURE_COMMUNICATION_CONNECTION_STRING: other.connectionString,
    }
    expect(await token([], { env })).toEqual({ exitCode: 0, stdout: `${stored}\n`, stderr: '' })
    setExpiry(home, inMinutes(5))
    const run = await token([], { env })
    expect([run.exitCode, run.stdout]).toEqual([0, `${storedToken(home)}\n`])
    expect(run.stderr).toMatch(/^note: using the stored connection string/)
  })

  it('has the keys of the Azure CLI with --json', async () => {
    const stored = await setUp()
    const document = JSON.parse((await token(['--json'])).stdout) as Record<string, unknown>
    expect(document).toEqual({
      expires_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      token: stored,
      user_id: expect.stringMatching(/^8:acs:/),
    })
  })

  it('is nothing, with exit code 1, where none is stored', async () => {
    const run = await token()
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(/^error: No access token is stored\.\nhint: begin with "acs-env setup"/)
    await setUp('--no-token')
    expect(await token()).toMatchObject({ exitCode: 1, stdout: '' })
  })

  it('is nothing where it has expired and the service refuses', async () => {
    storeForFailing(inMinutes(-1))
    const run = await token()
    expect([run.exitCode, run.stdout]).toEqual([4, ''])
    expect(run.stderr).not.toContain(TOKEN)
  })

  it('is the same from the built program, alone in a $( )', async () => {
    storeForFailing(inMinutes(60))
    expect(await runBuilt(['token'], { home: home.path })).toMatchObject({
      exitCode: 0,
      stdout: `${TOKEN}\n`,
      stderr: '',
    })
  })
})
