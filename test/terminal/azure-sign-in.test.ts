import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import {
  accounts,
  keyOf,
  makeAz,
  resource,
  resourceId,
  resourcesOf,
  subscription,
  SUBSCRIPTION,
  TENANT,
  type AzAnswer,
  type AzDouble,
} from '../support/doubles/azure-cli.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { runInTerminal, type PtyRun } from '../support/programs/pty.ts'

const CONTOSO = resourceId('contoso')
const FABRIKAM = resourceId('fabrikam', { group: 'production' })
const FIRST = '? Connection string'
const RESOURCES = '? Resource'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(() => emulator.close())

const signedIn = (): readonly AzAnswer[] => [
  accounts(subscription()),
  resourcesOf(SUBSCRIPTION, [resource(FABRIKAM), resource(CONTOSO)]),
  keyOf(FABRIKAM, emulator.connectionString),
]

interface StartOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly subscriptions?: readonly object[]
}

/** Somebody who has signed in, as the Azure CLI writes it down: with a byte order mark. */
function start(
  { onTestFinished }: TestContext,
  answers: readonly AzAnswer[],
  { args = [], env = {}, subscriptions = [subscription()] }: StartOptions = {},
): { home: TestHome; run: PtyRun; az: AzDouble } {
  const home = makeHome()
  home.write('.azure/azureProfile.json', `\uFEFF${JSON.stringify({ subscriptions })}`)
  const az = makeAz(home, answers)
  const run = runInTerminal(args, {
    home: home.path,
    nodePath: process.execPath,
    env: { PATH: az.path, ...env },
  })
  onTestFinished(() => {
    run.kill('SIGKILL')
    home.remove()
  })
  return { home, run, az }
}

function expectStored(home: TestHome, run: PtyRun): void {
  expect(home.read('.config/acs-env/connection-string')).toBe(emulator.connectionString)
  const key = emulator.connectionString.split('accesskey=')[1] ?? ''
  for (let index = 0; index + 8 <= key.length; index += 1) expect(run.raw()).not.toContain(key.slice(index, index + 8))
}

