import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { readTree } from '../support/homes/home.ts'
import { documentOf, done, inProject, setup } from '../support/homes/project.ts'
import type { WorldOptions } from '../support/homes/world.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const ENDPOINT = 'AZURE_COMMUNICATION_ENDPOINT'
const OWN = '.config/acs-env'

const given = ['--connection-string']
const status = async (options: WorldOptions = {}): Promise<Record<string, unknown>> =>
  documentOf(await acs(['status', '--json'], inProject(options)))

/** What the file assigns, in its order. */
function linesOf(file = 'project/.env'): readonly (readonly [name: string, value: string])[] {
  return home
    .read(file)
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^(\w+)='?([^']*)'?$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    })
}
const tokenIn = (file?: string): string | undefined => linesOf(file).findLast(([name]) => name === TOKEN)?.[1]
const modeOf = (file = 'project/.env'): string => (statSync(join(home.path, file)).mode & 0o777).toString(8)

describe('a .env file alone', () => {
  it('goes through its whole life, and every file is then as it was', async () => {
    home.write('project/.env', '# mine\nA="two\nlines" # c')
    chmodSync(join(home.path, 'project/.env'), 0o644)
    const before = readTree(home.path)
    const file = join(home.path, 'project/.env')
    const first = await setup(['--dotenv', '.env', '--json'])
    expect(documentOf(first)).toMatchObject({
      stored: [CONNECTION_STRING, TOKEN].map((name) => ({ name, where: file })),
      activate: 'set -a; . ~/project/.env; set +a',
      new_shell: { outcome: 'not-checked' },
      dotenv: { file, created: false, removed_duplicates: 0, git: 'outside' },
    })
    expect(first.stderr).toContain('.env is private now (mode 600); others could read it (mode 644).')
    expect(home.read('project/.env')).toMatch(
      new RegExp(
        String.raw`^# mine\nA="two\nlines" # c\n${CONNECTION_STRING}='endpoint=[^']+'\n${TOKEN}=eyJ[\w.-]+\n$`,
      ),
    )
    const own = ['.gitignore', 'restore-dotenv.json', 'state.json'].map((name) => `${OWN}/${name}`)
    expect([modeOf(), home.list()]).toEqual(['600', ['.config', OWN, ...own, 'project', 'project/.env']])

    expect(await status()).toMatchObject({
      ready: true,
      variables: [CONNECTION_STRING, TOKEN].map((name) => ({ name, stored_in: [file], in_environment: 'missing' })),
      dotenv: [{ file, in_file: 'same' }],
      problems: [],
    })
    expect((await done(['token'])).stdout).toBe(`${tokenIn()}\n`)
    expect(JSON.parse((await done(['env', '--format', 'json'])).stdout)).toEqual({
      [CONNECTION_STRING]: emulator.connectionString,
      [TOKEN]: tokenIn(),
    })
    const idle = home.read('project/.env')
    expect(documentOf(await done(['refresh', '--if-expires-within', '6h', '--json']))).toMatchObject({ renewed: false })
    expect(home.read('project/.env')).toBe(idle)
    const renewed = documentOf(await done(['refresh', '--json']))
    expect(renewed).toMatchObject({ renewed: true, stored: [{ name: TOKEN, where: file }] })
    expect(renewed.user_id).toBe(documentOf(first).user_id)
    expect(home.read('project/.env')).not.toBe(idle)

    const again = documentOf(await setup(['--dotenv', '.env', '--json']))
    expect([again.user_id, again.dotenv]).toEqual([renewed.user_id, expect.objectContaining({ created: false })])
    const removed = documentOf(await done(['unset', '--json']))
    expect(removed.removed).toEqual([CONNECTION_STRING, TOKEN].map((name) => ({ name, where: file })))
    expect([readTree(home.path), modeOf()]).toEqual([before, '644'])
  })

  it('is made private, and goes where nothing else is in it', async () => {
    const { stderr } = await setup()
    expect(stderr).toContain(
      'Programs that load ~/project/.env have them from their next start on. For this shell, run:',
    )
    expect(stderr).toContain('"acs-env unset --dotenv ~/project/.env" undoes this.')
    expect(modeOf()).toBe('600')
    await done(['unset', '--dotenv', '.env'])
    expect(home.list()).toEqual(['project'])
  })

  it('is kept where it was made for the values but has other lines by now', async () => {
    await setup()
    home.write('project/.env', `${home.read('project/.env')}MINE=1\n`)
    await done(['unset'])
    expect(home.read('project/.env')).toBe('MINE=1\n')
  })

  it('gives the connection string that it has, where none is named', async () => {
    home.write('project/.env', `${CONNECTION_STRING}="${emulator.connectionString}"\n`)
    await done(['setup', '--dotenv', '.env'])
    expect(linesOf()).toEqual([
      [CONNECTION_STRING, emulator.connectionString],
      [TOKEN, expect.stringMatching(/^eyJ/)],
    ])
  })

  it('is renewed without ever having been set up, and kept fresh from then on', async () => {
    const { stdout: token } = await done(['issue', '--scope', 'chat', ...given, emulator.connectionString])
    home.write('project/.env', `${CONNECTION_STRING}='${emulator.connectionString}'\n${TOKEN}=${token}`)
    const run = documentOf(await done(['refresh', '--dotenv', '.env', '--json']))
    expect(run).toMatchObject({ renewed: true, scopes: ['chat'] })
    const first = tokenIn()
    expect(first).not.toBe(token.trim())
    await done(['refresh'])
    expect(tokenIn()).not.toBe(first)
  })

  it('takes a copy of the values out of a file that nothing is remembered of', async () => {
    await setup()
    const text = home.read('project/.env')
    rmSync(join(home.path, '.config'), { recursive: true })
    home.write('project/.env', `A=1\n${text}${ENDPOINT}=https://mine/\n`)
    const { stderr } = await done(['unset', '--dotenv', '.env'])
    expect(home.read('project/.env')).toBe(`A=1\n${ENDPOINT}=https://mine/\n`)
    expect(stderr).toContain(`.env has a ${ENDPOINT} that is not of acs-env; it stays.`)
  })

  it('keeps a value that somebody else has set when it is unset', async () => {
    await setup()
    const connectionString = linesOf()[0]?.[1] ?? ''
    home.write('project/.env', `${CONNECTION_STRING}='${connectionString}'\n${TOKEN}=mine\n`)
    await done(['unset'])
    expect(home.read('project/.env')).toBe(`${TOKEN}=mine\n`)
  })

  it('keeps what follows a quote that does not end, and unset says so', async () => {
    await setup()
    home.write('project/.env', `A="\n${home.read('project/.env')}`)
    const { stderr } = await done(['unset'])
    expect(stderr).toContain('line 1 of ~/project/.env has a quote that does not end, and the names stand behind it;')
  })

  it('is written again where its values are, and not touched where they are there already', async () => {
    await setup(['--dotenv', '.env', '--no-token'])
    const before = statSync(join(home.path, 'project/.env')).mtimeMs
    utimesSync(join(home.path, 'project/.env'), 1, 1)
    await setup(['--dotenv', '.env', '--no-token'])
    expect([before > 2_000, statSync(join(home.path, 'project/.env')).mtimeMs]).toEqual([true, 1_000])
  })

  it('has the token alone with --token-only, and none with --no-token', async () => {
    home.write('project/.env', `${CONNECTION_STRING}=mine\n`)
    const { stderr } = await setup(['--dotenv', '.env', '--token-only'])
    expect(linesOf().map(([name]) => name)).toEqual([TOKEN])
    expect(stderr).toContain(`.env had a ${CONNECTION_STRING}, which is taken out; unset gives it back.`)
    await setup(['--dotenv', '.env', '--no-token'])
    expect(linesOf()).toEqual([[CONNECTION_STRING, emulator.connectionString]])
  })

  it('gets further names and the endpoint', async () => {
    await setup(['--dotenv', '.env', '--as', 'ACS', '--with-endpoint'])
    await setup()
    expect(linesOf().map(([name]) => name)).toEqual([CONNECTION_STRING, 'ACS', ENDPOINT, TOKEN])
    expect(Object.fromEntries(linesOf())).toMatchObject({
      ACS: emulator.connectionString,
      [ENDPOINT]: emulator.connectionString.replace(/^endpoint=|;.*$/g, ''),
    })
  })

  it('shows in a dry run what would change, without a secret, and changes nothing', async () => {
    home.write('project/.env', `${TOKEN}=1\n${TOKEN}=2\n`)
    const before = readTree(home.path)
    const run = await setup(['--dotenv', '.env', '--dry-run'])
    expect(run.stdout).toBe(
      [
        '  ~/project/.env',
        `    - ${TOKEN}=(another value)`,
        '    - 1 further line with these names',
        `    + ${CONNECTION_STRING}=endpoi…(${emulator.connectionString.length} characters)`,
        `    + ${TOKEN}=(a new access token)`,
        '',
      ].join('\n'),
    )
    expect(readTree(home.path)).toEqual(before)
  })

  it('says where this shell has another value, which programs would keep', async () => {
    const { stderr } = await setup(['--dotenv', '.env'], { env: { [TOKEN]: 'old' } })
    expect(stderr).toContain(
      `warning: this shell has another ${TOKEN}, and programs that read .env keep the one they have;`,
    )
    expect(stderr).not.toContain(`another ${CONNECTION_STRING}`)
  })

  it('says that Node 20 misreads the line above', async () => {
    home.write('project/.env', `BROKEN\n${TOKEN}=1\n`)
    const { stderr } = await setup()
    expect(stderr).toContain('Line 1 of .env has no "=", and Node 20 takes it for a part of the name below it.')
  })
})

