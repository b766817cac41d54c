import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { readTree } from '../support/homes/home.ts'
import type { WorldOptions } from '../support/homes/world.ts'

const OWN = '.config/acs-env'

let other: Emulator
beforeAll(async () => {
  other = await startEmulator({ port: 0 })
})
afterAll(() => other.close())

async function setup(args: readonly string[] = []): Promise<string> {
  const command = ['setup', '--no-verify', '--json', '--connection-string', emulator.connectionString, ...args]
  const run = await acs(command)
  expect(run.exitCode).toBe(0)
  return (JSON.parse(run.stdout) as { user_id: string }).user_id
}

async function isAlive(userId: string): Promise<boolean> {
  const connection = ['--connection-string', emulator.connectionString]
  return (await acs(['issue', '--scope', 'chat', '--user', userId, ...connection])).exitCode === 0
}

function changeState(change: object): void {
  const state = JSON.parse(home.read(`${OWN}/state.json`)) as object
  home.write(`${OWN}/state.json`, JSON.stringify({ ...state, ...change }))
}

const NAME = 'AZURE_COMMUNICATION_CONNECTION_STRING'

/** Ways in which the connection string of another resource is the one that counts. */
interface OtherResource {
  readonly setup?: readonly string[]
  readonly args?: () => readonly string[]
  readonly options?: () => WorldOptions
  readonly prepare?: () => void
}

const others: readonly (readonly [string, OtherResource])[] = [
  ['in the environment', { setup: ['--token-only'], options: () => ({ env: { [NAME]: other.connectionString } }) }],
  [
    'on standard input',
    { args: () => ['--connection-string-stdin'], options: () => ({ input: other.connectionString }) },
  ],
  ['as an option', { args: () => ['--connection-string', other.connectionString] }],
  ['from a command', { args: () => ['--connection-string-command', `printf %s '${other.connectionString}'`] }],
  [
    'in the configuration of the Azure CLI',
    {
      setup: ['--token-only'],
      prepare: () => home.write('.azure/config', `[communication]\nconnection_string = ${other.connectionString}\n`),
    },
  ],
  ['in the file of the stored one', { prepare: () => home.write(`${OWN}/connection-string`, other.connectionString) }],
  [
    'beside a pair whose profile holds the values',
    { setup: ['--inline'], args: () => ['--connection-string', other.connectionString] },
  ],
]

describe.each(['--delete-user', '--revoke'])('unset %s with the connection string of another resource', (option) => {
  it.each(others)('%s changes nothing anywhere', async (_, { setup: setupArgs, args, options, prepare }) => {
    const userId = await setup(setupArgs)
    prepare?.()
    const before = readTree(home.path)
    for (const form of [[], ['--json'], ['--quiet']]) {
      const run = await acs(['unset', option, '--yes', ...form, ...(args?.() ?? [])], options?.())
      expect([run.exitCode, run.stdout]).toEqual([1, ''])
      expect(run.stderr).toMatch(/is not an identity of 127\.0\.0\.1:\d+; nothing was removed/)
    }
    expect([readTree(home.path), await isAlive(userId)]).toEqual([before, true])
  })
})

describe('unset --delete-user where the resource of the identity is not known', () => {
  const unknown: readonly (readonly [string, () => void])[] = [
    ['the state is gone', () => rmSync(join(home.path, OWN, 'state.json'))],
    ['the state has no endpoint', () => changeState({ endpoint: undefined })],
    ['the state is damaged', () => void home.write(`${OWN}/state.json`, 'rubbish')],
    ['the state names no endpoint', () => changeState({ endpoint: undefined, user_id: undefined })],
    ['the state has no identity', () => changeState({ user_id: undefined })],
  ]

  it.each(unknown)('never takes "no such identity" for "deleted": %s', async (_, prepare) => {
    const userId = await setup(['--token-only'])
    prepare()
    // What is known of the endpoint may still tell; otherwise the resource says that it does not know the identity.
    const run = await acs(['unset', '--delete-user', '--yes', '--json', '--connection-string', other.connectionString])
    expect([1, 4]).toContain(run.exitCode)
    expect(run.stderr).toMatch(/"(other_resource|identity_not_owned)"/)
    expect(home.list()).toContain(`${OWN}/access-token`)
    expect(await isAlive(userId)).toBe(true)
  })

  it.each(unknown)('deletes it with the right connection string: %s', async (_, prepare) => {
    const userId = await setup()
    prepare()
    const run = await acs(['unset', '--delete-user', '--yes', '--json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ revoked: true, user_deleted: true })
    expect(await isAlive(userId)).toBe(false)
  })
})

it('unset --delete-user of an identity that is gone removes what is stored, and does not claim a deletion', async () => {
  const userId = await setup()
  expect((await acs(['user', 'delete', userId, '--yes'])).exitCode).toBe(0)
  const run = await acs(['unset', '--delete-user', '--yes', '--json'])
  expect([run.exitCode, JSON.parse(run.stdout)]).toEqual([
    0,
    expect.objectContaining({ revoked: false, user_deleted: false }),
  ])
  expect(run.stderr).toMatch(/^warning: 127\.0\.0\.1:\d+ has no identity 8:acs:\S+ any more, so nothing was deleted/)
  expect(home.list()).toEqual([])
})

describe('an identity that several stored resources have', () => {
  const ends: readonly (readonly [string, string, string])[] = [
    ['--delete-user', 'two', 'deleted'],
    ['--delete-user', 'one', 'deleted'],
    ['--delete-user', 'three', 'deleted'],
    ['--revoke', 'two', 'revoked'],
    ['--revoke', 'one', 'revoked'],
  ]
  it.each(ends)('is known to be over by all of them: %s --name %s', async (option, name, reason) => {
    const ids = new Set([await setup(['--name', 'one']), await setup(['--name', 'two'])])
    expect(ids.size).toBe(1)
    const third = await setup(['--name', 'three', '--new-user'])
    // "three" is the current one, and of another identity.
    const run = await acs(['unset', '--yes', '--name', name, option])
    const kept = name === 'three' ? ' still stored; "acs-env use one" makes one the current one.' : ' still stored.'
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining(kept)])
    expect(await isAlive(third)).toBe(name !== 'three')
    for (const other of ['one', 'two', 'three'].filter((each) => each !== name)) {
      const status = await acs(['status', '--name', other])
      expect([other, status.stdout.includes(reason)]).toEqual([other, name !== 'three' && other !== 'three'])
    }
  })
})
