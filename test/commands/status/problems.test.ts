import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import type { WorldOptions, WorldRun } from '../../support/homes/world.ts'

const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'

async function done(args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  const run = await acs(args, options)
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  return run
}

const setup = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  setupAndLook(['--no-verify', ...args], options)

/** Also opens new shells, which takes a while. */
const setupAndLook = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  done(['setup', '--connection-string', emulator.connectionString, ...args], options)

describe('status', () => {
  const status = async (
    options: WorldOptions = {},
  ): Promise<{ exitCode: number; document: Record<string, unknown> }> => {
    const run = await acs(['status', '--json'], options)
    expect(run.stderr).toBe('')
    return { exitCode: run.exitCode, document: JSON.parse(run.stdout) as Record<string, unknown> }
  }
  const stored = (name: string): string => home.read(`.config/acs-env/${name}`)
  const editBlock = (edit: (lines: string) => string): void => {
    const [before = '', lines = '', after = ''] = home.read('.bash_profile').split(/((?<=>>>\n)[^]*(?=\n# <<<))/)
    home.write('.bash_profile', `${before}${edit(lines)}${after}`)
  }

  it('is ready after setup, and tells what this shell sees', async () => {
    await setup(['--scope', 'voip'])
    const fresh = await status()
    expect(fresh).toEqual({
      exitCode: 0,
      document: {
        ready: true,
        name: 'default',
        user_id: expect.stringMatching(/^8:acs:/),
        scopes: ['voip'],
        expires_on: expect.any(String),
        expires_in_seconds: expect.any(Number),
        variables: [
          {
            name: CONNECTION_STRING,
            stored_in: [join(home.path, '.config/acs-env/connection-string')],
            in_environment: 'missing',
          },
          { name: TOKEN, stored_in: [join(home.path, '.config/acs-env/access-token')], in_environment: 'missing' },
        ],
        problems: [],
        new_shell: { outcome: 'not-checked', checked_at: null, changed_since: [] },
        schedule: null,
      },
    })
    expect(fresh.document.expires_in_seconds).toBeGreaterThan(86_000)
    const env = { [CONNECTION_STRING]: stored('connection-string'), [TOKEN]: 'an older one' }
    expect((await status({ env })).document.variables).toMatchObject([
      { in_environment: 'same' },
      { in_environment: 'differs' },
    ])
  })

  it('judges by what setup was asked to store', async () => {
    await setup(['--no-token'])
    expect((await status()).document).toMatchObject({
      ready: true,
      variables: [{ name: CONNECTION_STRING }],
      expires_on: null,
    })
    await done(['setup', '--no-verify', '--token-only'])
    expect((await status()).document).toMatchObject({ ready: true, variables: [{ name: TOKEN }] })
  })

  it.each<[string, () => void, RegExp]>([['nothing is stored', () => undefined, /Nothing is stored yet/]])(
    'exit 3 where %s',
    async (_, prepare, problem) => {
      prepare()
      const { exitCode, document } = await status()
      expect([exitCode, document.ready, String(document.problems)]).toEqual([3, false, expect.stringMatching(problem)])
      expect(home.list()).toEqual([])
    },
  )

  const spoilt: readonly (readonly [string, (path: (name: string) => string) => void, RegExp])[] = [
    [
      'a value file is gone',
      (path) => home.write(path('access-token'), ''),
      /AZURE_COMMUNICATION_ACCESS_TOKEN is not stored/,
    ],
    ['the profile is gone', () => rmSync(join(home.path, '.bash_profile')), /~\/\.bash_profile does not exist/],
    ['the ~/.bashrc is another one', () => void home.write('.bashrc', 'mine'), /~\/\.bashrc has no acs-env block/],
    [
      'the stored access token is damaged',
      (path) => void home.write(path('access-token'), 'abc'),
      /access token is damaged/,
    ],
    [
      'the block holds another value',
      () => {
        const reading = /if \[ -r ~\/\.config\/acs-env\/access-token \]; then\n[^]*?\nfi\n/
        home.write('.bash_profile', home.read('.bash_profile').replace(reading, `export ${TOKEN}='old'\n`))
      },
      /holds another value of AZURE_COMMUNICATION_ACCESS_TOKEN/,
    ],
    ['the markers are broken', () => void home.write('.bash_profile', '# >>> acs-env >>>\n'), /not one pair/],
    [
      'the stored connection string is damaged',
      (path) => void home.write(path('connection-string'), 'endpoint=htt'),
      /damaged/,
    ],
    ['the block is gone', () => home.write('.bash_profile', 'mine\n'), /~\/\.bash_profile has no acs-env block/],
    [
      'somebody took a statement out of the block',
      () => home.write('.bash_profile', home.read('.bash_profile').replaceAll(/.*ACCESS_TOKEN.*\n/g, '')),
      /does not set AZURE_COMMUNICATION_ACCESS_TOKEN/,
    ],
    [
      'a value has a carriage return that a shell keeps',
      (path) => home.write(path('connection-string'), `${home.read(path('connection-string'))}\r\n`),
      /connection-string ends with a carriage return, which shells take for a part of AZURE_COMM\w+/,
    ],
  ]
  // Where new shells were seen to have the values, the profiles are read only where something has changed since.
  describe.each([
    ['that did not look at new shells', setup],
    ['that did', setupAndLook],
  ])('after a setup %s', (_, begin) => {
    it.each(spoilt)('exit 3 where %s', async (_what, spoil, problem) => {
      await begin()
      spoil((name) => `.config/acs-env/${name}`)
      const { exitCode, document } = await status()
      expect([exitCode, document.ready, String(document.problems)]).toEqual([3, false, expect.stringMatching(problem)])
    })
  })

  it.each(['', '--inline'])(
    'finds nothing wrong where the block says the same in a layout of its own: setup %s',
    async (option) => {
      home.write('.profile', 'mine\n')
      await setup(option === '' ? [] : [option])
      expect(home.read('.bash_profile')).toContain('. ~/.profile')
      editBlock((lines) => `# mine\n\n${lines}`)
      home.write('.bash_profile', home.read('.bash_profile').trimEnd())
      expect(await status()).toMatchObject({ exitCode: 0, document: { problems: [] } })
    },
  )

  it.each([
    ['zsh', '/usr/bin/zsh'],
    ['fish', '/usr/bin/fish'],
    ['a shell that is not known', '/opt/osh'],
  ])('exit 3 where the login shell has become %s', async (_, accountShell) => {
    await setup([], { accountShell: '/bin/bash' })
    // $SHELL proves nothing: a cron job has its own.
    expect(await status({ accountShell: '/usr/bin/bash', env: { SHELL: '/bin/sh' } })).toMatchObject({ exitCode: 0 })
    const { exitCode, document } = await status({ accountShell })
    expect([exitCode, document.problems]).toEqual([
      3,
      [`Your login shell was changed to ${accountShell} after the setup, and it loads nothing.`],
    ])
  })

  it('is ready where it has become one whose profile has the block, or was another from the start', async () => {
    await setup(['--shell', 'zsh'], { accountShell: '/bin/bash' })
    expect((await status({ accountShell: '/bin/bash' })).exitCode).toBe(0)
    expect((await status({ accountShell: '/usr/bin/zsh' })).exitCode).toBe(0)
    await setup(['--rc-file', 'mine'], { accountShell: '/bin/bash' })
    expect((await status({ accountShell: '/usr/bin/fish' })).exitCode).toBe(0)
  })

  it('names both values where both are damaged', async () => {
    await setup()
    for (const name of ['access-token', 'connection-string']) home.write(`.config/acs-env/${name}`, 'garbage\n')
    expect((await status()).document.problems).toEqual([
      'The stored access token is damaged.',
      'The stored connection string is damaged.',
    ])
  })

  it('does not know of new terminals where ~/.zshenv leads them to another profile since', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    await setupAndLook([], { env })
    home.write('z/.zshrc', 'mine\n')
    const zshenv = home.write('.zshenv', 'ZDOTDIR=~/z\n')
    expect(await status({ env })).toMatchObject({
      exitCode: 0,
      document: { problems: [], new_shell: { outcome: 'seen', changed_since: [zshenv] } },
    })
    await setupAndLook([], { env })
    expect(home.read('z/.zshrc')).toContain('>>> acs-env >>>')
    expect((await acs(['status'], { env })).stdout).toMatch(/^✓ Ready\./)
  })

  it('does not know of new terminals where a start-up file was changed while they were looked at', async () => {
    home.write('.bash_profile', '[ -e ~/.bash_login ] || echo mine > ~/.bash_login\n')
    const { stderr } = await setupAndLook()
    expect(stderr).toContain('~/.bash_login changed since new terminals were looked at')
    expect((await status()).document.new_shell).toMatchObject({
      outcome: 'seen',
      changed_since: [join(home.path, '.bash_login')],
    })
  })

  it('reads the profiles where none is remembered that would have been seen', async () => {
    await setupAndLook()
    const state = JSON.parse(home.read('.config/acs-env/state.json')) as object
    home.write('.config/acs-env/state.json', JSON.stringify({ ...state, profiles: [] }))
    const problem = 'No profile has the acs-env block, so new shells load nothing.'
    expect(await status()).toMatchObject({ exitCode: 3, document: { problems: [problem] } })
    home.write('.config/acs-env/state.json', JSON.stringify({ ...state, profiles: ['~/.bash_login'] }))
    expect(await status()).toMatchObject({ exitCode: 3, document: { problems: [/~\/\.bash_login does not exist/] } })
  })

  it('is ready in a cron job, which has no $ZDOTDIR', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    home.write('z/.zshrc', 'mine\n')
    await setup([], { env: { ...env, ZDOTDIR: join(home.path, 'z') } })
    expect(await status({ env })).toMatchObject({ exitCode: 0, document: { problems: [] } })
  })

  it('does not ask zsh, which may hang', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    await setupAndLook([], { env })
    const zshenv = home.write('.zshenv', 'ZDOTDIR=~/z; sleep 20\n')
    let starts = 0
    const hanging: WorldOptions = { env, run: async () => ((starts += 1), { kind: 'timed-out' }) }
    expect(await status(hanging)).toMatchObject({ exitCode: 0, document: { new_shell: { changed_since: [zshenv] } } })
    rmSync(join(home.path, '.config/acs-env/state.json'))
    expect((await acs(['token'], hanging)).stdout).toBe(`${stored('access-token')}\n`)
    expect((await acs(['unset'], hanging)).exitCode).toBe(0)
    expect(starts).toBe(0)
  })

  describe('after new terminals were looked at', () => {
    const CHANGED =
      '~/.bash_profile changed since new terminals were looked at, so whether they have them is not known.'

    it.each<[string, (profile: string) => string]>([
      ['the block is never reached', (profile) => `if true; then\n${profile}`],
      ['a later line sets it again', (profile) => `${profile}${TOKEN}=$(echo old)\n`],
      ['a later line exports it again', (profile) => `${profile}export ${TOKEN}=old\n`],
      ['the shell leaves before the block', (profile) => `exec fish\n${profile}`],
      ['the lines of the block are comments', (profile) => profile.replaceAll(/^(?!# [<>])/gm, '#')],
      ['the block sets a value of its own', (profile) => profile.replace('# <<<', `export ${TOKEN}=old\n# <<<`)],
      ['the profile has Windows line endings', (profile) => profile.replaceAll('\n', '\r\n')],
    ])('says that nobody knows where %s, and setup puts it right', async (_, spoil) => {
      await setupAndLook()
      const profile = home.write('.bash_profile', spoil(home.read('.bash_profile')))
      expect(await status()).toMatchObject({
        exitCode: 0,
        document: { ready: true, problems: [], new_shell: { outcome: 'seen', changed_since: [profile] } },
      })
      const { stdout } = await acs(['status'])
      expect(stdout).toMatch(/^✓ Stored\.\n/)
      expect(stdout).toContain(CHANGED)
      expect(stdout).toMatch(/\n"\S+ doctor" opens new ones and looks\.\n$/)
      await setupAndLook()
      expect((await acs(['status'])).stdout).toMatch(/^✓ Ready\.\n/)
      expect((await status()).document.new_shell).toMatchObject({ outcome: 'seen', changed_since: [] })
    })

    it.each([
      [`readonly ${TOKEN}=old\n`, /^~\/\.bash_profile makes \w+ read-only in line \d+, .* Take that line out\.$/],
      ['exit\n', /^A new login shell ends .*, in line \d+ of ~\/\.bash_profile \(exit\)\. Take that line out\.$/],
    ])('exit 3 as long as a line is there that setup cannot put right: %j', async (line, problem) => {
      home.write('.bash_profile', line)
      const run = await acs(['setup', '--connection-string', emulator.connectionString])
      expect(run.exitCode).toBe(3)
      const { exitCode, document } = await status()
      expect([exitCode, document.ready, document.problems]).toEqual([3, false, [expect.stringMatching(problem)]])
      expect(run.stderr).toContain(String(document.problems))
      const { stdout } = await acs(['status'])
      expect(stdout).toMatch(/^✗ Not ready\.\n/)
      expect(stdout).not.toContain('puts')
      const profile = home.write('.bash_profile', home.read('.bash_profile').replace(line, ''))
      expect(await status()).toMatchObject({
        exitCode: 0,
        document: { problems: [], new_shell: { outcome: 'not-seen', changed_since: [profile] } },
      })
      await setupAndLook()
      expect((await acs(['status'])).stdout).toMatch(/^✓ Ready\.\n/)
    })

    it('exit 3 where zsh reads another value later, and says what setup puts right besides', async () => {
      const env = { SHELL: '/usr/bin/zsh' }
      home.write('.zlogin', `# mine\nexport ${TOKEN}=$(echo old)\n`)
      expect((await acs(['setup', '--connection-string', emulator.connectionString], { env })).exitCode).toBe(3)
      const { exitCode, document } = await status({ env })
      expect([exitCode, document.problems]).toEqual([
        3,
        [`~/.zlogin sets ${TOKEN} again in line 2, after the acs-env block. Take that line out.`],
      ])
      expect((await acs(['status'], { env })).stdout).not.toContain('puts')
      home.write('.config/acs-env/access-token', 'abc')
      expect((await acs(['status'], { env })).stdout).toMatch(/^Then "\S+ setup" puts the rest right\.$/m)
    })
  })

  it('says that setup puts it right only where it does, and else what to change', async () => {
    await setup()
    const profile = home.read('.bash_profile')
    home.write('.bash_profile', 'mine\n')
    expect((await acs(['status'])).stdout).toMatch(/^"\S+ setup" puts this right\.$/m)
    home.write('.bash_profile', `${profile}# <<< acs-env <<<\n`)
    const { stdout } = await acs(['status'])
    expect(stdout).toMatch(/not one pair .*; leave one pair/)
    expect(stdout).not.toContain('puts')
    expect((await acs(['setup', '--no-verify', '--json'])).exitCode).toBe(1)
    expect((await status()).exitCode).toBe(3)
  })

  it('exit 3 where the connection string has become that of another resource, whose endpoint it shows', async () => {
    await setup()
    const other = 'endpoint=https://other.example/;accesskey=' + 'QUJD'.repeat(20)
    home.write('.config/acs-env/connection-string', other)
    const { exitCode, document } = await status()
    expect([exitCode, document.problems]).toEqual([
      3,
      [`The access token is one of ${new URL(emulator.endpoint).host}, the connection string one of other.example.`],
    ])
    expect((await acs(['status'])).stdout).toMatch(/endpoint +https:\/\/other\.example\//)
    // Nothing is remembered of a token that came with it.
    home.write('.config/acs-env/access-token', `${stored('access-token').slice(0, -8)}AAAAAAAA`)
    expect((await status()).exitCode).toBe(0)
  })

  it('exit 3 where the token has expired', async () => {
    await setup(['--expires-in', '60'])
    const { exitCode, document } = await status({ now: () => new Date(Date.now() + 2 * 3_600_000) })
    expect([exitCode, document.problems]).toEqual([3, ['The access token has expired.']])
    expect(document.expires_in_seconds).toBeLessThan(0)
  })

  it('shows it to people without a secret', async () => {
    await setupAndLook()
    const run = await acs(['status'])
    expect(run.stdout).toMatch(/✓ Ready\./)
    expect(run.stdout).toMatch(/expires +\d+ \w+ \d+ \d\d:\d\d \(in 24 h\)/)
    expect(run.stdout).not.toContain(stored('access-token').slice(0, 12))
    expect(run.stdout).not.toContain(stored('connection-string').slice(-20))
    expect(statSync(join(home.path, '.config/acs-env')).mode & 0o777).toBe(0o700)
  })
})
