import { execFileSync, spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { resource, resourceId } from '../support/doubles/azure-cli.ts'
import {
  configureAzureCli,
  ENTRA_TOKEN,
  startAzure,
  SUBSCRIPTION,
  type Azure,
  type AzureAnswer,
} from '../support/doubles/azure.ts'
import { makeCertificate } from '../support/doubles/certificate.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { hasAzureCli } from '../support/programs/azure-cli.ts'
import { cleanEnvironment, runBuilt, type BuiltRun } from '../support/programs/built.ts'

const CONTOSO = resourceId('contoso', { group: 'rg(dev)', subscription: SUBSCRIPTION })
const FABRIKAM = resourceId('fabrikam', { subscription: SUBSCRIPTION })
const LIST = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Communication/communicationServices`

describe.runIf(hasAzureCli())('the Azure CLI that is installed here, signed in to a small Azure of its own', () => {
  let home: TestHome
  let azure: Azure
  let emulator: Emulator
  let env: Record<string, string>

  beforeAll(async () => {
    home = makeHome()
    const certificate = makeCertificate(home.path)
    emulator = await startEmulator({ port: 0, tls: certificate, entraToken: ENTRA_TOKEN })
    azure = await startAzure(manage, certificate)
    env = {
      ...configureAzureCli(home, azure, certificate),
      NODE_EXTRA_CA_CERTS: certificate.certificatePath,
      SHELL: '/bin/bash',
    }
    const login = ['login', '--service-principal', '-u', SUBSCRIPTION, '-p', 'x', '--tenant', 'adfs', '-o', 'none']
    await az(login)
    // Narrows what other commands of it see; "az rest" ignores it.
    await az(['config', 'set', 'defaults.group=empty', 'core.output=table', '--only-show-errors'])
  })
  afterAll(async () => {
    await Promise.all([azure.close(), emulator.close()])
    home.remove()
  })

  function manage(method: string, url: string): AzureAnswer | undefined {
    const [path = ''] = url.split('?')
    if (method === 'GET' && path === LIST) {
      const page = url.includes('skiptoken')
        ? { value: [resource(CONTOSO)] }
        : { value: [resource(FABRIKAM)], nextLink: `${azure.endpoint}${LIST}?api-version=2023-04-01&%24skiptoken=2` }
      return { status: 200, body: page }
    }
    if (method === 'POST' && decodeURIComponent(path) === `${CONTOSO}/listKeys`) {
      return { status: 200, body: { primaryConnectionString: emulator.connectionString, primaryKey: 'a' } }
    }
    if (method === 'POST') {
      return { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'The client does not have' } } }
    }
    return undefined
  }

  function az(args: readonly string[]): Promise<void> {
    return new Promise((settle, reject) => {
      const child = spawn('az', args, { env: cleanEnvironment(home.path, env), stdio: ['ignore', 'ignore', 'inherit'] })
      child.once('exit', (exitCode) => (exitCode === 0 ? settle() : reject(new Error(`az ${args[0]}: ${exitCode}`))))
    })
  }

  const acs = (args: readonly string[]): Promise<BuiltRun> => runBuilt(args, { home: home.path, env })

  it('lists, finds one on the second page, and has its key stored', async () => {
    const setup = await acs(['setup', '--no-verify', '--from-az', 'contoso'])
    expect([setup.exitCode, setup.stderr]).toEqual([0, expect.stringContaining('✓ Stored:')])
    expect(home.read('.config/acs-env/connection-string')).toBe(emulator.connectionString)
    const key = emulator.connectionString.split('accesskey=')[1]
    expect(setup.stdout + setup.stderr).not.toContain(key)
  })

  it('says what there is to choose from', async () => {
    const { exitCode, stderr } = await acs(['issue', '--scope', 'chat', '--from-az'])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--from-az NAME: fabrikam, contoso')])
  })

  it('sees a resource, but not its key', async () => {
    const { exitCode, stderr } = await acs(['issue', '--scope', 'chat', '--from-az', FABRIKAM])
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('You may see fabrikam, but not its keys')])
  })

  it('hands out an Entra token', async () => {
    const { exitCode, stderr } = await acs(['issue', '--scope', 'chat', '--endpoint', emulator.endpoint])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('note: for 8:acs:')])
  })

  // What comes after it is signed out.
  it('says that it is signed out', async () => {
    execFileSync('az', ['logout'], { env: cleanEnvironment(home.path, env) })
    const { exitCode, stderr } = await acs(['issue', '--scope', 'chat', '--from-az'])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('error: The Azure CLI is not signed in.\n')])
  })
})
