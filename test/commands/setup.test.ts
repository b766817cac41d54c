import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { startFaultyService } from '../support/doubles/faulty-service.ts'
import { issues } from '../support/doubles/remote-service.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { ended, makeSystem, runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { readInShell } from '../support/programs/login-shell.ts'
import { hasProgram } from '../support/programs/requirements.ts'

interface SetupDocument {
  readonly user_id: string
  readonly scopes: readonly string[]
  readonly expires_on: string
  readonly renewed: boolean
  readonly platform: string
  readonly stored: readonly { readonly name: string; readonly where: string }[]
  readonly activate: string
  readonly new_shell: object
}

let emulator: Emulator
let other: Emulator
let home: TestHome
beforeAll(async () => {
  ;[emulator, other] = await Promise.all([startEmulator({ port: 0 }), startEmulator({ port: 0 })])
})
afterAll(() => Promise.all([emulator.close(), other.close()]))
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

const setup = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(['setup', ...args], home.path, options)
const from = (source: Emulator): readonly string[] => ['--connection-string', source.connectionString]

/** Opens no new shells: most of these are about what is stored. */
const setupJson = (args: readonly string[] = [], options: WorldOptions = {}): Promise<SetupDocument> =>
  setupAndLook([...args, '--no-verify'], options)

async function setupAndLook(args: readonly string[] = [], options: WorldOptions = {}): Promise<SetupDocument> {
  const run = await setup([...args, '--json'], options)
  expect(run.stderr).not.toMatch(/^error/m)
  expect(run.exitCode).toBe(0)
  return JSON.parse(run.stdout) as SetupDocument
}

const stored = (name: 'connection-string' | 'access-token'): string => home.read(`.config/acs-env/${name}`)
const has = (name: string): boolean => existsSync(join(home.path, '.config/acs-env', name))
const modeOf = (name: string): number => statSync(join(home.path, name)).mode & 0o777
const claims = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

describe('while the answer is under way', () => {
  it('finds out how the profiles are to be written', async () => {
    home.write('.bash_profile', 'old\n')
    home.write('.bashrc', 'old\n')
    let look = (): void => undefined
    const looked = new Promise<void>((settle) => (look = settle))
    const service = await startFaultyService((...request) => void looked.then(() => issues(...request)))
    const started: (readonly string[])[] = []
    const { exitCode } = await setup(['--no-verify', '--connection-string', service.connectionString], {
      run: async (program, args) => {
        if (program !== 'getfattr') return ended(127)
        started.push(args)
        look()
        return ended(0)
      },
    })
    await service.close()
    expect([exitCode, started.length]).toEqual([0, 1])
    expect(started[0]).toEqual(expect.arrayContaining([join(home.path, '.bash_profile'), join(home.path, '.bashrc')]))
    expect(home.read('.bash_profile')).toMatch(/^# >>> acs-env >>>[^]*\nold\n$/)
  })
})

describe('where another run stores something while new shells are opened', () => {
  it.each<[string, () => void]>([
    ['another token', () => home.write('.config/acs-env/access-token', 'of-another-run')],
    ['none yet', () => rmSync(join(home.path, '.config/acs-env/access-token'), { force: true })],
  ])('moves no block, and blames nobody: %s', async (_, store) => {
    const { runInSession } = makeSystem(home.path)
    const run = await setup(from(emulator), {
      env: { SHELL: '/bin/bash' },
      runInSession: async (...session) => {
        store()
        return runInSession(...session)
      },
    })
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      expect.stringMatching(/^note: another acs-env stored something else/m),
    ])
    expect(run.stderr).not.toMatch(/^warning/m)
    expect(home.read('.bashrc')).toMatch(/^# >>> acs-env >>>/)
  })
})