describe('a .env file beside the variables of new shells', () => {
  const own = (): string => home.read(`${OWN}/access-token`)

  it('has the same token at all times, and the profile is left alone', async () => {
    await setup([])
    const profile = home.read('.bash_profile')
    await setup()
    expect([tokenIn(), home.read('.bash_profile')]).toEqual([own(), profile])
    const places = documentOf(await done(['refresh', '--json'])).stored
    expect(places).toEqual([
      { name: TOKEN, where: join(home.path, OWN, 'access-token') },
      { name: TOKEN, where: join(home.path, 'project/.env') },
    ])
    expect(tokenIn()).toBe(own())
    await setup([])
    expect(tokenIn()).toBe(own())
    await done(['unset', '--dotenv', '.env'])
    expect([home.list().includes('project/.env'), home.list().includes(`${OWN}/access-token`)]).toEqual([false, true])
    expect(await status()).not.toHaveProperty('dotenv')
  })

  it('gets the stored key in the place of an older one of the same resource', async () => {
    await setup([])
    const older = emulator.connectionString.replace(
      /accesskey=./,
      (text) => `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`,
    )
    home.write('project/.env', `${CONNECTION_STRING}='${older}'\n`)
    await done(['refresh', '--dotenv', '.env'])
    expect(linesOf()).toEqual([
      [CONNECTION_STRING, emulator.connectionString],
      [TOKEN, own()],
    ])
    home.write('project/.env', `${CONNECTION_STRING}='${older}'\n`)
    await done(['setup', '--dotenv', '.env'])
    expect(linesOf()[0]?.[1]).toBe(emulator.connectionString)
  })

  it('goes with everything else', async () => {
    await setup([])
    await setup()
    await setup(['--dotenv', 'second.env'])
    expect(tokenIn()).toBe(tokenIn('project/second.env'))
    await done(['unset'])
    expect(home.list()).toEqual(['project'])
  })

  it('follows a change of resource by setup, but cannot cause one', async () => {
    const other = await startEmulator({ port: 0 })
    try {
      await setup([])
      const refused = await acs(
        ['setup', '--dotenv', '.env', ...given, other.connectionString, '--no-verify'],
        inProject(),
      )
      expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('is stored already')])
      await setup()
      await done(['setup', '--no-verify', ...given, other.connectionString])
      expect(linesOf()).toEqual([
        [CONNECTION_STRING, other.connectionString],
        [TOKEN, own()],
      ])
    } finally {
      await other.close()
    }
  })

  const trouble: readonly (readonly [string, () => void, string])[] = [
    ['is gone', () => rmSync(join(home.path, 'project/.env')), 'does not exist any more.'],
    ['has none of the lines', () => home.write('project/.env', 'A=1\n'), 'does not have the values any more.'],
    [
      'is of another resource',
      () =>
        home.write(
          'project/.env',
          `${CONNECTION_STRING}='endpoint=https://x.communication.azure.com/;accesskey=${'a'.repeat(88)}'\n${TOKEN}=mine\n`,
        ),
      'has the connection string of another resource by now.',
    ],
    [
      'has an open quote',
      () => home.write('project/.env', `A="\n${home.read('project/.env')}`),
      'does not have the values any more.',
    ],
    [
      'is another thing',
      () => {
        rmSync(join(home.path, 'project/.env'))
        mkdirSync(join(home.path, 'project/.env'))
      },
      'could not be read: it is a directory.',
    ],
  ]

  it.each(trouble)('is left alone by a renewal where it %s, and status says it', async (_, change, message) => {
    await setup([])
    await setup()
    change()
    const before = readTree(join(home.path, 'project'))
    const { stderr } = await done(['refresh'])
    expect(stderr).toContain(`${message} It was left as it is.`)
    expect(readTree(join(home.path, 'project'))).toEqual(before)
    const { ready, problems } = await status()
    expect([ready, problems]).toEqual([
      false,
      [expect.stringContaining(`${message} "acs-env unset --dotenv ~/project/.env" forgets it.`)],
    ])
    await done(['unset', '--dotenv', '.env'])
    expect(await status()).toMatchObject({ ready: true })
  })

  it('is reported by status where it differs or lacks a line, which setup and refresh put right', async () => {
    await setup([])
    await setup()
    home.write('project/.env', home.read('project/.env').replace(/=eyJ.*/, '=mine'))
    chmodSync(join(home.path, 'project/.env'), 0o644)
    expect(await status()).toMatchObject({
      ready: false,
      dotenv: [{ in_file: 'differs' }],
      problems: [`~/project/.env has another ${TOKEN} than the stored one.`, 'Others may read ~/project/.env.'],
    })
    await done(['refresh'])
    expect([await status(), modeOf()]).toEqual([expect.objectContaining({ ready: true }), '600'])
    home.write('project/.env', home.read('project/.env').replace(/^.*=eyJ.*\n/m, ''))
    expect(await status()).toMatchObject({ dotenv: [{ in_file: 'missing' }] })
    await done(['refresh'])
    expect(tokenIn()).toBe(own())
  })
})

