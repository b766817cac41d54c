import { describe, expect, it } from 'vitest'
import { createSystem } from '../../src/system/process.ts'
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
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import type { WorldOptions, WorldRun } from '../support/homes/world.ts'

const CONTOSO = resourceId('contoso')
const OTHER_SUBSCRIPTION = '33333333-3333-3333-3333-333333333333'
const OTHER_TENANT = '44444444-4444-4444-4444-444444444444'
const COMMON = ['--output', 'json', '--only-show-errors']
const API_VERSION = ['--url-parameters', 'api-version=2023-04-01']

/** One subscription with one resource, whose key is the emulator's. */
const usual = (): readonly AzAnswer[] => [
  accounts(subscription()),
  resourcesOf(SUBSCRIPTION, [resource(CONTOSO)]),
  keyOf(CONTOSO, emulator.connectionString),
]

const failsWith = (to: string, stderr: string, exitCode = 1): AzAnswer => ({ to, stderr, exitCode })

/** `issue`, as the shortest command that needs a key. */
const issue = (az: AzDouble, args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  acs(['issue', '--scope', 'chat', '--json', '--from-az', ...args], { env: { PATH: az.path }, ...options })

function expectFailure(run: WorldRun, exitCode: number, sentence: string, hint: string): void {
  const { error } = JSON.parse(run.stderr.split('\n').findLast((line) => line.startsWith('{')) ?? '{}') as {
    error: { message: string; hint: string }
  }
  expect([run.exitCode, run.stdout, error.message]).toEqual([exitCode, '', sentence])
  expect(error.hint).toContain(hint)
  expect(run.stderr).not.toMatch(/Traceback|Trace ID/)
}

describe('--from-az', () => {
  it('stores the key of the only resource, and says which that is', async () => {
    const az = makeAz(home, usual())
    const run = await acs(['setup', '--no-verify', '--from-az'], { env: { PATH: az.path } })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('note: using contoso (contoso.europe.')])
    expect(home.read('.config/acs-env/connection-string')).toBe(emulator.connectionString)
    expect(run.stdout + run.stderr).not.toContain(emulator.connectionString.split('accesskey=')[1])
  })

  it('asks with these arguments alone, from the root directory, with nothing on standard input', async () => {
    const az = makeAz(home, usual())
    expect(await issue(az)).toMatchObject({ exitCode: 0 })
    const calls = az.calls()
    const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Communication/communicationServices`
    expect(calls.map(({ args }) => args)).toEqual(
      expect.arrayContaining([
        ['account', 'list', ...COMMON],
        ['rest', '--method', 'get', '--url', list, ...API_VERSION, ...COMMON],
        ['rest', '--method', 'post', '--url', `${CONTOSO}/listKeys`, ...API_VERSION, ...COMMON],
      ]),
    )
    expect(calls).toHaveLength(3)
    for (const call of calls) expect(call).toMatchObject({ inputBytes: 0, directory: '/', dynamicInstall: 'no' })
  })

  it('takes a name in any letter case', async () => {
    const answers = [
      accounts(subscription()),
      resourcesOf(SUBSCRIPTION, [resource(resourceId('fabrikam')), resource(CONTOSO)]),
      keyOf(CONTOSO, emulator.connectionString),
    ]
    expect(await issue(makeAz(home, answers), ['Contoso'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('asks for the key alone where it is given an id, whatever is in the name of the group', async () => {
    const id = resourceId('contoso', { group: 'rg(dev)é' })
    const az = makeAz(home, [keyOf(id, emulator.connectionString)])
    expect(await issue(az, [id])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(az.calls()).toHaveLength(1)
  })

  it.each([
    ['the address of its page', `https://portal.azure.com/#@contoso.com/resource${CONTOSO}/keys`],
    ['what Git Bash makes of it', `C:/Program Files/Git${CONTOSO}`],
  ])('finds the id in %s', async (_name, text) => {
    const az = makeAz(home, [keyOf(CONTOSO, emulator.connectionString)])
    expect(await issue(az, [text])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('makes the connection string of the key and the host where that is all there is', async () => {
    const host = new URL(emulator.connectionString.slice('endpoint='.length).split(';')[0] ?? '').host
    const az = makeAz(home, [
      accounts(subscription()),
      resourcesOf(SUBSCRIPTION, [resource(CONTOSO, { hostName: host })]),
      { to: 'rest --method post', stdout: JSON.stringify({ primaryKey: emulator.connectionString.split('key=')[1] }) },
    ])
    const run = await acs(['issue', '--scope', 'chat', '--dry-run', '--json', '--from-az'], { env: { PATH: az.path } })
    expect(JSON.parse(run.stdout)).toMatchObject({ endpoint: `https://${host}/` })
  })

  it('follows the pages of a long list', async () => {
    const next = 'https://management.azure.com/subscriptions/x?api-version=2023-04-01&%24skiptoken=a'
    const az = makeAz(home, [
      accounts(subscription()),
      resourcesOf(SUBSCRIPTION, [resource(resourceId('fabrikam'))], next),
      { to: `rest --method get --url ${next}`, stdout: JSON.stringify({ value: [resource(CONTOSO)] }) },
      keyOf(CONTOSO, emulator.connectionString),
    ])
    expect(await issue(az, ['contoso'])).toMatchObject({ exitCode: 0 })
    expect(az.calls().map(({ args }) => args)).toContainEqual(['rest', '--method', 'get', '--url', next, ...COMMON])
  })

  it('looks in every subscription, and names one whose tenant wants a second factor', async () => {
    const other = subscription({ id: OTHER_SUBSCRIPTION, name: 'Locked', tenantId: OTHER_TENANT, isDefault: false })
    const az = makeAz(home, [
      accounts(other, subscription()),
      resourcesOf(SUBSCRIPTION, [resource(CONTOSO)]),
      failsWith(
        `rest --method get --url /subscriptions/${OTHER_SUBSCRIPTION}/`,
        'ERROR: AADSTS50076: Due to a configuration change you must use multi-factor authentication.\nTrace ID: x\n',
      ),
      keyOf(CONTOSO, emulator.connectionString),
    ])
    const run = await issue(az)
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toContain(
      'warning: the subscription Locked could not be searched: Azure wants a second factor or another sign-in from ' +
        `the Azure CLI (AADSTS50076). "az login --tenant ${OTHER_TENANT}" signs in there.`,
    )
    expect(await issue(az, ['contoso'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it.each(['Locked', OTHER_SUBSCRIPTION.toUpperCase()])('looks in the subscription %s alone', async (name) => {
    const other = subscription({ id: OTHER_SUBSCRIPTION, name: 'locked', isDefault: false })
    const id = resourceId('contoso', { subscription: OTHER_SUBSCRIPTION })
    const az = makeAz(home, [
      accounts(subscription(), other),
      resourcesOf(OTHER_SUBSCRIPTION, [resource(id)]),
      keyOf(id, emulator.connectionString),
    ])
    expect(await issue(az, ['--subscription', name])).toMatchObject({ exitCode: 0 })
  })

  it('passes over a tenant without a subscription, and warnings beside the answer', async () => {
    const az = makeAz(home, [
      { ...accounts(subscription({ id: TENANT, isDefault: false }), subscription()), stderr: 'WARNING: update me\n' },
      ...usual().slice(1),
    ])
    expect(await issue(az)).toMatchObject({ exitCode: 0 })
  })

  it('sees a program that hangs to its end at the deadline, and what that has started', async () => {
    const az = makeAz(home, [{ to: 'account list', hangs: true }])
    const { runInSession } = createSystem()
    const limits: number[] = []
    const run = await issue(az, [], {
      runInSession: (program, args, options) => {
        limits.push(options.timeoutMs)
        return runInSession(program, args, { ...options, timeoutMs: 300 })
      },
    })
    expectFailure(run, 1, 'The Azure CLI did not answer in time.', '"az account list"')
    expect(limits.every((limit) => limit > 55_000 && limit <= 60_000)).toBe(true)
    expect(az.processIds()).toHaveLength(2)
    expect(az.survivors()).toEqual([])
  })

  it('goes on without a subscription that hangs', async () => {
    const other = subscription({ id: OTHER_SUBSCRIPTION, name: 'Slow', isDefault: false })
    const az = makeAz(home, [
      accounts(subscription(), other),
      { to: `rest --method get --url /subscriptions/${OTHER_SUBSCRIPTION}/`, hangs: true },
      ...usual().slice(1),
    ])
    const { runInSession } = createSystem()
    const run = await issue(az, [], {
      runInSession: (program, args, options) => {
        const timeoutMs =
          options.timeoutMs <= 30_000 && args.join().includes(OTHER_SUBSCRIPTION) ? 300 : options.timeoutMs
        return runInSession(program, args, { ...options, timeoutMs })
      },
    })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('the subscription Slow could not be')])
    expect(az.survivors()).toEqual([])
  })
})

describe('which resource is meant', () => {
  const several = (): readonly AzAnswer[] => [
    accounts(subscription()),
    resourcesOf(SUBSCRIPTION, [resource(CONTOSO), resource(resourceId('fabrikam'))]),
  ]

  it('has to be said where there are several', async () => {
    const run = await issue(makeAz(home, several()))
    const sentence = 'There are 2 Communication Services resources to choose from.'
    expectFailure(run, 2, sentence, '--from-az NAME: contoso, fabrikam')
  })

  it('is looked for by name', async () => {
    const run = await issue(makeAz(home, several()), ['contsoo'])
    const sentence = 'There is no Communication Services resource of that name in the subscription.'
    expectFailure(run, 1, sentence, 'there is contoso, fabrikam')
  })

  it('has to be said by its id where two have one name', async () => {
    const ids = [CONTOSO, resourceId('contoso', { group: 'other' })]
    const az = makeAz(home, [
      accounts(subscription()),
      resourcesOf(
        SUBSCRIPTION,
        ids.map((id) => resource(id)),
      ),
    ])
    expectFailure(
      await issue(az, ['contoso']),
      2,
      'There are 2 Communication Services resources of that name.',
      ids[1] ?? '',
    )
  })

  it('is none where there is none', async () => {
    const az = makeAz(home, [accounts(subscription()), resourcesOf(SUBSCRIPTION, [])])
    const sentence = 'There is no Communication Services resource in the subscription.'
    expectFailure(await issue(az), 1, sentence, 'az communication create')
  })

  it('is not one that takes no keys', async () => {
    const az = makeAz(home, [
      accounts(subscription()),
      resourcesOf(SUBSCRIPTION, [resource(CONTOSO, { disableLocalAuth: true })]),
    ])
    const sentence = 'contoso takes no access keys: local authentication is switched off.'
    expectFailure(await issue(az), 4, sentence, '--endpoint https://contoso.europe.communication.azure.com/')
  })

  it('is in a subscription of the sign-in', async () => {
    const az = makeAz(home, [accounts(subscription())])
    const sentence = 'The sign-in of the Azure CLI has no such subscription.'
    expectFailure(await issue(az, ['--subscription', 'x']), 1, sentence, 'there is Development')
  })
})

/** Texts of az 2.45 and 2.91, seen or, for those of Entra ID, reported. */
describe('what the Azure CLI says when it fails', () => {
  const HINT_OF_AADSTS = `Trace ID: x\nInteractive authentication is needed. Please run:\naz login --scope https://management.fake//.default\n`
  const traceback = (last: string): string =>
    `ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: ${last}\nTraceback (most recent call last):\n  File "x.py", line 1\n`

  it.each<[string, AzAnswer['stderr'], number, string, string]>([
    [
      'signed out',
      "ERROR: Please run 'az login' to setup account.\n",
      1,
      'The Azure CLI is not signed in.',
      'az login',
    ],
    [
      'a token cache that is gone',
      "ERROR: User 'dev@contoso.com' does not exist in MSAL token cache. Run `az login`.\n",
      1,
      'The Azure CLI is not signed in.',
      'az login',
    ],
    ...['AADSTS700082', 'AADSTS50173', 'AADSTS70043'].map((code): [string, string, number, string, string] => [
      code,
      `ERROR: ${code}: The refresh token has expired.\n${HINT_OF_AADSTS}`,
      1,
      `The sign-in of the Azure CLI has expired (${code}).`,
      `az login --tenant ${TENANT}`,
    ]),
    ...['AADSTS50076', 'AADSTS50079', 'AADSTS50158', 'AADSTS53003'].map(
      (code): [string, string, number, string, string] => [
        code,
        `ERROR: ${code}: More is wanted.\n${HINT_OF_AADSTS}`,
        1,
        `Azure wants a second factor or another sign-in from the Azure CLI (${code}).`,
        `az login --tenant ${TENANT}`,
      ],
    ),
    [
      'a wrong client secret',
      'ERROR: AADSTS7000215: Invalid client secret provided.\n',
      1,
      'Azure refused the sign-in of the Azure CLI (AADSTS7000215).',
      'az login',
    ],
    [
      'a disabled subscription',
      "ERROR: Subscription 'x' not found. Check the spelling and casing and try again.\n",
      1,
      'The Azure CLI knows no such subscription.',
      'az account list',
    ],
    [
      'Forbidden',
      'ERROR: Forbidden({"error":{"code":"AuthorizationFailed","message":"The client does not have"}})\n',
      4,
      'You may not see the resources of this subscription (AuthorizationFailed).',
      'Reader',
    ],
    [
      'Unauthorized',
      'ERROR: Unauthorized({"error":{"code":"ExpiredAuthenticationToken","message":"x"}})\naz logout\naz login\n',
      1,
      'The sign-in of the Azure CLI has expired (ExpiredAuthenticationToken).',
      'az login',
    ],
    [
      'Too Many Requests',
      'ERROR: Too Many Requests({"error":{"code":"TooManyRequests","message":"x"}})\n',
      1,
      'Azure has had too many requests.',
      'wait a minute',
    ],
    [
      'Conflict',
      'ERROR: Conflict({"error":{"code":"MissingSubscriptionRegistration","message":"x"}})\n',
      1,
      'Azure refused what the Azure CLI asked for (MissingSubscriptionRegistration).',
      'try again',
    ],
    [
      'a web page',
      'ERROR: Internal Server Error(<html>\n<body>sorry</body></html>)\n',
      1,
      'Azure refused what the Azure CLI asked for (Internal Server Error).',
      'try again',
    ],
    [
      'no network',
      traceback("HTTPSConnectionPool(host='management.azure.com', port=443): Max retries exceeded"),
      1,
      'The Azure CLI could not reach Azure.',
      'HTTPS_PROXY',
    ],
    [
      'the certificate of a proxy',
      'ERROR: Certificate verification failed. This typically happens when using Azure CLI behind a proxy\n',
      1,
      'The Azure CLI does not trust the certificate that it was shown, as behind a proxy that looks into TLS.',
      'REQUESTS_CA_BUNDLE',
    ],
    [
      'the same in a traceback',
      traceback("HTTPSConnectionPool(host='x', port=443): Max retries exceeded (certificate verify failed)"),
      1,
      'The Azure CLI does not trust the certificate that it was shown, as behind a proxy that looks into TLS.',
      'REQUESTS_CA_BUNDLE',
    ],
    [
      'a directory that cannot be written',
      "Traceback (most recent call last):\nPermissionError: [Errno 13] Permission denied: '/home/a/.azure/commands/x.log'\n",
      1,
      'The Azure CLI may not write to its own directory.',
      'AZURE_CONFIG_DIR',
    ],
    [
      'a damaged clouds.config',
      'Traceback (most recent call last):\n  File "x.py", line 1\nconfigparser.Error: secret\n',
      1,
      'The Azure CLI failed: it ended with exit code 1.',
      'az account list',
    ],
    [
      'something else, with a long secret in it',
      `ERROR: It is broken: ${'S3cret'.repeat(20)} really.\nmore\n`,
      1,
      'The Azure CLI failed: It is broken: … really.',
      'az account list',
    ],
  ])('%s', async (_name, stderr, exitCode, sentence, hint) => {
    const az = makeAz(home, [accounts(subscription()), failsWith('rest --method get', stderr ?? '')])
    const run = await issue(az)
    expectFailure(run, exitCode, sentence, hint)
    expect(run.stderr).not.toContain('S3cret')
  })

  it('an old version that has no "rest"', async () => {
    const stderr = "ERROR: 'rest' is misspelled or not recognized by the system.\n"
    const az = makeAz(home, [accounts(subscription()), failsWith('rest', stderr, 2)])
    expectFailure(await issue(az), 1, 'This Azure CLI is too old.', 'https://aka.ms/azure-cli')
  })

  it('signed out, where "az account list" has nothing and succeeds', async () => {
    expectFailure(await issue(makeAz(home, [accounts()])), 1, 'The Azure CLI is not signed in.', 'az login')
  })

  it('a sign-in without a subscription', async () => {
    const az = makeAz(home, [accounts(subscription({ id: TENANT }))])
    expectFailure(await issue(az), 1, 'The sign-in of the Azure CLI has no subscription.', 'az login --tenant')
  })

  it('nothing, since it is not there', async () => {
    const run = await issue({ ...makeAz(home, []), path: home.path })
    expectFailure(run, 1, 'The Azure CLI is not installed, or not on PATH.', 'https://aka.ms/azure-cli')
  })

  it('something that is no JSON', async () => {
    const az = makeAz(home, [{ to: 'account list', stdout: 'Welcome!\n[]\n' }])
    expectFailure(await issue(az), 1, 'What the Azure CLI printed is not JSON.', 'az')
  })

  it.each([
    ['AuthorizationFailed', 'Forbidden', 4, 'You may see contoso, but not its keys (AuthorizationFailed).', 'Owner'],
    ['ResourceNotFound', 'Not Found', 1, 'There is no resource contoso any more (ResourceNotFound).', '--from-az'],
    [
      'LocalAuthDisabled',
      'Bad Request',
      4,
      'contoso takes no access keys: local authentication is switched off.',
      '--endpoint https://contoso.europe.communication.azure.com/',
    ],
  ])('%s, where it is asked for the key', async (code, reason, exitCode, sentence, hint) => {
    const az = makeAz(home, [
      ...usual().slice(0, 2),
      failsWith('rest --method post', `ERROR: ${reason}({"error":{"code":"${code}","message":"no"}})\n`),
    ])
    expectFailure(await issue(az, ['contoso']), exitCode, sentence, hint)
  })

  it('an answer without a key', async () => {
    const az = makeAz(home, [...usual().slice(0, 2), { to: 'rest --method post', stdout: '{}' }])
    expectFailure(await issue(az, ['contoso']), 1, 'What the Azure CLI printed is not JSON.', 'az')
  })
})

describe('on the command line', () => {
  it.each([
    [['--from-az', '--endpoint', 'https://contoso.communication.azure.com'], 'in more than one way'],
    [['--subscription', 'x'], '--subscription belongs to --from-az or --endpoint.'],
    [['--entra-token-command', 'x', '--from-az'], '--entra-token-command belongs to --endpoint.'],
  ])('%j is refused', async (args, sentence) => {
    const run = await acs(['issue', '--scope', 'chat', ...args])
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(sentence)])
  })
})