describe('what it stores', () => {
  it('stores both values, raw and private, and says where', async () => {
    const document = await setupAndLook(from(emulator))
    expect(stored('connection-string')).toBe(emulator.connectionString)
    expect(`8:${String(claims(stored('access-token')).skypeid)}`).toBe(document.user_id)
    expect(document).toEqual({
      user_id: expect.stringMatching(/^8:acs:/),
      scopes: ['chat', 'voip'],
      expires_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      renewed: true,
      platform: 'linux',
      stored: [
        { name: 'AZURE_COMMUNICATION_CONNECTION_STRING', where: join(home.path, '.config/acs-env/connection-string') },
        { name: 'AZURE_COMMUNICATION_ACCESS_TOKEN', where: join(home.path, '.config/acs-env/access-token') },
      ],
      activate: 'source ~/.bash_profile',
      new_shell: {
        outcome: 'seen',
        checked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        changed_since: [],
      },
    })
    expect(modeOf('.config/acs-env')).toBe(0o700)
    for (const file of ['connection-string', 'access-token', 'state.json', 'restore.json', '.gitignore']) {
      expect(modeOf(`.config/acs-env/${file}`)).toBe(0o600)
    }
    expect(home.read('.config/acs-env/.gitignore')).toBe('*\n')
    expect(has('lock')).toBe(false)
  })

  it.each([
    ['--no-token', 'AZURE_COMMUNICATION_ACCESS_TOKEN', 'access-token'],
    ['--token-only', 'AZURE_COMMUNICATION_CONNECTION_STRING', 'connection-string'],
  ] as const)('says with %s that %s, which was stored, is so no more', async (option, name, file) => {
    await setup([...from(emulator), '--yes'])
    const note = `note: ${name} was stored, and is removed.\n`
    const args = [option, '--yes', ...from(emulator)]
    expect((await setup([...args, '--json'])).stderr).toContain(note)
    expect(has(file)).toBe(false)
    expect((await setup(args)).stderr).not.toContain(note)
  })

  it('says it to people without a secret', async () => {
    const run = await setup(from(emulator))
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain('source ~/.bash_profile')
    expect(run.stderr).not.toContain(emulator.connectionString.slice(-40))
    expect(run.stderr).not.toContain(stored('access-token').slice(10, 60))
  })

  it('keeps the identity, scopes and lifetime when it is run again, and writes the profile once', async () => {
    const first = await setupJson([...from(emulator), '--scope', 'chat.join', '--expires-in', '90m'])
    const profile = statSync(join(home.path, '.bash_profile'))
    const token = stored('access-token')
    const second = await setupJson()
    expect(second.user_id).toBe(first.user_id)
    expect(second.scopes).toEqual(['chat.join'])
    const { exp, csi } = claims(stored('access-token'))
    expect(Number(exp) - Number(csi)).toBe(90 * 60)
    expect(stored('access-token')).not.toBe(token)
    expect(statSync(join(home.path, '.bash_profile')).mtimeMs).toBe(profile.mtimeMs)
  })

  it('takes a new identity only when asked', async () => {
    const first = await setupJson(from(emulator))
    expect((await setupJson(['--new-user'])).user_id).not.toBe(first.user_id)
    expect((await setupJson(['--user', first.user_id])).user_id).toBe(first.user_id)
  })

  it('takes a new identity for another resource, and its scopes are not those of the old one', async () => {
    const first = await setupJson([...from(emulator), '--scope', 'voip'])
    const second = await setupJson(from(other))
    expect(second.user_id).not.toBe(first.user_id)
    expect(second.scopes).toEqual(['chat', 'voip'])
    expect(stored('connection-string')).toBe(other.connectionString)
  })

  it('makes a new identity, and says so, where the stored one is gone', async () => {
    await setupJson(from(emulator))
    const state = home
      .read('.config/acs-env/state.json')
      .replace(/(8:acs:[^_]+_)[\da-f-]+/, '$100000000-0000-0000-0000-000000000000')
    home.write('.config/acs-env/state.json', state)
    const run = await setup()
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(/note: 8:acs:\S+ is not, or no longer, an identity of this resource; making a new one/)
  })

  it('finds identity and scopes in the token where the state is lost or damaged', async () => {
    const first = await setupJson([...from(emulator), '--scope', 'voip'])
    home.write('.config/acs-env/state.json', '{"version": 1, "scopes": [')
    const second = await setupJson()
    expect([second.user_id, second.scopes]).toEqual([first.user_id, ['voip']])
  })

  it('--no-token stores the connection string alone', async () => {
    const first = await setupJson(from(emulator))
    const document = await setupJson(['--no-token'])
    expect(document).toMatchObject({ renewed: false, expires_on: null, user_id: first.user_id })
    expect(document.stored.map(({ name }) => name)).toEqual(['AZURE_COMMUNICATION_CONNECTION_STRING'])
    expect(has('access-token')).toBe(false)
    expect(home.read('.bash_profile')).not.toContain('ACCESS_TOKEN')
    expect((await setupJson()).user_id).toBe(first.user_id)
  })

  it('--token-only keeps the key nowhere', async () => {
    await setupJson(from(emulator))
    await setupJson(['--token-only'])
    expect(has('connection-string')).toBe(false)
    const key = emulator.connectionString.slice(-60)
    for (const file of home.list().filter((path) => statSync(join(home.path, path)).isFile())) {
      expect(readFileSync(join(home.path, file), 'utf8')).not.toContain(key)
    }
  })

  it('--as stores the connection string under a further name, and it stays', async () => {
    await setupJson([...from(emulator), '--as', 'ACS_CONNECTION_STRING'])
    const again = await setupJson(['--as', 'COMMUNICATION_SERVICES_CONNECTION_STRING'])
    expect(again.stored.map(({ name }) => name)).toEqual([
      'AZURE_COMMUNICATION_CONNECTION_STRING',
      'ACS_CONNECTION_STRING',
      'COMMUNICATION_SERVICES_CONNECTION_STRING',
      'AZURE_COMMUNICATION_ACCESS_TOKEN',
    ])
  })

  it('--inline writes the values into the profile and makes it private; without it they leave it again', async () => {
    home.write('.bash_profile', 'mine\n')
    chmodSync(join(home.path, '.bash_profile'), 0o644)
    const run = await setup([...from(emulator), '--inline'])
    expect(run.stderr).toMatch(/note: ~\/\.bash_profile holds the values now and is readable by you alone/)
    expect(home.read('.bash_profile')).toContain(
      `export AZURE_COMMUNICATION_CONNECTION_STRING='${emulator.connectionString}'\n`,
    )
    expect(modeOf('.bash_profile')).toBe(0o600)
    expect(has('access-token')).toBe(false)
    const first = JSON.parse(home.read('.config/acs-env/state.json')) as { user_id: string }
    expect((await setupJson(['--inline'])).user_id).toBe(first.user_id)
    await setupJson()
    expect(home.read('.bash_profile')).not.toContain('accesskey')
    expect(stored('connection-string')).toBe(emulator.connectionString)
  })

  it('--inline names every profile that holds the values', async () => {
    home.write('.bashrc', 'mine\n')
    const { stderr } = await setup([...from(emulator), '--inline'])
    expect(stderr).toMatch(/^  stored in  ~\/\.bash_profile\n {13}~\/\.bashrc\n  identity/m)
    expect(home.read('.bashrc')).toContain('accesskey=')
    // Those of a shell that was set up before too.
    const other = await setup([...from(emulator), '--inline', '--shell', 'zsh'])
    expect(other.stderr).toMatch(/^  stored in  ~\/\.zshrc\n {13}~\/\.bash_profile\n {13}~\/\.bashrc\n  identity/m)
    expect(home.read('.bashrc')).toContain('accesskey=')
  })

  it('--token-only says that nothing renews the token where the key was given alone, or in the command itself', async () => {
    const command = `echo '${emulator.connectionString}'`
    for (const from of [['--connection-string-stdin'], ['--connection-string-command', command]]) {
      const { stderr } = await setup(['--token-only', ...from], { input: emulator.connectionString })
      expect(stderr).toContain('\nNothing renews the token: what it was issued with is not stored.\n')
      expect(stderr).not.toMatch(/acs-env (?:refresh|schedule)/)
    }
  })

  it('--token-only says so no more where the command gets the key from elsewhere', async () => {
    const file = home.write('key', emulator.connectionString)
    const { stderr } = await setup(['--token-only', '--connection-string-command', `cat '${file}'`])
    expect(stderr).not.toContain('Nothing renews')
  })

  it('--inline leaves a profile alone that is read-only, by root too', async () => {
    home.write('.bash_profile', 'mine\n')
    chmodSync(join(home.path, '.bash_profile'), 0o400)
    const run = await setup([...from(emulator), '--inline'])
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('it is read-only')])
    expect([home.read('.bash_profile'), modeOf('.bash_profile')]).toEqual(['mine\n', 0o400])
  })

  it.each([['--access-token-stdin'], ['--connection-string-stdin']])(
    '%s reads nothing from a terminal that would show it',
    async (option) => {
      const run = await setup([option], { inputIsTerminal: true, input: 'not to be read' })
      expect([run.exitCode, run.stdout, home.list()]).toEqual([2, '', []])
      expect(run.stderr).toMatch(/^error: Standard input is a terminal that would show what is pasted\.\nhint: /)
    },
  )

  it('--access-token-stdin beside a damaged store says that it is the store', async () => {
    const issued = await runInWorld(['issue', '--scope', 'chat', ...from(emulator)], home.path)
    home.write('.config/acs-env/connection-string', 'garbage\n')
    const run = await setup(['--access-token-stdin'], { input: issued.stdout })
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: The stored connection string is damaged/),
    ])
  })

  it('--access-token-stdin stores a token that somebody else issued', async () => {
    const issued = await runInWorld(['issue', '--scope', 'voip', '--json', ...from(emulator)], home.path)
    const { token, user_id, expires_on } = JSON.parse(issued.stdout) as Record<string, string>
    expect(home.list()).toEqual([])
    const document = await setupJson(['--access-token-stdin'], { input: `${token}\n` })
    expect(document).toMatchObject({ user_id, scopes: ['voip'], renewed: false })
    expect(Math.abs(Date.parse(document.expires_on) - Date.parse(expires_on ?? ''))).toBeLessThan(1_000)
    expect(document.stored.map(({ name }) => name)).toEqual(['AZURE_COMMUNICATION_ACCESS_TOKEN'])
    expect(stored('access-token')).toBe(token)
  })

  it.each<[string, (token: string) => string]>([
    ['in the JSON of this program', (token) => JSON.stringify({ expires_on: 'x', token, user_id: 'x' })],
    ['behind Bearer, in quotes', (token) => `"Bearer ${token}"\r\n`],
    ['in an export line', (token) => `export AZURE_COMMUNICATION_ACCESS_TOKEN="${token}"\n`],
  ])('--access-token-stdin takes the token %s', async (_, wrap) => {
    const issued = await runInWorld(['issue', '--scope', 'voip', ...from(emulator)], home.path)
    const token = issued.stdout.trim()
    await setupJson(['--access-token-stdin'], { input: wrap(token) })
    expect(stored('access-token')).toBe(token)
  })

  it('--access-token-stdin does not choose among several', async () => {
    const issue = ['issue', '--scope', 'voip', ...from(emulator)]
    const issued = [await runInWorld(issue, home.path), await runInWorld(issue, home.path)]
    const run = await setup(['--access-token-stdin'], { input: issued.map(({ stdout }) => stdout).join('') })
    expect([run.exitCode, run.stdout, home.list()]).toEqual([2, '', []])
    expect(run.stderr).toBe('error: There is more than one access token in what was given.\nhint: give one alone\n')
  })

  it('names what the later steps of a GitHub Actions job need, and looks at no terminal', async () => {
    const run = await runInWorld(['setup', '--yes', ...from(emulator)], home.path, { env: { GITHUB_ACTIONS: 'true' } })
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(/\nFor later steps of this job to have them, run:\n\n {2}acs-env env --format github\n/)
    expect(run.stderr).not.toMatch(/terminal|source /)
  })

  it('refuses a token of another resource beside the stored connection string', async () => {
    await setupJson(from(emulator))
    const before = stored('access-token')
    const issued = await runInWorld(['issue', '--scope', 'voip', ...from(other)], home.path)
    const run = await setup(['--access-token-stdin'], { input: issued.stdout })
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(/belongs to another resource/)])
    expect(stored('access-token')).toBe(before)
    expect(stored('connection-string')).toBe(emulator.connectionString)
  })
})

