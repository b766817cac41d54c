import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyOf, makeAz, resourceId } from '../support/doubles/azure-cli.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { runBuilt } from '../support/programs/built.ts'

const CONTOSO = resourceId('contoso')
const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const PRINT_BOTH = `printf '%s\\n' "$${CONNECTION_STRING}" "$${TOKEN}"`
const A_TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/

/** An Azure CLI that hands out the key of the emulator. */
const azureCli = (): Readonly<Record<string, string>> => ({
  PATH: makeAz(home, [keyOf(CONTOSO, emulator.connectionString)]).path,
})

describe('--from-az with nothing stored', () => {
  it('gives the command of exec both variables, and stores nothing', async () => {
    const command = ['exec', '--from-az', CONTOSO, 'sh', '-c', PRINT_BOTH]
    const run = await runBuilt(command, { home: home.path, env: azureCli() })
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    const [connectionString, token] = run.stdout.split('\n')
    expect(connectionString).toBe(emulator.connectionString)
    expect(token).toMatch(A_TOKEN)
    expect(existsSync(join(home.path, '.config'))).toBe(false)
  })

  it('has token and env print what they would have stored', async () => {
    const env = azureCli()
    const token = await acs(['token', '--from-az', CONTOSO], { env })
    expect(token).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^eyJ\S+\n$/) })
    const values = JSON.parse((await acs(['env', '--json', '--from-az', CONTOSO], { env })).stdout) as object
    expect(values).toEqual({ [CONNECTION_STRING]: emulator.connectionString, [TOKEN]: expect.stringMatching(A_TOKEN) })
    expect(existsSync(join(home.path, '.config'))).toBe(false)
  })
})

describe('--from-az beside what is stored', () => {
  it('has env print the key of that resource', async () => {
    await acs(['setup', '--no-verify', '--token-only', '--connection-string', emulator.connectionString])
    const run = await acs(['env', '--json', '--from-az', CONTOSO], { env: azureCli() })
    // The stored token alone was asked to be stored.
    expect([run.exitCode, Object.keys(JSON.parse(run.stdout) as object)]).toEqual([0, [TOKEN]])
    await acs(['setup', '--no-verify', '--connection-string', emulator.connectionString])
    const both = await acs(['env', '--json', '--from-az', CONTOSO], { env: azureCli() })
    expect(JSON.parse(both.stdout)).toMatchObject({ [CONNECTION_STRING]: emulator.connectionString })
  })
})
