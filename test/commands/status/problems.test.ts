import { rmSync, statSync, symlinkSync } from 'node:fs'
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
  const EDITED = /^The acs-env block in ~\/\.bash_profile was edited/
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
    await done(['setup', '--token-only'])
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

  it.each<[string, (path: (name: string) => string) => void, RegExp]>([
    [
      'a value file is gone',
      (path) => home.write(path('access-token'), ''),
      /AZURE_COMMUNICATION_ACCESS_TOKEN is not stored/,
    ],
    ['the profile is gone', () => rmSync(join(home.path, '.bash_profile')), /~\/\.bash_profile does not exist/],
    ['a ~/.bashrc came later', () => void home.write('.bashrc', 'mine'), /~\/\.bashrc is newer than the setup/],
    [
      'the stored access token is damaged',
      (path) => void home.write(path('access-token'), 'abc'),
      /access token is damaged/,
    ],
    [
      'the block is never reached',
      () => void home.write('.bash_profile', `if true; then\n${home.read('.bash_profile')}`),
      /stands inside what begins in line 1/,
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
      'a later line sets it again',
      () => home.write('.bash_profile', `${home.read('.bash_profile')}export ${TOKEN}=old\n`),
      /sets AZURE_COMMUNICATION_ACCESS_TOKEN again in line \d+/,
    ],
    [
      'the shell leaves before the block',
      () => home.write('.bash_profile', `exec fish\n${home.read('.bash_profile')}`),
      /says "exec" in line 1/,
    ],
    [
      'somebody took a statement out of the block',
      () => home.write('.bash_profile', home.read('.bash_profile').replaceAll(/.*ACCESS_TOKEN.*\n/g, '')),
      /does not set AZURE_COMMUNICATION_ACCESS_TOKEN/,
    ],
    ['the lines of the block are comments', () => editBlock((lines) => lines.replaceAll(/^/gm, '#')), EDITED],
    ['the block sets a value of its own', () => editBlock((lines) => `${lines}\nexport ${TOKEN}=old`), EDITED],
    [
      'the profile has Windows line endings',
      () => home.write('.bash_profile', home.read('.bash_profile').replaceAll('\n', '\r\n')),
      EDITED,
    ],
    [
      'a value has a carriage return that a shell keeps',
      (path) => home.write(path('connection-string'), `${home.read(path('connection-string'))}\r\n`),
      /connection-string ends with a carriage return, which shells take for a part of AZURE_COMM\w+/,
    ],
  ])('exit 3 where %s', async (_, spoil, problem) => {
    await setup()
    spoil((name) => `.config/acs-env/${name}`)
    const { exitCode, document } = await status()
    expect([exitCode, document.ready, String(document.problems)]).toEqual([3, false, expect.stringMatching(problem)])
  })

  it.each(['', '--inline'])(
    'is ready where the block says the same in a layout of its own: setup %s',
    async (option) => {
      home.write('.profile', 'mine\n')
      await setup(option === '' ? [] : [option])
      expect(home.read('.bash_profile')).toContain('. ~/.profile')
      editBlock((lines) => `# mine\n\n${lines}`)
      home.write('.bash_profile', home.read('.bash_profile').trimEnd())
      expect((await status()).document.problems).toEqual([])
      editBlock((lines) => lines.replace('  . ~/.profile', '  . ~/mine'))
      expect((await status()).document.problems).toEqual([expect.stringMatching(EDITED)])
    },
  )

  it.each([
    ['zsh', '/usr/bin/zsh'],
    ['a shell that is not known', '/usr/bin/fish'],
  ])('exit 3 where the login shell has become %s', async (_, accountShell) => {
    await setup([], { accountShell: '/bin/bash' })
    // What $SHELL says is no witness: a cron job has its own.
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

  it('exit 3 where $ZDOTDIR leads to another profile since', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    await setup([], { env })
    home.write('z/.zshrc', 'mine\n')
    const moved = { ...env, ZDOTDIR: join(home.path, 'z') }
    expect((await status({ env: moved })).document.problems).toEqual([
      '~/z/.zshrc is newer than the setup and has no acs-env block.',
    ])
    rmSync(join(home.path, 'z/.zshrc'))
    expect((await status({ env: moved })).document.problems).toEqual([
      'New shells read ~/z/.zshrc since the setup, which does not exist.',
    ])
    symlinkSync('../.zshrc', join(home.path, 'z/.zshrc'))
    expect((await status({ env: moved })).exitCode).toBe(0)
  })

  it('is ready in a cron job, which has no $ZDOTDIR', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    home.write('z/.zshrc', 'mine\n')
    await setup([], { env: { ...env, ZDOTDIR: join(home.path, 'z') } })
    expect(await status({ env })).toMatchObject({ exitCode: 0, document: { problems: [] } })
  })

  it('exit 3 where zsh does not say which profile it reads', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    await setup([], { env })
    home.write('.zshenv', 'ZDOTDIR=~/z; sleep 20\n')
    const hanging: WorldOptions = { env, run: async () => ({ kind: 'timed-out' }) }
    expect(await status(hanging)).toMatchObject({
      exitCode: 3,
      document: { problems: [expect.stringMatching(/^zsh did not start within 5 seconds, .*; see what ~\/\.zshenv/)] },
    })
    rmSync(join(home.path, '.config/acs-env/state.json'))
    expect((await acs(['token'], hanging)).stdout).toBe(`${stored('access-token')}\n`)
    expect((await acs(['unset'], hanging)).exitCode).toBe(0)
  })

  it('exit 3 where zsh reads another value later', async () => {
    const env = { SHELL: '/usr/bin/zsh' }
    await setup([], { env })
    home.write('.zlogin', `# mine\nexport ${TOKEN}=old\n`)
    const { exitCode, document } = await status({ env })
    expect([exitCode, document.problems]).toEqual([
      3,
      [`~/.zlogin sets ${TOKEN} in line 2, after the acs-env block: that value wins; take that line out.`],
    ])
    expect((await acs(['status'], { env })).stdout).not.toContain('puts')
    rmSync(join(home.path, '.zshrc'))
    expect((await acs(['status'], { env })).stdout).toMatch(/^Then "\S+ setup" puts the rest right;/m)
  })

  it('says that setup puts it right only where it does, and else what to change', async () => {
    await setup()
    const profile = home.read('.bash_profile')
    const told = async (text: string): Promise<string> => {
      home.write('.bash_profile', text)
      return (await acs(['status'])).stdout
    }
    expect(await told('mine\n')).toMatch(/^"\S+ setup" puts this right;/m)
    for (const [text, advice] of [
      [`${profile}# <<< acs-env <<<\n`, /not one pair .*; leave one pair/],
      [`exit\n${profile}`, /"exit" in line 1, before the acs-env block; take it out, or move the block above it\./],
      [`if true; then\n${profile}fi\n`, /line 1, .*; move the block out of it\./],
      [`${profile}${TOKEN}=$(old)\n`, /that value wins; take that line out\./],
    ] as const) {
      const stdout = await told(text)
      expect(stdout).toMatch(advice)
      expect(stdout).not.toContain('puts')
      expect((await acs(['setup', '--json'])).exitCode === 0 && (await acs(['status'])).exitCode === 0).toBe(false)
    }
    // A plain export is taken over.
    expect(await told(`${profile}export ${TOKEN}=old\n`)).toMatch(/puts this right;/)
    await setup()
    expect((await status()).exitCode).toBe(0)
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
    // Of a token that came with it nothing is remembered.
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
    await setup()
    const run = await acs(['status'])
    expect(run.stdout).toMatch(/✓ Ready\./)
    expect(run.stdout).toMatch(/expires +\d+ \w+ \d+ \d\d:\d\d \(in 24 h\)/)
    expect(run.stdout).not.toContain(stored('access-token').slice(0, 12))
    expect(run.stdout).not.toContain(stored('connection-string').slice(-20))
    expect(statSync(join(home.path, '.config/acs-env')).mode & 0o777).toBe(0o700)
  })
})
