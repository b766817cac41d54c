import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareStore } from '../../src/platforms/resolve.ts'
import { Secret } from '../../src/secret.ts'
import type { Plan, StoreRequest, ToCome } from '../../src/store/plan.ts'
import type { PreparedStore } from '../../src/store/store.ts'
import { DEFAULT_VARIABLES, NO_STATE, type Stored } from '../../src/store/stored.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../../src/values/variable-name.ts'
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
  readonly inline?: true
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
  { name: 'linux, values in the profile', world: () => ({ platform: 'linux' }), inline: true },
  { name: 'macos, zsh', world: () => ({ platform: 'darwin' }) },
  { name: 'macos, bash', world: () => ({ platform: 'darwin', env: { SHELL: '/bin/bash' } }) },
  { name: 'windows', world: () => windowsWorld(home.path) },
]

let home: TestHome
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

describe.each(adapters)('the store of $name', ({ world, inline = false }) => {
  let prepared: PreparedStore
  beforeEach(async () => {
    prepared = await prepareStore({ shell: undefined, rcFile: undefined, inline }, makeSystem(home.path, world()))
  })

  const planFor = async <Missing extends ToCome>(wanted: Partial<StoreRequest<Missing>>): Promise<Plan<Missing>> => {
    const request: StoreRequest<Missing> = {
      connectionString: CONNECTION_STRING,
      accessToken: TOKEN,
      variables: DEFAULT_VARIABLES,
      earlier: (await prepared.find()).state,
      issued: {},
      createdDirectories: [],
      otherResource: false,
      remembered: { name: undefined, identities: [], invalidated: undefined, seen: undefined },
      switch: undefined,
      ...wanted,
    }
    return prepared.plan<Missing>({ kind: 'store', request })
  }
  const plan = (wanted: Partial<StoreRequest> = {}): Promise<Plan> => planFor<never>(wanted)
  const store = async (wanted: Partial<StoreRequest> = {}): Promise<void> => {
    await prepared.apply(await plan(wanted))
  }
  const values = ({ connectionString, accessToken }: Stored): readonly (string | undefined)[] => [
    connectionString?.reveal(),
    accessToken?.reveal(),
  ]

  it('finds nothing where nothing is stored, and looking changes nothing', async () => {
    expect(values(await prepared.find())).toEqual([undefined, undefined])
    await plan()
    expect(home.list()).toEqual([])
  })

  it('finds what was stored', async () => {
    await store()
    expect(values(await prepared.find())).toEqual([CONNECTION_STRING.reveal(), TOKEN.reveal()])
  })

  it('plans nothing where all is as it should be', async () => {
    await store()
    expect((await plan()).steps).toEqual([])
  })

  it('replaces a token with a new one, also a long one, and nothing else', async () => {
    await store()
    await store({ accessToken: TEAMS_TOKEN })
    expect(values(await prepared.find())).toEqual([CONNECTION_STRING.reveal(), TEAMS_TOKEN.reveal()])
  })

  it('stores values that shells and registries find hard', async () => {
    const value = new Secret(String.raw`endpoint=a"b'c$d%PATH%\e\\f é日😀 !^&|<>;~` + '`')
    await store({ connectionString: value })
    expect(values(await prepared.find())[0]).toBe(value.reveal())
  })

  it('removes the old token first when the resource changes', async () => {
    await store()
    const change = await plan({ connectionString: OTHER_RESOURCE, accessToken: TEAMS_TOKEN, otherResource: true })
    await prepared.apply(change)
    expect(values(await prepared.find())).toEqual([OTHER_RESOURCE.reveal(), TEAMS_TOKEN.reveal()])
    if (inline) return
    // Behind the notes for unset, which hold neither of the two.
    const first = change.steps.find(({ shown }) => shown.kind === 'shown')
    const removed = first?.kind === 'remove' ? basename(first.path) : first?.kind === 'delete-variable' && first.name
    expect(removed).toBe(first?.kind === 'remove' ? 'access-token' : ACCESS_TOKEN_NAME)
  })

  it('stores one value alone, and takes the other one away', async () => {
    await store()
    const [connectionString, accessToken] = DEFAULT_VARIABLES
    await store({ accessToken: undefined, variables: connectionString === undefined ? [] : [connectionString] })
    expect(values(await prepared.find())).toEqual([CONNECTION_STRING.reveal(), undefined])
    await store({ connectionString: undefined, variables: accessToken === undefined ? [] : [accessToken] })
    expect(values(await prepared.find())).toEqual([undefined, TOKEN.reveal()])
  })

  it('stores the connection string under a further name', async () => {
    const alias = { name: 'ACS_CONNECTION_STRING', value: 'connection-string' } as const
    await store({ variables: [...DEFAULT_VARIABLES, alias] })
    const { state } = await prepared.find()
    expect(state.variables).toEqual([...DEFAULT_VARIABLES, alias])
    const { places } = await plan({ variables: state.variables })
    const names = [CONNECTION_STRING_NAME, ACCESS_TOKEN_NAME, 'ACS_CONNECTION_STRING']
    expect(places.map(({ name }) => name)).toEqual(names)
  })

  it('remembers what it was given, and no secret', async () => {
    await store({
      issued: {
        endpoint: 'https://contoso.communication.azure.com/',
        userId: '8:acs:a_b',
        scopes: ['voip'],
        lifetimeMinutes: 90,
      },
    })
    const { state } = await prepared.find()
    expect(state.issued).toMatchObject({ userId: '8:acs:a_b', scopes: ['voip'], lifetimeMinutes: 90 })
    const file = home.list().find((path) => path.endsWith('state.json')) ?? ''
    expect(home.read(file)).not.toMatch(/accesskey|eyJ/)
  })

  it('renews the token alone', async () => {
    await store({ issued: { userId: '8:acs:a_b', scopes: ['voip'] } })
    const { state } = await prepared.find()
    const issued = { ...state.issued, expiresOn: '2030-01-01T00:00:00.000Z' }
    await prepared.apply(await prepared.plan<never>({ kind: 'renew', accessToken: TEAMS_TOKEN, issued }))
    const found = await prepared.find()
    expect(values(found)).toEqual([CONNECTION_STRING.reveal(), TEAMS_TOKEN.reveal()])
    expect(found.state).toEqual({ ...state, issued })
  })

  it('removes everything', async () => {
    await store()
    await prepared.apply(await prepared.plan({ kind: 'remove' }))
    const found = await prepared.find()
    expect(values(found)).toEqual([undefined, undefined])
    expect(found.state).toEqual(NO_STATE)
    expect((await prepared.inspect(found)).variables.flatMap(({ storedIn }) => storedIn)).toEqual([])
  })

  it('shows a plan without a secret, and performs none whose token is to come', async () => {
    const draft = await planFor<ToCome>({ accessToken: 'to-come' })
    const isWaiting = draft.steps.some((step) =>
      step.kind === 'write' ? step.contents === 'to-come' : step.kind === 'set-variable' && step.after === 'to-come',
    )
    expect(isWaiting).toBe(true)
    expect(JSON.stringify(draft.steps.map(({ shown }) => shown))).not.toMatch(/a2V5|aaaa/)
    // @ts-expect-error It has no way to be performed.
    void (() => prepared.apply(draft))
    expect(values(await prepared.find())).toEqual([undefined, undefined])
  })
})
