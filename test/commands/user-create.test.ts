import { describe, expect, it } from 'vitest'
import { json, startFaultyService } from '../support/doubles/faulty-service.ts'
import { failing, other } from '../support/doubles/other-services.ts'
import { built, createUser, emulator, home } from '../support/homes/emulator-and-home.ts'

const USER_ID = /^8:acs:[\da-f-]{36}_[\da-f-]{36}$/
const host = (): string => new URL(emulator.endpoint).host

describe('user create', () => {
  it('prints the id alone, a new one each time', async () => {
    const runs = await Promise.all([built(['user', 'create']), built(['user', 'create'])])
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const [first = '', second] = runs.map(({ stdout }) => stdout)
    expect(first).toMatch(/^8:acs:[\da-f-]{36}_[\da-f-]{36}\n$/)
    expect(second).not.toBe(first)
  })

  it('prints with --json what the Azure CLI prints', async () => {
    const { exitCode, stdout, stderr } = await built(['user', 'create', '--json'])
    const { rawId } = JSON.parse(stdout) as { readonly rawId: string }
    expect(rawId).toMatch(USER_ID)
    expect([exitCode, stdout, stderr]).toEqual([0, `{"properties":{"id":"${rawId}"},"rawId":"${rawId}"}\n`, ''])
  })

  it('makes an identity that tokens can be issued for', async () => {
    const user = await createUser()
    const { stdout } = await built(['issue', '--scope', 'chat', '--user', user, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ user_id: user })
  })

  it('stores nothing', async () => {
    await built(['user', 'create'])
    expect(home.list()).toEqual([])
  })

  it('says with --verbose which connection string it used', async () => {
    expect(await built(['user', 'create', '--verbose'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^8:acs:\S+\n$/),
      stderr: `Using AZURE_COMMUNICATION_CONNECTION_STRING in the environment (${host()}).\n`,
    })
  })

  it('makes none with --dry-run', async () => {
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: failing.connectionString }
    const asked = failing.requests()
    const text = await built(['user', 'create', '--dry-run'], { env })
    expect(text).toMatchObject({ exitCode: 0, stderr: '' })
    expect(text.stdout).toMatch(/^Would make an identity in 127\.0\.0\.1:\d+\.\n$/)
    expect(await built(['user', 'create', '--dry-run', '--json'], { env })).toMatchObject({
      exitCode: 0,
      stdout: '{"dry_run":true}\n',
      stderr: '',
    })
    expect(failing.requests()).toBe(asked)
  })
})

describe('user create that fails', () => {
  // One resource's host with the other one's key.
  const wrongKey = (): string =>
    emulator.connectionString.replace(/accesskey=.*/, /accesskey=.*/.exec(other.connectionString)?.[0] ?? '')

  it('says that the key was refused: 4', async () => {
    expect(await built(['user', 'create', '--connection-string', wrongKey()])).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr:
        `error: ${host()} refused the access key (Denied).\n` +
        'hint: copy the connection string again from Keys in the Azure portal; the key may have been regenerated\n',
    })
  })

  it('says it in a document with --json, and leaves standard output empty: 4', async () => {
    const run = await built(['user', 'create', '--json', '--connection-string-stdin'], { input: wrongKey() })
    expect(run).toMatchObject({ exitCode: 4, stdout: '' })
    expect(JSON.parse(run.stderr)).toEqual({
      error: {
        code: 'access_denied',
        message: `${host()} refused the access key (Denied).`,
        hint: 'copy the connection string again from Keys in the Azure portal; the key may have been regenerated',
      },
    })
  })

  it('does not ask again where the service may have made one: 1', async () => {
    const service = await startFaultyService(json(500, { error: { code: 'InternalServerError', message: 'oops' } }))
    const run = await built(['user', 'create', '--connection-string', service.connectionString])
    await service.close()
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toMatch(
      /^error: \S+ has a problem of its own \(status 500, InternalServerError: oops\)\.\nhint: /,
    )
    expect(service.requests()).toBe(1)
  })

  it.each([
    [['create', 'name'], '"name" is one argument too many.', '"acs-env user create --help" lists what there is'],
    [
      ['create', '--scope', 'chat'],
      '"user create" has no option --scope.',
      '"acs-env user create --help" lists what there is',
    ],
    [[], '"user" needs one more word.', 'there is "user create" and "user delete"'],
    [['creat'], '"user creat" is not a command.', 'did you mean "user create"?'],
  ])('is wrong usage as "user %j": 2', async (args, message, hint) => {
    expect(await built(['user', ...args])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: `error: ${message}\nhint: ${hint}\n`,
    })
  })
})