describe('where the connection string comes from', () => {
  const NAME = 'AZURE_COMMUNICATION_CONNECTION_STRING'

  it('the store comes before the environment, and a line says so', async () => {
    await setupJson(from(emulator))
    const run = await setup([], { env: { [NAME]: other.connectionString } })
    expect(run.stderr).toMatch(
      /note: using the stored connection string \(127\.0\.0\.1:\d+\); .* in the environment is another one/,
    )
    expect(stored('connection-string')).toBe(emulator.connectionString)
  })

  it('for issue the environment comes before the store, and a line says so', async () => {
    await setupJson(from(emulator))
    const run = await runInWorld(['issue', '--scope', 'chat', '--dry-run', '--json'], home.path, {
      env: { [NAME]: other.connectionString },
    })
    expect(JSON.parse(run.stdout)).toMatchObject({ endpoint: other.endpoint })
    expect(run.stderr).toMatch(/note: using AZURE_COMMUNICATION_CONNECTION_STRING in the environment/)
  })

  it('says nothing where the two agree', async () => {
    await setupJson(from(emulator))
    const run = await setup(['--quiet'], { env: { [NAME]: `"${emulator.connectionString};"` } })
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
  })

  it('the environment, a command, standard input and the Azure CLI', async () => {
    await setupJson([], { env: { [NAME]: emulator.connectionString } })
    await setupJson(['--connection-string-command', `printf '%s\\n' '${other.connectionString}'`])
    expect(stored('connection-string')).toBe(other.connectionString)
    await setupJson(['--connection-string-stdin'], { input: `export X="${emulator.connectionString};"\r\n` })
    expect(stored('connection-string')).toBe(emulator.connectionString)
    home.write(
      'azure/config',
      `[core]\nconnection_string = no\n[communication]\n# one\nconnection_string = ${other.connectionString}\n`,
    )
    const run = await runInWorld(['issue', '--scope', 'chat', '--dry-run', '--json'], makeEmptyHome(), {
      env: { AZURE_CONFIG_DIR: join(home.path, 'azure') },
    })
    expect(JSON.parse(run.stdout)).toMatchObject({ endpoint: other.endpoint })
  })

  function makeEmptyHome(): string {
    mkdirSync(join(home.path, 'empty'))
    return join(home.path, 'empty')
  }
})