describe.concurrent('the wizard of somebody who is signed in to Azure', () => {
  it('needs four key presses', async (context) => {
    const { home, run } = start(context, signedIn())
    await run.waitFor(FIRST)
    await run.waitFor('From your Azure sign-in  dev@contoso.com')
    run.press('enter')
    await run.waitFor(RESOURCES)
    await run.waitFor('fabrikam.europe.communication.azure.com  production (Development)')
    run.press('enter')
    await run.waitFor('? Scopes')
    run.press('enter')
    await run.waitFor('? Go ahead?')
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectStored(home, run)
    const answers = run
      .screen()
      .split('\n')
      .filter((line) => /^✓ .* · /.test(line))
    expect(answers).toEqual([
      '✓ Connection string · From your Azure sign-in',
      '✓ Resource · fabrikam',
      '✓ Scopes · chat, voip',
      '✓ Go ahead? · yes',
    ])
  })

  it('takes the only resource without asking, and says which it is', async (context) => {
    const { home, run } = start(context, [
      accounts(subscription()),
      resourcesOf(SUBSCRIPTION, [resource(FABRIKAM)]),
      keyOf(FABRIKAM, emulator.connectionString),
    ])
    await run.waitFor(FIRST)
    run.press('enter')
    await run.waitFor('note: using fabrikam (fabrikam.europe.communication.azure.com), the only')
    await run.waitFor('? Scopes')
    run.press('enter')
    await run.waitFor('? Go ahead?')
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectStored(home, run)
  })

  it('is offered their sign-in where they want another resource, and names what is remembered', async (context) => {
    const unwanted = `endpoint=https://unwanted.communication.azure.com/;accesskey=${'QUFB'.repeat(22)}`
    const { home, run } = start(context, signedIn(), {
      args: ['--scope', 'chat', '--token-only'],
      env: { AZURE_COMMUNICATION_CONNECTION_STRING: unwanted },
    })
    await run.waitFor('resource  unwanted.communication.azure.com')
    await run.waitFor('? Go ahead?')
    run.press('down')
    run.press('enter')
    await run.waitFor('From your Azure sign-in')
    run.press('enter')
    await run.waitFor(RESOURCES)
    run.press('enter')
    await run.waitFor(`resource  ${new URL(emulator.endpoint).host} (from the Azure CLI)`)
    await run.waitFor('source    the key of fabrikam, from the Azure CLI')
    await run.waitFor('? Go ahead?')
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(existsSync(join(home.path, '.config/acs-env/connection-string'))).toBe(false)
    expect(home.read('.config/acs-env/state.json')).toContain(FABRIKAM)
  })

  it('can be told to paste, and needs no Azure CLI then', async (context) => {
    const { home, run, az } = start(context, [], { args: ['--scope', 'chat'] })
    await run.waitFor('Paste it')
    run.press('down')
    run.press('enter')
    await run.waitFor('Connection string · Paste it')
    await run.waitFor(FIRST)
    run.type(`${emulator.connectionString}\r`)
    await run.waitFor('? Go ahead?')
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectStored(home, run)
    expect(az.calls()).toEqual([])
  })

  it('lets it be pasted where the sign-in has expired', async (context) => {
    const expired = { to: 'rest', stderr: 'ERROR: AADSTS700082: expired\n', exitCode: 1 }
    const { home, run } = start(context, [accounts(subscription()), expired], { args: ['--scope', 'chat'] })
    await run.waitFor(FIRST)
    run.press('enter')
    await run.waitFor('warning: The sign-in of the Azure CLI has expired (AADSTS700082). Run')
    await run.waitFor(`"az login --tenant ${TENANT}"`)
    await run.waitFor(FIRST)
    run.type(`${emulator.connectionString}\r`)
    await run.waitFor('? Go ahead?')
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectStored(home, run)
  })

  it('asks in numbered lines where the cursor cannot be moved', async (context) => {
    const { home, run } = start(context, signedIn(), { args: ['--scope', 'chat'], env: { TERM: 'dumb' } })
    await run.waitFor('? Connection string [1]: ')
    run.press('enter')
    await run.waitFor('? Resource [1]: ')
    run.type('7\r')
    await run.waitFor('Give a number from 1 to 2.')
    run.type('1\r')
    await run.waitFor('? Go ahead?')
    run.type('y\r')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectStored(home, run)
  })

  it.for([
    ['the first question', FIRST],
    ['the list', RESOURCES],
  ])('can be left with Ctrl+C at %s', async ([, question], context) => {
    const { home, run } = start(context, signedIn())
    await run.waitFor(FIRST)
    if (question === RESOURCES) {
      run.press('enter')
      await run.waitFor(RESOURCES)
    }
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject({ exitCode: 130 })
    expect(run.screen()).toContain('Cancelled; nothing was changed.')
    expect(existsSync(join(home.path, '.config'))).toBe(false)
  })

  it('ends the Azure CLI with Ctrl+C, and what that has started', async (context) => {
    const { run, az } = start(context, [{ to: 'account list', hangs: true }])
    await run.waitFor(FIRST)
    run.press('enter')
    await run.waitFor('Asking the Azure CLI who is signed in')
    await context.expect.poll(() => az.processIds().length, { timeout: 20_000 }).toBe(2)
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject({ exitCode: 130 })
    expect(az.survivors()).toEqual([])
  })

  it('is offered to sign in where the Azure CLI is signed out', async (context) => {
    const { home, run } = start(context, [], { args: ['setup', '--scope', 'chat', '--from-az', CONTOSO] })
    const key = home.write('key.json', JSON.stringify({ primaryConnectionString: emulator.connectionString }))
    const script = `#!/bin/sh
case "$*" in
"login --output none") echo 'a list of subscriptions'; echo 'Sign in at the browser' >&2; read -r word; touch '${home.path}/in';;
*) test -e '${home.path}/in' || { echo "ERROR: Please run 'az login' to setup account." >&2; exit 1; }; cat '${key}';;
esac
`
    chmodSync(home.write('az-double/bin/az', script), 0o755)
    await run.waitFor('The Azure CLI is not signed in. Run "az login" now?')
    run.press('enter')
    await run.waitFor('Sign in at the browser')
    run.type('done\r')
    await run.waitFor('? Go ahead?')
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.text()).not.toContain('a list of subscriptions')
    expectStored(home, run)
  })

  it.for<[string, readonly object[]]>([
    ['nobody is signed in', []],
    ['there is a tenant alone', [subscription({ id: TENANT })]],
  ])('has no such offer where %s', async ([, subscriptions], context) => {
    const { run } = start(context, [], { subscriptions })
    await run.waitFor('Copy the connection string from Keys')
    await run.waitFor(FIRST)
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject({ exitCode: 130 })
    expect(run.text()).not.toContain('Azure sign-in')
  })
})
