import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import { json, startFaultyService, type FaultyService } from '../support/doubles/faulty-service.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'
import { readInShell } from '../support/programs/login-shell.ts'
import { runInTerminal } from '../support/programs/pty.ts'

const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'

async function done(args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  const run = await acs(args, options)
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  return run
}

const setup = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  done(['setup', '--connection-string', emulator.connectionString, ...args], options)

/** Everything below the home: what it is, its mode, and its bytes or where it points to. */
function snapshot(): readonly unknown[] {
  return home.list().map((path) => {
    const full = join(home.path, path)
    const stats = lstatSync(full)
    const contents = stats.isFile() ? readFileSync(full, 'latin1') : stats.isSymbolicLink() ? 'link' : 'directory'
    return [path, stats.mode & 0o777, contents]
  })
}

describe('setup and then unset', () => {
  const homes: readonly (readonly [string, () => void])[] = [
    ['an empty home', () => undefined],
    ['a home with an empty profile', () => home.write('.bash_profile', '')],
    ['a profile with its lines', () => home.write('.bash_profile', 'a\nb\n')],
    ['a profile without a final line ending', () => home.write('.bash_profile', 'a\nb')],
    [
      'CRLF, invalid UTF-8 and a byte order mark',
      () => home.write('.bash_profile', Buffer.from('\xef\xbb\xbfa\r\n\xff\xfe', 'latin1')),
    ],
    [
      'hand-written exports in two places',
      () => home.write('.bash_profile', `a\nexport ${TOKEN}="x"\nb\nexport ${CONNECTION_STRING}='y'\nc`),
    ],
    [
      'Debian’s files',
      () => {
        home.write('.profile', '. ~/.bashrc\n')
        home.write('.bashrc', `case $- in *i*) ;; *) return ;; esac\nexport ${TOKEN}=old\n`)
      },
    ],
    [
      'a profile behind symbolic links',
      () => {
        home.write('dotfiles/profile', 'mine\n')
        symlinkSync('dotfiles/profile', join(home.path, '.bash_profile'))
      },
    ],
    [
      'a link to a profile that is not there yet',
      () => {
        mkdirSync(join(home.path, 'dotfiles'))
        symlinkSync('dotfiles/profile', join(home.path, '.bash_profile'))
      },
    ],
    ['a ~/.config with other things in it', () => home.write('.config/other/file', 'mine')],
    ['a private profile', () => chmodSync(home.write('.bash_profile', 'a\n'), 0o600)],
  ]

  it.each(homes)('leaves %s exactly as it was', async (_, prepare) => {
    prepare()
    const before = snapshot()
    await setup()
    expect(snapshot()).not.toEqual(before)
    await done(['unset'])
    expect(snapshot()).toEqual(before)
  })

  it.each(homes)('with --inline, twice and for two shells, leaves %s exactly as it was', async (_, prepare) => {
    prepare()
    const before = snapshot()
    await setup(['--inline'])
    await setup(['--as', 'ACS'])
    await setup(['--inline', '--shell', 'zsh'])
    await done(['refresh'])
    await done(['unset'])
    expect(snapshot()).toEqual(before)
  })

  it('keeps what was written around the block in the meantime', async () => {
    home.write('.bash_profile', `a\nexport ${TOKEN}="x"\nb`)
    await setup()
    home.write('.bash_profile', `new first\n${home.read('.bash_profile')}\nnew last\n`)
    await done(['unset'])
    expect(home.read('.bash_profile')).toBe(`new first\na\nexport ${TOKEN}="x"\nb\nnew last\n`)
  })

  it('keeps a file that was created and then filled by somebody', async () => {
    await setup()
    home.write('.bash_profile', `${home.read('.bash_profile')}mine\n`)
    await done(['unset'])
    expect([home.list(), home.read('.bash_profile')]).toEqual([['.bash_profile'], 'mine\n'])
  })

  it('leaves the hand-over in a file that others have filled, so that ~/.profile is read as before', async () => {
    home.write('.profile', 'export FROM_PROFILE=1\n')
    await setup()
    home.write('.bash_profile', `${home.read('.bash_profile')}export MINE=1\n`)
    await done(['unset'])
    expect(home.read('.bash_profile')).not.toContain('>>>')
    const names = ['FROM_PROFILE', 'MINE', TOKEN]
    expect(readInShell('bash', ['-l', '-c'], home.path, names).values).toEqual(['1', '1', undefined])
  })

  it('works in a home that was moved', async () => {
    home.write('.bash_profile', `a\nexport ${TOKEN}="x"\n`)
    await setup()
    const moved = join(home.path, '../moved')
    renameSync(home.path, moved)
    expect((await runInWorld(['unset'], moved)).exitCode).toBe(0)
    renameSync(moved, home.path)
    expect([home.list(), home.read('.bash_profile')]).toEqual([['.bash_profile'], `a\nexport ${TOKEN}="x"\n`])
  })

  it('keeps a line that it cannot give back, and says where', async () => {
    home.write('.bash_profile', `export ${TOKEN}="mine"\n`)
    await setup()
    rmSync(join(home.path, '.bash_profile'))
    const run = await done(['unset'])
    expect(run.stderr).toMatch(
      /warning: ~\/\.bash_profile does not exist any more; .* stays in ~\/\.config\/acs-env\/restore\.json/,
    )
    expect(home.list()).toEqual(['.config', '.config/acs-env', '.config/acs-env/restore.json'])
  })

  it('works where the profile is a link to another profile, and the state is lost', async () => {
    home.write('.bashrc', 'mine\n')
    symlinkSync('.bashrc', join(home.path, '.bash_profile'))
    const before = snapshot()
    await setup()
    rmSync(join(home.path, '.config/acs-env/state.json'))
    await done(['unset'])
    expect(snapshot().slice(0, 2)).toEqual(before)
  })

  it.each(['{"/x":{}}', '{"version":2,"profiles":{}}', '{"version":1,"profiles":{"~/.bash_profile":{}}}', 'rubbish'])(
    'refuses a damaged record and changes nothing: %s',
    async (contents) => {
      await setup()
      home.write('.config/acs-env/restore.json', contents)
      const before = snapshot()
      for (const command of [['unset'], ['setup']]) {
        const run = await acs(command)
        expect([run.exitCode, run.stderr]).toEqual([
          1,
          expect.stringMatching(/^error: .*restore\.json cannot be understood\.\nhint: /),
        ])
      }
      expect(snapshot()).toEqual(before)
    },
  )

  it('removes what runs that were killed have left, with the values in it', async () => {
    await setup()
    const temporary = '.acs-env-0123456789ab'
    home.write(`.config/acs-env/.access-token${temporary}`, 'secret')
    home.write(`..bash_profile${temporary}`, 'secret')
    home.write(`.somebody-elses${temporary}`, 'kept')
    await done(['unset'])
    expect(home.list()).toEqual([`.somebody-elses${temporary}`])
  })

  it('takes a dead lock away with its directories', async () => {
    home.write('.config/acs-env/lock', '4194305')
    await done(['unset'])
    expect(home.list()).toEqual(['.config'])
  })

  it('returns an export even where the block was deleted by hand', async () => {
    home.write('.bash_profile', `a\nexport ${TOKEN}="x"\n`)
    await setup()
    home.write('.bash_profile', 'a\n')
    await done(['unset'])
    expect(home.read('.bash_profile')).toBe(`a\nexport ${TOKEN}="x"\n`)
  })
})