describe('the profile', () => {
  it('is that of the login shell: zsh on Linux, bash on macOS, and $ZDOTDIR counts', async () => {
    await setupJson(from(emulator), { env: { SHELL: '/usr/bin/zsh' } })
    expect(home.list()).toContain('.zshrc')
    mkdirSync(join(home.path, 'z'))
    const document = await setupJson([], { platform: 'darwin', env: { ZDOTDIR: join(home.path, 'z') } })
    expect(document).toMatchObject({ platform: 'macos', activate: 'source ~/z/.zshrc' })
    expect(home.list()).toContain('z/.zshrc')
    expect((await setupJson([], { platform: 'darwin', env: { SHELL: '/bin/bash' } })).activate).toBe(
      'source ~/.bash_profile',
    )
  })

  it('also has the block in ~/.bashrc, which is made where there is none', async () => {
    await setupJson(from(emulator))
    expect(home.read('.bashrc')).toMatch(/^# >>> acs-env >>>\n[^]*# <<< acs-env <<<\n$/)
    const guard = 'case $- in *i*) ;; *) return ;; esac\n'
    home.write('.bashrc', guard)
    await setupJson()
    expect(home.read('.bashrc')).toMatch(/^# >>> acs-env >>>\n/)
    expect(home.read('.bashrc')).toContain(`# <<< acs-env <<<\n${guard}`)
  })

  it('may be one that no new shell reads: the values are stored all the same: 3', async () => {
    const run = await setup([...from(emulator), '--rc-file', 'mine', '--json'])
    expect(run.exitCode).toBe(3)
    expect(run.stderr).toMatch(/^warning: A new .*shell does not read ~\/mine, which has the acs-env block/m)
    expect(JSON.parse(run.stdout)).toMatchObject({ activate: 'source ~/mine', new_shell: { outcome: 'not-seen' } })
    expect(stored('connection-string')).toBe(emulator.connectionString)
  })

  it('is the one named with --rc-file', async () => {
    const document = await setupJson([...from(emulator), '--rc-file', 'my profile'])
    expect(document.activate).toBe("source ~/'my profile'")
    expect(home.list()).toContain('my profile')
    expect(home.list()).not.toContain('.bash_profile')
  })

  it('that was named once is the only one the next time too', async () => {
    await setupJson([...from(emulator), '--rc-file', 'mine'])
    expect((await setupJson()).activate).toBe('source ~/mine')
    expect(home.list().filter((path) => !path.startsWith('.config'))).toEqual(['mine'])
    expect((await setupJson(['--shell', 'bash'])).activate).toBe('source ~/.bash_profile')
  })

  it('in a directory that is not there is an error before anything is asked for', async () => {
    const run = await setup([...from(emulator), '--rc-file', 'no/profile'])
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: The directory .*\/no does not exist\.\nhint: create it first\n$/),
    ])
    expect(home.list()).toEqual([])
  })

  it('stays a symbolic link, and the file behind it keeps its mode', async () => {
    home.write('dotfiles/profile', 'mine\n')
    chmodSync(join(home.path, 'dotfiles/profile'), 0o640)
    symlinkSync('dotfiles/profile', join(home.path, '.bash_profile'))
    symlinkSync('dotfiles/not-yet', join(home.path, '.bashrc'))
    await setupJson(from(emulator))
    for (const name of ['.bash_profile', '.bashrc']) {
      expect(lstatSync(join(home.path, name)).isSymbolicLink()).toBe(true)
    }
    expect(home.read('dotfiles/profile')).toMatch(/^# >>> acs-env >>>\n[^]*# <<< acs-env <<<\nmine\n$/)
    expect(modeOf('dotfiles/profile')).toBe(0o640)
    expect(home.read('dotfiles/not-yet')).toMatch(/^# >>> acs-env >>>\n/)
  })

  it('keeps every byte of other people: CRLF, invalid UTF-8, a byte order mark, no final newline', async () => {
    const lines = Buffer.from('\u00EF\u00BB\u00BFone\r\n\u00FF\u00FE two\r\nthree without end', 'latin1')
    home.write('.bash_profile', lines)
    const run = await setup([...from(emulator), '--no-verify'])
    expect(run.stderr).toMatch(/warning: ~\/\.bash_profile has Windows line endings/)
    const after = Buffer.from(home.read('.bash_profile'), 'latin1')
    // Right behind the mark the block would be a syntax error to every shell.
    expect(after.subarray(0, lines.length)).toEqual(lines)
    expect(after.toString('latin1', lines.length)).toMatch(/^\n# >>> acs-env >>>\n[^\r]*# <<< acs-env <<<\n$/)
  })

  it('is refused at once where it would become larger than the next setup takes', async () => {
    home.write('.bash_profile', Buffer.alloc(10 * 1024 * 1024, `# ${'x'.repeat(77)}\n`))
    const run = await setup([...from(emulator), '--dry-run'])
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/^error: .* larger than 10 MB/)])
  })

  it.each([
    ['exports of the token', (line: number) => `export AZURE_COMMUNICATION_ACCESS_TOKEN=v${line}\n`],
    [
      'exports of the token among others',
      (line: number) => `export AZURE_COMMUNICATION_ACCESS_TOKEN=v${line}\nexport X=1\n`,
    ],
    ['lines that name the token', (line: number) => `: AZURE_COMMUNICATION_ACCESS_TOKEN ${line}\n`],
  ])('is set up and given back with tens of thousands of %s, and a few are named', async (_, lineOf) => {
    const profile = Array.from({ length: 50_000 }, (__, line) => lineOf(line)).join('')
    home.write('.bash_profile', profile)
    const started = performance.now()
    const run = await setup([...from(emulator), '--no-verify'])
    expect(run.exitCode).toBe(0)
    expect(run.stderr.split('\n').length).toBeLessThan(60)
    const removal = await runInWorld(['unset', '--yes'], home.path)
    expect([removal.exitCode, home.read('.bash_profile')]).toEqual([0, profile])
    expect(removal.stderr.split('\n').length).toBeLessThan(60)
    // Quadratic work took minutes.
    expect(performance.now() - started).toBeLessThan(60_000)
  })

  it('is read as it will be: what an old block has left open ends with it', async () => {
    const exported = "export AZURE_COMMUNICATION_ACCESS_TOKEN='old'\n"
    home.write('.bash_profile', `# >>> acs-env >>>\necho 'open\n# <<< acs-env <<<\n${exported}`)
    await setupJson(from(emulator))
    const once = home.read('.bash_profile')
    expect(once).not.toContain(exported)
    await setupJson()
    expect(home.read('.bash_profile')).toBe(once)
  })

  it('takes over a hand-written export, says so, and leaves what only looks like one', async () => {
    const NAME = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
    home.write('.bash_profile', `a\nexport ${NAME}="old"\nif true; then\n  export ${NAME}=x\nfi\n`)
    const run = await setup([...from(emulator), '--no-verify'])
    expect(run.stderr).toMatch(
      /note: Line 2 of ~\/\.bash_profile set AZURE_COMMUNICATION_ACCESS_TOKEN; the block takes its place/,
    )
    expect(run.stderr).toMatch(
      /warning: ~\/\.bash_profile also names AZURE_COMMUNICATION_ACCESS_TOKEN in line 3; that line/,
    )
    expect(home.read('.bash_profile')).toMatch(/^a\nif true; then\n {2}export \w+=x\nfi\n# >>> acs-env >>>\n[^]*<<<\n$/)
    expect(home.read('.bash_profile')).not.toContain('"old"')
    expect(modeOf('.config/acs-env/restore.json')).toBe(0o600)
  })

  it.runIf(hasProgram('zsh')).each([
    ['prints something', 'echo hello; ZDOTDIR=$HOME/z; trap "echo bye" EXIT\n'],
    ['reads it from another file', '[[ -r ~/.env ]] && . ~/.env\n'],
    ['reads it from another file after a comment', '# mine\nsource "$HOME/.env" # all of it\n'],
    ['evaluates what a command prints', 'eval "$(cat ~/.env)"\n'],
  ])('is the one that zsh reads where its ~/.zshenv %s', async (_, zshenv) => {
    home.write('.zshenv', zshenv)
    home.write('.env', 'ZDOTDIR=~/z\n')
    mkdirSync(join(home.path, 'z'))
    expect((await setupJson(from(emulator), { platform: 'darwin' })).activate).toBe('source ~/z/.zshrc')
    const { values } = readInShell('zsh', ['-l', '-i', '-c'], home.path, ['AZURE_COMMUNICATION_ACCESS_TOKEN'])
    expect(values).toEqual([stored('access-token')])
  })

  it('is not guessed where zsh does not say which it is', async () => {
    home.write('.zshenv', 'ZDOTDIR=~/z; sleep 20\n')
    const world: WorldOptions = { platform: 'darwin', run: async () => ({ kind: 'timed-out' }) }
    const run = await setup(from(emulator), world)
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      'error: zsh did not start within 5 seconds, so which profile it reads is not known.\n' +
        'hint: see what its start-up files wait for, or name the profile with --rc-file\n',
    ])
    await setupJson([...from(emulator), '--rc-file', '.zshrc'], world)
  })

  it('is not the last word where zsh reads another file after it, and a warning says so', async () => {
    const zlogin = '# mine\nexport AZURE_COMMUNICATION_ACCESS_TOKEN=$(echo old)\n'
    home.write('.zlogin', zlogin)
    const named =
      /^warning: ~\/\.zlogin names AZURE_COMMUNICATION_ACCESS_TOKEN in line 2; that line stays, and may set it/m
    expect((await setup([...from(emulator), '--dry-run'], { platform: 'darwin' })).stderr).toMatch(named)
    const { exitCode, stderr } = await setup(from(emulator), { platform: 'darwin' })
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(named)])
    expect(stderr).toMatch(
      /^warning: ~\/\.zlogin sets AZURE_COMMUNICATION_ACCESS_TOKEN again in line 2, after the acs-env block\. Take/m,
    )
    expect(stderr).toMatch(/\nNew terminals do not have them yet\. /)
    expect(home.read('.zlogin')).toBe(zlogin)
    home.write('.zlogin', '')
    const cured = await setup([], { platform: 'darwin' })
    expect([cured.exitCode, cured.stderr]).toEqual([0, expect.stringContaining('\nNew terminals have them. ')])
    home.write('.zshrc', `exit\n${home.read('.zshrc')}`)
    const leaving = await setup([], { platform: 'darwin' })
    expect([leaving.exitCode, leaving.stderr]).toEqual([3, expect.stringMatching(/ of ~\/\.zshrc \(exit\)\. Take/)])
  })

  it('takes a hand-written export over from another file that zsh reads after it', async () => {
    home.write('.zlogin', 'export AZURE_COMMUNICATION_ACCESS_TOKEN=old\n')
    const run = await setup(from(emulator), { platform: 'darwin' })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringMatching(/^note: Line 1 of ~\/\.zlogin set \w+;/m)])
    expect(home.read('.zlogin')).toMatch(/^# >>> acs-env >>>\n[^]*# <<< acs-env <<<\n$/)
  })

  it('--dry-run shows the plan, masked, asks nobody and changes nothing', async () => {
    home.write('.bash_profile', 'export AZURE_COMMUNICATION_ACCESS_TOKEN="my-old-token"\n')
    const run = await setup([
      '--connection-string',
      `endpoint=https://nowhere.invalid/;accesskey=${'QUJD'.repeat(20)}`,
      '--dry-run',
    ])
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toContain('endpoi…(')
    expect(run.stdout).toContain('+ # >>> acs-env >>>')
    expect(run.stdout + run.stderr).not.toMatch(/QUJD|my-old-token/)
    expect(home.list()).toEqual(['.bash_profile'])
  })

  it('--dry-run shows a block that changes in its line endings alone', async () => {
    await setupJson(from(emulator))
    home.write('.bash_profile', home.read('.bash_profile').replaceAll('\n', '\r\n'))
    const run = await setup(['--dry-run'])
    expect(run.stdout).toMatch(/ {2}~\/\.bash_profile\n {4}\+ # >>> acs-env >>>\n/)
  })

  it('--dry-run shows a profile that becomes private', async () => {
    await setupJson([...from(emulator), '--inline'])
    chmodSync(join(home.path, '.bash_profile'), 0o644)
    const run = await setup(['--dry-run', '--access-token-stdin', '--inline'], {
      input: /export AZURE_COMMUNICATION_ACCESS_TOKEN='(.*)'/.exec(home.read('.bash_profile'))?.[1] ?? '',
    })
    expect(run.stdout).toMatch(/ {2}~\/\.bash_profile\n {4}\+ \(readable by you alone\)\n/)
  })
})