describe('a .env file that the values must not go into', () => {
  const refusals: readonly (readonly [string, string, string | Buffer, string])[] = [
    ['an example', '.env.example', '', 'is an example'],
    ['a sample by another name', 'sample.env', '', 'is an example'],
    ['one of dotenvx', '.env', 'DOTENV_PUBLIC_KEY="02"\nA=encrypted:x\n', 'is encrypted'],
    [
      'one with an open quote',
      '.env',
      'A=1\nB="oops\n',
      'has a quote on line 2 that does not end, so nothing was changed.',
    ],
    ['UTF-16', '.env', Buffer.from('\uFEFFA=1\n', 'utf16le'), 'is UTF-16'],
    ['zeros', '.env', '\0\0\0\0\n', '.env is '],
    ['one behind a byte order mark alone', '.env', '\uFEFF', 'byte order mark'],
  ]

  it.each(refusals)('%s', async (_, name, contents, message) => {
    home.write(`project/${name}`, contents)
    const before = readTree(home.path)
    const run = await acs(['setup', '--dotenv', name, ...given, emulator.connectionString], inProject())
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([1, '', expect.stringContaining(message)])
    expect(readTree(home.path)).toEqual(before)
  })

  it('goes into an example, or beside encrypted values, by force', async () => {
    home.write('project/.env.example', 'A=1\n')
    expect(documentOf(await setup(['--dotenv', '.env.example', '--force', '--json'])).dotenv).toMatchObject({
      git: 'outside',
    })
    home.write('project/.env', 'A=encrypted:x\n')
    await setup(['--dotenv', '.env', '--force'])
    expect(linesOf()).toHaveLength(3)
  })

  it('one in a directory that is not there', async () => {
    const run = await acs(['setup', '--dotenv', 'none/.env', ...given, emulator.connectionString], inProject())
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('none does not exist.')])
  })

  it('one that is read-only, and says how to name another', async () => {
    chmodSync(home.write('project/.env', 'A=1\n'), 0o444)
    const run = await acs(['setup', '--dotenv', '.env', ...given, emulator.connectionString], inProject())
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/read-only[^]*--dotenv/)])
  })

  it.each([
    ['--dotenv', '.env', '--rc-file', 'x'],
    ['--dotenv', '.env', '--inline'],
    ['--dotenv', '.env', '--shell', 'zsh'],
    ['--force'],
    ['--dotenv'],
  ])('not together with what says another place: %s %s %s %s', async (...args) => {
    const run = await acs(['setup', ...args.filter((arg) => arg !== undefined), ...given, emulator.connectionString])
    expect([run.exitCode, home.list()]).toEqual([2, ['project']])
  })

  it.each(['setup', 'refresh', 'unset'])('%s takes no secret for a name, and does not repeat it', async (command) => {
    const run = await acs([command, '--dotenv', emulator.connectionString], inProject())
    expect([run.exitCode, run.stderr]).toEqual([2, expect.not.stringContaining('endpoint=')])
  })

  it.each(['--revoke', '--delete-user'])('unset --dotenv does not go together with %s', async (option) => {
    expect((await acs(['unset', '--dotenv', '.env', option])).exitCode).toBe(2)
  })
})