describe('unset', () => {
  it('tells programs what it removed', async () => {
    await setup()
    const run = await done(['unset', '--json'])
    expect(JSON.parse(run.stdout)).toEqual({
      removed: [
        { name: CONNECTION_STRING, where: join(home.path, '.config/acs-env/connection-string') },
        { name: TOKEN, where: join(home.path, '.config/acs-env/access-token') },
      ],
      revoked: false,
      user_deleted: false,
    })
  })

  it('with nothing stored does nothing: 0', async () => {
    const run = await done(['unset'])
    expect([run.stderr, home.list()]).toEqual(['Nothing is stored.\n', []])
    expect(JSON.parse((await done(['unset', '--json'])).stdout)).toEqual({
      removed: [],
      revoked: false,
      user_deleted: false,
    })
  })

  it('--dry-run shows it and changes nothing', async () => {
    await setup()
    const before = snapshot()
    const run = await done(['unset', '--dry-run'])
    expect(run.stdout).toMatch(/~\/\.config\/acs-env\/access-token\n {4}- \(the file goes away\)/)
    expect(snapshot()).toEqual(before)
  })

  it.each([
    ['--revoke', 'Would revoke all tokens of ', false],
    ['--delete-user', 'Would delete ', true],
  ])('--dry-run %s tells what the service would do, and asks nothing of it', async (option, sentence, deletes) => {
    await setup()
    const userId = (JSON.parse(home.read('.config/acs-env/state.json')) as { user_id: string }).user_id
    const service = await startFaultyService(json(500, {}))
    home.write('.config/acs-env/connection-string', service.connectionString)
    const before = snapshot()
    const plain = await done(['unset', '--dry-run'])
    const run = await done(['unset', '--dry-run', option])
    expect(run.stdout.slice(0, plain.stdout.length)).toBe(plain.stdout)
    expect(run.stdout.slice(plain.stdout.length)).toContain(`${sentence}${userId}`)
    const document = JSON.parse((await done(['unset', '--dry-run', option, '--json'])).stdout) as object
    expect(document).toMatchObject({ dry_run: true, user_id: userId, revokes: true, deletes_user: deletes })
    const plainDocument = (await done(['unset', '--dry-run', '--json'])).stdout
    expect(document).toMatchObject(JSON.parse(plainDocument) as object)
    expect(plainDocument).not.toContain('revokes')
    expect([snapshot(), service.requests()]).toEqual([before, 0])
    await service.close()
  })

  it.each(['--revoke', '--delete-user'])(
    '%s with nothing stored is wrong usage, with --dry-run too',
    async (option) => {
      for (const args of [[], ['--dry-run'], ['--dry-run', '--json']])
        expect(await acs(['unset', option, '--yes', ...args])).toMatchObject({ exitCode: 2, stdout: '' })
    },
  )

  it('--revoke says in its question what cannot be undone', async (context) => {
    await setup()
    const userId = (JSON.parse(home.read('.config/acs-env/state.json')) as { user_id: string }).user_id
    const run = runInTerminal(['unset', '--revoke'], { home: home.path, nodePath: process.execPath, columns: 300 })
    context.onTestFinished(() => run.kill('SIGKILL'))
    await run.waitFor(`Go ahead, and revoke all tokens of ${userId}?`)
    run.type('n')
    expect((await run.exit()).exitCode).toBe(130)
  })

  it('--revoke revokes at the service, and keeps everything where that fails', async () => {
    await setup()
    const { user_id } = JSON.parse(home.read('.config/acs-env/state.json')) as { user_id: string }
    const stranger = await startEmulator({ port: 0 })
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: stranger.connectionString }
    home.write('.config/acs-env/connection-string', stranger.connectionString)
    const before = snapshot()
    expect(await acs(['unset', '--revoke'], { env })).toMatchObject({ exitCode: 4, stdout: '' })
    expect(snapshot()).toEqual(before)
    await stranger.close()
    home.write('.config/acs-env/connection-string', emulator.connectionString)
    const run = await done(['unset', '--revoke', '--json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ revoked: true, user_deleted: false })
    const issued = ['issue', '--scope', 'chat', '--user', user_id, '--connection-string', emulator.connectionString]
    await done(issued)
  })

  it('--delete-user needs --yes without a terminal, and then deletes the identity', async () => {
    await setup()
    const { user_id } = JSON.parse(home.read('.config/acs-env/state.json')) as { user_id: string }
    const before = snapshot()
    expect(await acs(['unset', '--delete-user'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/hint: give --yes/),
    })
    expect(snapshot()).toEqual(before)
    const run = await done(['unset', '--delete-user', '--yes', '--json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ revoked: true, user_deleted: true })
    const issued = ['issue', '--scope', 'chat', '--user', user_id, '--connection-string', emulator.connectionString]
    expect((await acs(issued)).exitCode).toBe(4)
  })

  describe('once the service was told', () => {
    let onRequest: () => void
    let service: FaultyService
    beforeEach(async () => {
      onRequest = () => undefined
      service = await startFaultyService((...[, response]) => {
        onRequest()
        response.writeHead(204).end()
      })
      await setup()
      home.write('.config/acs-env/connection-string', service.connectionString)
    })
    afterEach(() => service.close())

    it.each(['--revoke', '--delete-user'])('%s removes everything, though a signal comes then', async (option) => {
      const { signal } = new AbortController()
      let isAborted = false
      Object.defineProperty(signal, 'aborted', { get: () => isAborted })
      onRequest = () => (isAborted = true)
      await done(['unset', option, '--yes'], { interruptible: (work) => work(signal) })
      expect(home.list()).toEqual([])
    })

    it.each([
      ['--revoke', 'The tokens are revoked already.'],
      ['--delete-user', 'The identity is deleted already.'],
    ])('%s says so where the files then fail', async (option, already) => {
      onRequest = () => home.write('.bash_profile', '# >>> acs-env >>>\n')
      const run = await acs(['unset', option, '--yes'])
      expect([run.exitCode, run.stderr]).toEqual([
        1,
        expect.stringMatching(/^error: ~\/\.bash_profile: The acs-env markers are not one pair[^\n]*\nhint: /),
      ])
      expect(run.stderr.split('\n')[0]).toContain(`. ${already}`)
    })
  })

  it.each([
    ['--revoke', 'the tokens were revoked'],
    ['--delete-user', 'the identity was deleted'],
  ])('%s that is cancelled while it asks the service removes nothing, and says what it knows', async (option, what) => {
    await setup()
    const service = await startFaultyService(() => undefined)
    home.write('.config/acs-env/connection-string', service.connectionString)
    const before = snapshot()
    const run = await runBuilt(['unset', option, '--yes'], {
      home: home.path,
      interrupts: { signal: 'SIGTERM', when: () => service.requests() > 0 },
    })
    await service.close()
    expect(run).toMatchObject({ exitCode: 130, stdout: '', stderr: `Cancelled; whether ${what} is not known.\n` })
    expect(snapshot()).toEqual(before)
  })

  it('refuses broken markers, and changes nothing', async () => {
    await setup()
    home.write('.bash_profile', home.read('.bash_profile').replace('# <<< acs-env <<<\n', ''))
    const before = snapshot()
    const run = await acs(['unset'])
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringMatching(/~\/\.bash_profile: The acs-env markers are not one pair/),
    ])
    expect(snapshot()).toEqual(before)
  })

  it('deletes the variables from the registry of Windows, and no others', async () => {
    const registry = makeWindowsRegistry()
    registry.values.set('Path', '%X%')
    const windows: WorldOptions = {
      platform: 'win32',
      env: { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` },
      run: registry.run,
    }
    await setup(['--as', 'ACS'], windows)
    const run = await done(['unset', '--json'], windows)
    expect((JSON.parse(run.stdout) as { removed: { name: string }[] }).removed.map(({ name }) => name)).toEqual([
      TOKEN,
      CONNECTION_STRING,
      'ACS',
    ])
    expect([...registry.values]).toEqual([['Path', '%X%']])
    expect(home.list()).toEqual([])
  })
})

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
