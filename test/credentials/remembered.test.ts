import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyOf, makeAz, resourceId, type AzDouble } from '../support/doubles/azure-cli.ts'
import { other } from '../support/doubles/other-services.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { inMinutes, setExpiry, storedToken } from '../support/homes/stored-values.ts'
import type { WorldRun } from '../support/homes/world.ts'

const CONTOSO = resourceId('contoso')
const TOKEN_ONLY = ['setup', '--no-verify', '--token-only']
const key = (): string => emulator.connectionString.split('accesskey=')[1] ?? ''

/** A command that prints the connection string. */
const printing = (): string => `cat '${home.write('secret', emulator.connectionString)}'`

const az = (): AzDouble => makeAz(home, [keyOf(CONTOSO, emulator.connectionString)])

function expectNoKey({ exitCode, stdout, stderr }: WorldRun): void {
  expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  expect(stdout + stderr + home.read('.config/acs-env/state.json')).not.toContain(key())
  expect(existsSync(join(home.path, '.config/acs-env/connection-string'))).toBe(false)
}

describe('--token-only', () => {
  it('remembers the command, and renews with it', async () => {
    expectNoKey(await acs([...TOKEN_ONLY, '--connection-string-command', printing()]))
    const first = storedToken(home)
    expectNoKey(await acs(['refresh']))
    const second = storedToken(home)
    expect(second).not.toBe(first)
    // A renewal remembers it too.
    expectNoKey(await acs(['refresh']))
    expect(storedToken(home)).not.toBe(second)
  })

  it('runs the command where it was given, wherever it is asked again', async () => {
    home.write('project/secret', emulator.connectionString)
    const project = join(home.path, 'project')
    const args = [...TOKEN_ONLY, '--connection-string-command', 'cat ./secret']
    expectNoKey(await acs(args, { workingDirectory: project }))
    expectNoKey(await acs(['refresh'], { workingDirectory: home.path }))
  })

  it('remembers the resource of the Azure CLI, and asks for its key alone', async () => {
    const double = az()
    const env = { PATH: double.path }
    expectNoKey(await acs([...TOKEN_ONLY, '--from-az', CONTOSO], { env }))
    const first = storedToken(home)
    setExpiry(home, inMinutes(-5))
    const token = await acs(['token'], { env })
    expectNoKey(token)
    expect(token.stdout.trim()).toBe(storedToken(home))
    expect(storedToken(home)).not.toBe(first)
    expect(double.calls().map(({ args }) => args.slice(0, 5))).toEqual([
      ['rest', '--method', 'post', '--url', `${CONTOSO}/listKeys`],
      ['rest', '--method', 'post', '--url', `${CONTOSO}/listKeys`],
    ])
    const { stdout } = await acs(['status'])
    expect(stdout).toContain('source    the key of contoso, from the Azure CLI\n')
  })

  it('asks nobody while the token is young', async () => {
    const double = az()
    await acs([...TOKEN_ONLY, '--from-az', CONTOSO], { env: { PATH: double.path } })
    await acs(['refresh', '--if-expires-within', '1h'], { env: { PATH: double.path } })
    await acs(['token'], { env: { PATH: double.path } })
    expect(double.calls()).toHaveLength(1)
  })

  it('is before what an old shell has in its environment, and says so', async () => {
    await acs([...TOKEN_ONLY, '--connection-string-command', printing()])
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: other.connectionString }
    expectNoKey(await acs(['refresh'], { env }))
  })

  it('revokes and deletes with what it remembers', async () => {
    await acs([...TOKEN_ONLY, '--connection-string-command', printing()])
    expect(await acs(['revoke', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await acs(['unset', '--delete-user', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(existsSync(join(home.path, '.config/acs-env'))).toBe(false)
  })

  it('stays so for a setup that is run again, and ends where the source is named anew', async () => {
    const command = printing()
    await acs([...TOKEN_ONLY, '--connection-string-command', command])
    const again = await acs(['setup', '--no-verify'])
    expectNoKey(again)
    expect(again.stderr).toContain('note: the access key is kept nowhere, as before;')
    expect(await acs(['setup', '--no-token'])).toMatchObject({ exitCode: 2 })
    await acs(['setup', '--no-verify', '--connection-string-command', command])
    expect(home.read('.config/acs-env/connection-string')).toBe(emulator.connectionString)
    expect(home.read('.config/acs-env/state.json')).not.toContain('"source"')
  })

  it('does not remember a command that has the key in its own text', async () => {
    expectNoKey(await acs([...TOKEN_ONLY, '--connection-string-command', `echo '${emulator.connectionString}'`]))
    expect(await acs(['refresh'])).toMatchObject({ exitCode: 2 })
  })

  it('says why where it cannot be asked any more', async () => {
    await acs([...TOKEN_ONLY, '--connection-string-command', `${printing()} && test ! -e '${join(home.path, 'gone')}'`])
    home.write('gone', '')
    const { exitCode, stderr } = await acs(['refresh'])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('it ended with exit code 1')])
  })

  it.each([{ kind: 'command' }, { kind: 'azure-cli', resource_id: 5 }, { kind: 'of a later version' }, 7])(
    'counts %j in a damaged record as none',
    async (source) => {
      await acs([...TOKEN_ONLY, '--connection-string', emulator.connectionString])
      const state = JSON.parse(home.read('.config/acs-env/state.json')) as object
      home.write('.config/acs-env/state.json', JSON.stringify({ ...state, source }))
      expect(await acs(['status'])).toMatchObject({ exitCode: 0 })
      expect(await acs(['refresh'])).toMatchObject({ exitCode: 2 })
    },
  )
})