describe('a .env file with links', () => {
  it('is written through a symbolic link, and is one with what it leads to', async () => {
    home.write('.env', 'A=1\n')
    symlinkSync('../.env', join(home.path, 'project/.env'))
    const { dotenv } = documentOf(await setup(['--dotenv', '.env', '--json']))
    expect(dotenv).toMatchObject({ file: join(home.path, '.env') })
    await setup(['--dotenv', '../.env'])
    expect([linesOf('.env'), (await status()).dotenv]).toEqual([linesOf(), [expect.anything()]])
    await done(['unset'])
    expect(home.list()).toEqual(['.env', 'project', 'project/.env'])
    expect(home.read('.env')).toBe('A=1\n')
  })

  it('makes the file that a dangling link leads to', async () => {
    symlinkSync('../shared.env', join(home.path, 'project/.env'))
    await setup()
    expect(linesOf('shared.env')).toHaveLength(2)
  })

  it('keeps its other names and its mode, and says who may read it', async () => {
    chmodSync(home.write('other', 'A=1\n'), 0o644)
    linkSync(join(home.path, 'other'), join(home.path, 'project/.env'))
    const { stderr } = await setup()
    expect(stderr).toContain('Others may read .env (mode 644), which is not yours alone.')
    expect([home.read('other'), modeOf()]).toEqual([home.read('project/.env'), '644'])
  })
})

