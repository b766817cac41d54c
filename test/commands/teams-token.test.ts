import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { ENTRA_APPLICATION, ENTRA_USER, makeEntraToken } from '../support/doubles/entra-token.ts'
import { json, startFaultyService, type FaultyService } from '../support/doubles/faulty-service.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'

const FOR_WHOM = ['--client', ENTRA_APPLICATION, '--aad-user', ENTRA_USER]

let emulator: Emulator
let counting: FaultyService
let home: TestHome
beforeAll(async () => {
  ;[emulator, counting] = await Promise.all([startEmulator({ port: 0 }), startFaultyService(json(500, {}))])
})
afterAll(() => Promise.all([emulator.close(), counting.close()]))
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

const teamsToken = (args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(['teams-token', ...args], home.path, {
    env: { AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString },
    ...options,
  })

describe('teams-token', () => {
  it('prints with --json what the Azure CLI prints', async () => {
    const exp = Math.floor(Date.now() / 1000) + 1800
    const run = await teamsToken(['--aad-token', makeEntraToken({ exp }), ...FOR_WHOM, '--json'])
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(JSON.parse(run.stdout)).toEqual({
      expires_on: new Date(exp * 1000).toISOString(),
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
  })

  it('prints the token alone without it, and until when on standard error', async () => {
    const run = await teamsToken(['--aad-token', makeEntraToken(), ...FOR_WHOM])
    expect(run.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    expect(run.stderr).toMatch(/^note: good until .*\(in (1 h|60 min|59 min)\)\n$/)
  })

  it('reads the Entra token from standard input, with a line ending or without', async () => {
    const token = makeEntraToken()
    for (const input of [token, `${token}\n`, ` ${token}\r\n`]) {
      const run = await runBuilt(['teams-token', '--aad-token-stdin', ...FOR_WHOM, '--quiet'], {
        home: home.path,
        input,
        env: { AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString },
      })
      expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    }
  })

  it('stores nothing', async () => {
    await teamsToken(['--aad-token', makeEntraToken(), ...FOR_WHOM])
    expect(home.list()).toEqual([])
  })

  it('asks nothing of the service with --dry-run', async () => {
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: counting.connectionString }
    const run = await teamsToken(['--aad-token', makeEntraToken(), ...FOR_WHOM, '--dry-run'], { env })
    expect([run.exitCode, run.stdout]).toEqual([0, expect.stringMatching(/^Would exchange the Entra token at 127/)])
    expect(counting.requests()).toBe(0)
  })

  const token = makeEntraToken()
  it.each<[string, readonly string[], RegExp]>([
    ['the application', ['--aad-token', token, '--aad-user', ENTRA_USER], /--client is missing/],
    ['the user', ['--aad-token', token, '--client', ENTRA_APPLICATION], /--aad-user is missing/],
    ['the Entra token', FOR_WHOM, /The Entra token is missing\.\nhint: give --aad-token-stdin or --aad-token\n/],
    ['one source', ['--aad-token', token, '--aad-token-stdin', ...FOR_WHOM], /do not go together/],
    ['one input each', ['--aad-token-stdin', '--connection-string-stdin', ...FOR_WHOM], /do not go together/],
    ['a token on standard input', ['--aad-token-stdin', ...FOR_WHOM], /not an Entra token/],
    ['a token in one piece', ['--aad-token', token.replace('.', '. '), ...FOR_WHOM], /not an Entra token/],
    [
      'one token',
      ['--aad-token', `${token} ${token.slice(0, -4)}AAAA`, ...FOR_WHOM],
      /not an Entra token.\nhint: give the token alone/,
    ],
  ])('without %s is wrong usage', async (_, args, message) => {
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: counting.connectionString }
    const run = await teamsToken(args, { env })
    expect([run.exitCode, run.stdout, counting.requests()]).toEqual([2, '', 0])
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toContain(token)
  })

  const past = Math.floor(Date.now() / 1000) - 60
  it.each([
    ['has expired', makeEntraToken({ exp: past })],
    ['is none', 'not-a-token'],
  ])('tells 4, in words about the Entra token, for one that %s', async (_, entraToken) => {
    const run = await teamsToken(['--aad-token', entraToken, ...FOR_WHOM])
    expect([run.exitCode, run.stdout]).toEqual([4, ''])
    expect(run.stderr).toMatch(/^error: .*Entra token.*\nhint: .*\n$/)
    expect(run.stderr).not.toContain('access key')
    expect(run.stderr).not.toContain(entraToken)
  })

  it.each([
    [
      'another application',
      ['--client', ENTRA_USER, '--aad-user', ENTRA_USER],
      /AAD application is not the expected one/,
    ],
    ['another user', ['--client', ENTRA_APPLICATION, '--aad-user', ENTRA_APPLICATION], /unexpected user/],
    ['what is no id', ['--client', 'app', '--aad-user', ENTRA_USER], /AppId has invalid format/],
  ])('hands on what the service says of %s', async (_, forWhom, message) => {
    const run = await teamsToken(['--aad-token', token, ...forWhom])
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toContain(token)
  })
})
