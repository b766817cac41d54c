import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
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
  done(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args], options)

/** Everything below the home: what it is, its mode, and its bytes or where it points to. */
function snapshot(): readonly (readonly [path: string, mode: number, contents: string])[] {
  return home.list().map((path) => {
    const full = join(home.path, path)
    const stats = lstatSync(full)
    const contents = stats.isFile() ? readFileSync(full, 'latin1') : stats.isSymbolicLink() ? 'link' : 'directory'
    return [path, stats.mode & 0o777, contents]
  })
}

/** As if the stored pair were one of this resource. */
function storeInstead(connectionString: string): void {
  home.write('.config/acs-env/connection-string', connectionString)
  const state = JSON.parse(home.read('.config/acs-env/state.json')) as object
  const endpoint = /endpoint=([^;]*)/.exec(connectionString)?.[1]
  home.write('.config/acs-env/state.json', JSON.stringify({ ...state, endpoint }))
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

  it('gives a line back beside the block where the lines between the two were edited', async () => {
    home.write('.bash_profile', `a\nexport ${TOKEN}="x"\nb\n`)
    await setup()
    home.write('.bash_profile', home.read('.bash_profile').replace(/^a$/m, 'a new one'))
    await done(['unset'])
    expect(home.read('.bash_profile')).toBe(`export ${TOKEN}="x"\na new one\nb\n`)
  })

  it('never gives a line back in the middle of another', async () => {
    home.write('.bash_profile', `a\nexport ${TOKEN}="x"`)
    await setup()
    home.write('.bash_profile', home.read('.bash_profile').replace(/^a\n/m, 'ab\n'))
    await done(['unset'])
    expect(home.read('.bash_profile')).toBe(`export ${TOKEN}="x"\nab\n`)
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
    // A repository of the home must not get the line.
    const kept = ['.gitignore', 'restore.json'].map((name) => `.config/acs-env/${name}`)
    expect(home.list()).toEqual(['.config', '.config/acs-env', ...kept])
    home.write('.bash_profile', '')
    await done(['unset'])
    expect([home.read('.bash_profile'), home.list()]).toEqual([
      `export ${TOKEN}="mine"\n`,
      ['.bash_profile', '.config'],
    ])
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

  it.each(['{"/x":{}}', '{"version":"2","profiles":{}}', '{"version":1,"profiles":{"~/.bash_profile":{}}}', 'rubbish'])(
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
    storeInstead(service.connectionString)
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
    storeInstead(stranger.connectionString)
    const values = (): unknown => snapshot().filter(([path]) => !path.endsWith('state.json'))
    const before = values()
    expect(await acs(['unset', '--revoke'], { env })).toMatchObject({ exitCode: 4, stdout: '' })
    expect(values()).toEqual(before)
    await stranger.close()
    storeInstead(emulator.connectionString)
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

  describe('after the service has revoked', () => {
    let onRequest: () => void
    let service: FaultyService
    beforeEach(async () => {
      onRequest = () => undefined
      service = await startFaultyService((...[, response]) => {
        onRequest()
        response.writeHead(204).end()
      })
      await setup()
      storeInstead(service.connectionString)
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
      ['--revoke', 'the tokens are revoked already', 'revoked'],
      ['--delete-user', 'the identity is deleted already', 'deleted'],
    ])('%s says so where the files then fail, and the token counts as expired', async (option, already, reason) => {
      onRequest = () => home.write('.bash_profile', '# >>> acs-env >>>\n')
      const run = await acs(['unset', option, '--yes'])
      expect([run.exitCode, run.stderr]).toEqual([
        1,
        expect.stringMatching(/^warning: .*\nerror: ~\/\.bash_profile: The acs-env markers are not one pair.*\nhint: /),
      ])
      expect(run.stderr.split('\n')[0]).toBe(`warning: ${already}, and what is stored could not be removed.`)
      expect(JSON.parse(home.read('.config/acs-env/state.json'))).toMatchObject({ invalidated: { reason } })
    })
  })

  it.each([
    ['--revoke', 'the tokens were revoked'],
    ['--delete-user', 'the identity was deleted'],
  ])('%s that is cancelled while it asks the service removes nothing, and says what it knows', async (option, what) => {
    await setup()
    const service = await startFaultyService(() => undefined)
    storeInstead(service.connectionString)
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
