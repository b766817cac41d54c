import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolvePlatform } from '../../src/platforms/resolve.ts'
import { Secret } from '../../src/secret.ts'
import {
  DEFAULT_VARIABLES,
  type Platform,
  type PlatformOptions,
  type Request,
  type Stored,
} from '../../src/store/store.ts'
import { CONNECTION_STRING_NAME } from '../../src/values/variable-name.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { makeSystem, type WorldOptions } from '../support/homes/world.ts'

const CONNECTION_STRING = new Secret('endpoint=https://contoso.communication.azure.com/;accesskey=a2V5')
const OTHER_RESOURCE = new Secret('endpoint=https://fabrikam.communication.azure.com/;accesskey=b3RoZXI=')
const TOKEN = new Secret(`eyJ${'a'.repeat(850)}`)
const TEAMS_TOKEN = new Secret(`eyJ${'b'.repeat(2690)}`)

interface Adapter {
  readonly name: string
  readonly world: () => WorldOptions
  readonly options?: PlatformOptions
}

const windowsWorld = (home: string): WorldOptions => ({
  platform: 'win32',
  env: { LOCALAPPDATA: join(home, 'AppData', 'Local'), SystemRoot: String.raw`C:\Windows` },
  run: makeWindowsRegistry().run,
})

const adapters: readonly Adapter[] = [
  { name: 'linux, bash', world: () => ({ platform: 'linux' }) },
  { name: 'linux, zsh', world: () => ({ platform: 'linux', env: { SHELL: '/usr/bin/zsh' } }) },
  { name: 'linux, sh', world: () => ({ platform: 'linux', env: { SHELL: '/bin/sh' } }) },
  { name: 'linux, values in the profile', world: () => ({ platform: 'linux' }), options: { inline: true } },
  { name: 'macos, zsh', world: () => ({ platform: 'darwin' }) },
  { name: 'macos, bash', world: () => ({ platform: 'darwin', env: { SHELL: '/bin/bash' } }) },
  { name: 'windows', world: () => windowsWorld(home.path) },
]

let home: TestHome
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

describe.each(adapters)('the store of $name', ({ world, options = {} }) => {
  let platform: Platform
  beforeEach(async () => {
    platform = await resolvePlatform(makeSystem(home.path, world()), options)
  })

  const request = async (wanted: Partial<Request>): Promise<Request> => ({
    connectionString: CONNECTION_STRING,
    accessToken: TOKEN,
    variables: DEFAULT_VARIABLES,
    earlier: (await platform.find()).state,
    remember: {},
    otherResource: false,
    ...wanted,
  })
  const store = async (wanted: Partial<Request> = {}): Promise<void> => {
    await platform.apply(await platform.plan(await request(wanted)))
  }
  const values = ({ connectionString, accessToken }: Stored): readonly (string | undefined)[] => [
    connectionString?.reveal(),
    accessToken?.reveal(),
  ]

  it('finds nothing where nothing is stored, and looking changes nothing', async () => {
    expect(values(await platform.find())).toEqual([undefined, undefined])
    await platform.plan(await request({}))
    expect(home.list()).toEqual([])
  })

  it('finds what was stored', async () => {
    await store()
    expect(values(await platform.find())).toEqual([CONNECTION_STRING.reveal(), TOKEN.reveal()])
  })

  it('plans nothing where all is as it should be', async () => {
    await store()
    const plan = await platform.plan(await request({}))
    expect(plan.steps).toEqual([])
  })

  it('replaces a token with a new one, also a long one, and nothing else', async () => {
    await store()
    await store({ accessToken: TEAMS_TOKEN })
    expect(values(await platform.find())).toEqual([CONNECTION_STRING.reveal(), TEAMS_TOKEN.reveal()])
  })

  it('stores values that shells and registries find hard', async () => {
    const value = new Secret(String.raw`endpoint=a"b'c$d%PATH%\e\\f é日😀 !^&|<>;~` + '`')
    await store({ connectionString: value })
    expect(values(await platform.find())[0]).toBe(value.reveal())
  })

  it('removes the old token first when the resource changes', async () => {
    await store()
    const plan = await platform.plan(
      await request({ connectionString: OTHER_RESOURCE, accessToken: TEAMS_TOKEN, otherResource: true }),
    )
    await platform.apply(plan)
    expect(values(await platform.find())).toEqual([OTHER_RESOURCE.reveal(), TEAMS_TOKEN.reveal()])
    if (options.inline) return
    // Behind the notes for unset, which hold neither of the two.
    const first = plan.steps.find(({ summary }) => summary !== '')
    expect(first?.kind === 'remove-file' ? first.path : first?.kind === 'user-variable' && first.after).toEqual(
      first?.kind === 'remove-file' ? expect.stringMatching(/access-token$/) : undefined,
    )
  })

  it('stores one value alone, and takes the other one away', async () => {
    await store()
    const [connectionString, accessToken] = DEFAULT_VARIABLES
    await store({ accessToken: undefined, variables: connectionString === undefined ? [] : [connectionString] })
    expect(values(await platform.find())).toEqual([CONNECTION_STRING.reveal(), undefined])
    await store({ connectionString: undefined, variables: accessToken === undefined ? [] : [accessToken] })
    expect(values(await platform.find())).toEqual([undefined, TOKEN.reveal()])
  })

  it('stores the connection string under a further name', async () => {
    const alias = { name: 'ACS_CONNECTION_STRING', value: 'connection-string' } as const
    await store({ variables: [...DEFAULT_VARIABLES, alias] })
    const { state } = await platform.find()
    expect(state.variables).toEqual([...DEFAULT_VARIABLES, alias])
    expect(
      (await platform.plan(await request({ variables: state.variables ?? [] }))).stored.map(({ name }) => name),
    ).toEqual([CONNECTION_STRING_NAME, 'AZURE_COMMUNICATION_ACCESS_TOKEN', 'ACS_CONNECTION_STRING'])
  })

  it('remembers what it was told, and no secret', async () => {
    await store({
      remember: {
        endpoint: 'https://contoso.communication.azure.com/',
        userId: '8:acs:a_b',
        scopes: ['voip'],
        lifetimeMinutes: 90,
      },
    })
    const { state } = await platform.find()
    expect(state).toMatchObject({ userId: '8:acs:a_b', scopes: ['voip'], lifetimeMinutes: 90 })
    const file = home.list().find((path) => path.endsWith('state.json')) ?? ''
    expect(home.read(file)).not.toMatch(/accesskey|eyJ/)
  })

  it('shows a plan without a secret, and performs none whose token is to come', async () => {
    const draft = await platform.plan(await request({ accessToken: 'to-come' }))
    expect(draft.isDraft).toBe(true)
    expect(JSON.stringify(draft.steps.map(({ preview }) => preview))).not.toMatch(/a2V5|aaaa/)
    await expect(platform.apply(draft)).rejects.toThrow('waits for its token')
    expect(values(await platform.find())).toEqual([undefined, undefined])
  })
})