describe('a .env file on Windows', () => {
  const windows = (): WorldOptions => ({
    platform: 'win32',
    env: { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` },
    run: async (program, ...rest) =>
      program === 'git' ? { kind: 'not-started', code: 'ENOENT' } : registry.run(program, ...rest),
  })
  let registry = makeWindowsRegistry()
  beforeEach(() => {
    registry = makeWindowsRegistry()
  })

  it('leaves the registry alone, also where a value of the same resource is set by hand', async () => {
    const world = windows()
    registry.values.set(CONNECTION_STRING, emulator.connectionString)
    const run = documentOf(await setup(['--dotenv', '.env', '--json'], world))
    expect(run).toMatchObject({ platform: 'windows', dotenv: { created: true, git: 'outside' } })
    const first = tokenIn()
    await done(['refresh'], world)
    expect(tokenIn()).not.toBe(first)
    expect(await status(world)).toMatchObject({ ready: true, dotenv: [{ in_file: 'same' }] })
    await done(['unset'], world)
    expect(home.list()).toEqual(['project'])
    expect([...registry.values.keys()]).toEqual([CONNECTION_STRING])
  })

  it('is kept in step with the registry', async () => {
    const world = windows()
    await setup([], world)
    await setup(['--dotenv', '.env'], world)
    expect(registry.values.get(TOKEN)).toBe(tokenIn())
    await done(['refresh'], world)
    expect(registry.values.get(TOKEN)).toBe(tokenIn())
    await done(['unset', '--dotenv', '.env'], world)
    expect([...registry.values.keys()].toSorted()).toEqual([TOKEN, CONNECTION_STRING])
    await done(['unset'], world)
    expect(registry.values.size).toBe(0)
  })

  it('stores the endpoint by itself on request', async () => {
    const world = windows()
    await setup(['--with-endpoint'], world)
    await setup([], world)
    const endpoint = emulator.connectionString.replace(/^endpoint=|;.*$/g, '')
    expect(registry.values.get(ENDPOINT)).toBe(endpoint)
    expect(JSON.parse((await done(['env', '--format', 'json'], world)).stdout)).toMatchObject({ [ENDPOINT]: endpoint })
    await done(['unset'], world)
    expect(registry.values.size).toBe(0)
  })
})

it('is read back as a whole: nothing of a secret is in what is remembered', async () => {
  await setup()
  for (const name of ['state.json', 'restore-dotenv.json']) {
    const remembered = readFileSync(join(home.path, OWN, name), 'utf8')
    for (const [, value] of linesOf()) expect(remembered).not.toContain(value)
  }
})
