import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, startFaultyService, type FaultyService } from '../support/doubles/faulty-service.ts'
import { other } from '../support/doubles/other-services.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { storeValues } from '../support/homes/stored-values.ts'
import type { WorldOptions, WorldRun } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'

const UNKNOWN_USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'

/** Takes every request, and counts. */
let counting: FaultyService
beforeAll(async () => {
  counting = await startFaultyService(json(204, undefined))
})
afterAll(() => counting.close())

const inEnvironment = ({ connectionString }: { readonly connectionString: string }): Record<string, string> => ({
  AZURE_COMMUNICATION_CONNECTION_STRING: connectionString,
})
/** Runs with the emulator's connection string in the environment. */
const acsEnv = (line: string, options: WorldOptions = {}): Promise<WorldRun> =>
  acs(line.split(' '), { env: inEnvironment(emulator), ...options })

describe('where the connection string comes from', () => {
  const lines = [
    'user create',
    `issue --scope chat`,
    `revoke --user ${UNKNOWN_USER} --yes`,
    `user delete ${UNKNOWN_USER} --yes`,
  ]
  const differs =
    /^note: using AZURE_COMMUNICATION_CONNECTION_STRING in the environment \(127.*; the stored connection string is another one\.$/m

  it.each(lines)('for "%s" it is the environment before the store, and a line says so', async (line) => {
    storeValues(home, { connectionString: other.connectionString })
    const asked = counting.requests()
    const run = await acsEnv(line, { env: inEnvironment(counting) })
    expect(run.stderr).toMatch(differs)
    expect(counting.requests()).toBeGreaterThan(asked)
  })

  it.each(lines)('for "%s" it is the store where the environment has none', async (line) => {
    storeValues(home, { connectionString: counting.connectionString })
    const asked = counting.requests()
    const run = await acsEnv(line, { env: {} })
    expect(run.stderr).not.toContain('note: using')
    expect(counting.requests()).toBeGreaterThan(asked)
  })

  it.each(lines)('for "%s" it is the command line before both', async (line) => {
    storeValues(home, { connectionString: other.connectionString })
    const asked = counting.requests()
    const args = [...line.split(' '), '--connection-string', counting.connectionString]
    const run = await acs(args, { env: inEnvironment(emulator) })
    expect(run.stderr).not.toContain('note: using')
    expect(counting.requests()).toBeGreaterThan(asked)
  })

  it.each(lines)('for "%s" it has to be somewhere', async (line) => {
    const run = await acsEnv(line, { env: {} })
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(/^error: There is no connection string\.\nhint: /)
  })

  it('is the environment also where the store cannot be read', async () => {
    home.write('.config/acs-env/connection-string/not-a-file', '')
    expect(await acsEnv('user create')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('is said nothing of where both are the same in other words', async () => {
    storeValues(home, { connectionString: emulator.connectionString })
    const env = {
      AZURE_COMMUNICATION_CONNECTION_STRING: `${emulator.connectionString.replace('endpoint', 'Endpoint')};`,
    }
    expect(await acsEnv('user create', { env })).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('is the configuration of the Azure CLI last, in the built program too', async () => {
    home.write('.azure/config', `[communication]\nconnection_string = ${emulator.connectionString}\n`)
    const run = await runBuilt(['user', 'create'], { home: home.path })
    expect(run).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^8:acs:/) })
  })
})
