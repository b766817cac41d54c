import { chmodSync, existsSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  json,
  MARKED_KEY,
  startFaultyService,
  startSilentService,
  unusedPort,
  type Answer,
} from '../support/doubles/faulty-service.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import type { WorldOptions } from '../support/homes/world.ts'
import { runBuilt, unhurriedMs } from '../support/programs/built.ts'
import { readInShell } from '../support/programs/login-shell.ts'

/** Every failure is reported within this time. */
const LIMIT_MS = 15_000

const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

interface RefreshDocument {
  readonly user_id: string
  readonly scopes: readonly string[]
  readonly expires_on: string
  readonly renewed: boolean
  readonly stored: readonly { readonly name: string; readonly where: string }[]
  readonly activate: string
}

const setup = (args: readonly string[] = [], options: WorldOptions = {}): Promise<void> =>
  setupAndLook(['--no-verify', ...args], options)

/** Also opens new shells, which takes a while. */
async function setupAndLook(args: readonly string[] = [], options: WorldOptions = {}): Promise<void> {
  const run = await acs(['setup', '--connection-string', emulator.connectionString, ...args], options)
  expect(run.exitCode).toBe(0)
}

async function refresh(args: readonly string[] = [], options: WorldOptions = {}): Promise<RefreshDocument> {
  const run = await acs(['refresh', '--json', ...args], options)
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  return JSON.parse(run.stdout) as RefreshDocument
}

const stored = (name: string): string => home.read(`.config/acs-env/${name}`)
const edit = (name: string, change: (text: string) => string): void => {
  home.write(`.config/acs-env/${name}`, change(stored(name)))
}
/** From now on the resource is there: as if its service had moved. */
const pointTo = (own: TestHome, connectionString: string): void => {
  const endpoint = /endpoint=([^;]+)/.exec(connectionString)?.[1] ?? ''
  own.write('.config/acs-env/connection-string', connectionString)
  own.write(
    '.config/acs-env/state.json',
    own.read('.config/acs-env/state.json').replace(/"endpoint": "[^"]+"/, `"endpoint": "${endpoint}"`),
  )
}
const claims = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

describe('a renewal', () => {
  it('keeps identity, scopes and lifetime, and touches no profile', async () => {
    await setup(['--scope', 'voip', '--expires-in', '2h'])
    const before = stored('access-token')
    const profile = join(home.path, '.bash_profile')
    utimesSync(profile, new Date(0), new Date(0))
    const document = await refresh()
    expect(document).toEqual({
      user_id: `8:${String(claims(before).skypeid)}`,
      scopes: ['voip'],
      expires_on: expect.any(String),
      renewed: true,
      platform: 'linux',
      stored: [{ name: TOKEN, where: join(home.path, '.config/acs-env/access-token') }],
      activate: 'source ~/.bash_profile',
    })
    const { skypeid, acsScope, exp, csi } = claims(stored('access-token'))
    expect([skypeid, acsScope, Number(exp) - Number(csi)]).toEqual([claims(before).skypeid, 'voip', 7_200])
    expect(stored('access-token')).not.toBe(before)
    expect(statSync(profile).mtimeMs).toBe(0)
    expect(readInShell('bash', ['-l', '-c'], home.path, [TOKEN]).values).toEqual([stored('access-token')])
  })

  it('is the same from cron, whose shell is always sh', async () => {
    await setup([], { env: { SHELL: '/usr/bin/zsh' } })
    const document = await refresh([], { env: { SHELL: '/bin/sh' } })
    expect(document.activate).toBe('source ~/.zshrc')
    expect(home.list()).not.toContain('.profile')
  })

  it('with inline values changes that one statement alone, in every profile', async () => {
    home.write('.bashrc', '# mine\n')
    await setup(['--inline'])
    chmodSync(join(home.path, '.bashrc'), 0o600)
    const before = [home.read('.bash_profile'), home.read('.bashrc')]
    const document = await refresh()
    expect(document.stored).toEqual([{ name: TOKEN, where: join(home.path, '.bash_profile') }])
    const after = [home.read('.bash_profile'), home.read('.bashrc')]
    const without = (text: string): string => text.replace(/^(export AZURE_COMMUNICATION_ACCESS_TOKEN=)'.*'$/m, '$1')
    expect(after.map(without)).toEqual(before.map(without))
    expect(after[0]).not.toBe(before[0])
    expect(statSync(join(home.path, '.bashrc')).mode & 0o777).toBe(0o600)
    const [value] = readInShell('bash', ['-l', '-c'], home.path, [TOKEN]).values
    expect(after.every((text) => text.includes(`='${value}'\n`))).toBe(true)
    expect(existsSync(join(home.path, '.config/acs-env/access-token'))).toBe(false)
  })

  it.each<[string, readonly string[], () => void, RegExp]>([
    [
      'the profile is gone',
      [],
      () => rmSync(join(home.path, '.bash_profile')),
      /^warning: ~\/\.bash_profile does not exist any more, so new shells load nothing from it\.$/m,
    ],
    [
      'the block is gone',
      [],
      () => void home.write('.bash_profile', 'mine\n'),
      /^warning: ~\/\.bash_profile has no acs-env block/m,
    ],
    [
      'one of two profiles has a statement that was edited',
      ['--inline'],
      () => void home.write('.bashrc', home.read('.bashrc').replace(`export ${TOKEN}`, `declare -x ${TOKEN}`)),
      /^warning: The block in ~\/\.bashrc sets \w+_ACCESS_TOKEN in a way of its own/m,
    ],
  ])('promises new terminals nothing where %s', async (_, options, spoil, warning) => {
    home.write('.bashrc', '')
    await setupAndLook(options)
    expect((await acs(['refresh'])).stderr).toMatch(/✓ Renewed [^]*New terminals have it/)
    spoil()
    const run = await acs(['refresh'])
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(warning) })
    expect(run.stderr).toMatch(/✓ Renewed/)
    expect(run.stderr).not.toContain('New terminals')
  })

  it('in a dry run tells whom and what for it would be, and fails as it would', async () => {
    await setup(['--scope', 'voip'])
    const { user_id: stays } = await refresh()
    const other = stays.replace(/.$/, (end) => (end === '0' ? '1' : '0'))
    const wish = ['--user', other, '--scope', 'chat', '--expires-in', '60']
    expect(await refresh(['--dry-run', ...wish])).toEqual({ dry_run: true, user_id: other, scopes: ['chat'] })
    expect(await refresh(['--dry-run'])).toEqual({ dry_run: true, user_id: stays, scopes: ['voip'] })
    expect((await acs(['refresh', '--dry-run', ...wish])).stdout).toBe(`Would renew the token of ${other}.\n`)
    const young = ['refresh', '--dry-run', '--if-expires-within', '1h']
    expect(await acs(young)).toMatchObject({
      stdout: expect.stringMatching(/^The stored token stays, good/),
      stderr: '',
    })
    expect(JSON.parse((await acs([...young, '--json'])).stdout)).toMatchObject({ dry_run: true, renewed: false })
    await setup(['--token-only'])
    expect(await acs(['refresh', '--dry-run'])).toEqual(await acs(['refresh']))
  })

  it('and whatever else stores leaves the state of a later version alone', async () => {
    await setup()
    edit('state.json', (text) => text.replace('"version": 1', '"version": 2, "more": true'))
    const before = [stored('state.json'), stored('access-token')]
    for (const command of ['refresh', 'setup']) {
      expect(await acs([command])).toEqual({
        exitCode: 1,
        stdout: '',
        stderr:
          'error: ~/.config/acs-env/state.json was written by a later version of acs-env.\n' +
          'hint: update this one, with "npm install -g acs-env" or "npx acs-env@latest"\n',
      })
      expect([stored('state.json'), stored('access-token')]).toEqual(before)
    }
    expect((await acs(['token'])).stdout).toBe(`${stored('access-token')}\n`)
  })

  it('takes place although the clock was ahead when the token was stored', async () => {
    await setup([], { now: () => new Date(Date.now() + 3_600_000) })
    expect(await refresh()).toMatchObject({ renewed: true })
  })

  it('reads identity and scopes from the token where the state is lost', async () => {
    await setup(['--scope', 'voip.join'])
    const { skypeid } = claims(stored('access-token'))
    home.write('.config/acs-env/state.json', 'rubbish')
    expect(await refresh()).toMatchObject({ user_id: `8:${String(skypeid)}`, scopes: ['voip.join'], renewed: true })
  })

  it('goes by the token where another program has put one there', async () => {
    await setup(['--scope', 'chat'])
    const issued = await acs(['issue', '--scope', 'voip', '--json', '--connection-string', emulator.connectionString])
    const { token, user_id } = JSON.parse(issued.stdout) as Record<string, string>
    edit('access-token', () => token ?? '')
    expect(await refresh()).toMatchObject({ user_id, scopes: ['voip'] })
  })

  it('asks for --user and --scope where neither can be read, and guesses nothing', async () => {
    await setup()
    const state = JSON.parse(stored('state.json')) as { user_id: string }
    home.write('.config/acs-env/state.json', '{}')
    edit('access-token', () => 'opaque')
    const run = await acs(['refresh'])
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(/hint: give --user and --scope/)])
    expect(stored('access-token')).toBe('opaque')
    expect(await refresh(['--user', state.user_id, '--scope', 'chat'])).toMatchObject({ user_id: state.user_id })
  })

  it('fails with 4 where the identity is gone, and makes no new one', async () => {
    await setup()
    const before = stored('access-token')
    edit('state.json', (text) => text.replace(/(8:acs:[^_]+_)[\da-f-]+/, '$100000000-0000-0000-0000-000000000000'))
    const run = await acs(['refresh'])
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringMatching(/ has no identity 8:acs:\S+ any more: it was deleted\.\nhint: "acs-env setup --new-user" /),
    ])
    expect(stored('access-token')).toBe(before)
  })

  it('works on the macOS and the Windows adapter alike', async () => {
    await setup([], { platform: 'darwin' })
    const before = stored('access-token')
    expect(await refresh([], { platform: 'darwin' })).toMatchObject({
      renewed: true,
      platform: 'macos',
      activate: 'source ~/.zshrc',
    })
    expect(stored('access-token')).not.toBe(before)

    const registry = makeWindowsRegistry()
    registry.values.set('Path', '%X%;b')
    const windows: WorldOptions = {
      platform: 'win32',
      env: { LOCALAPPDATA: home.path, SystemRoot: String.raw`C:\Windows` },
      run: registry.run,
    }
    await setup(['--as', 'ACS'], windows)
    const token = registry.values.get(TOKEN)
    const document = await refresh([], windows)
    expect(document).toMatchObject({ renewed: true, stored: [{ name: TOKEN, where: String.raw`HKCU\Environment` }] })
    expect(registry.values.get(TOKEN)).not.toBe(token)
    expect([registry.values.get('ACS'), registry.values.get('Path')]).toEqual([emulator.connectionString, '%X%;b'])
  })
})

describe('--if-expires-within', () => {
  it('does nothing, and asks nobody, while the token is young', async () => {
    await setup()
    const files = home.list().map((path) => [path, statSync(join(home.path, path)).mtimeMs])
    edit('connection-string', () => `endpoint=http://127.0.0.1:1/;accesskey=${MARKED_KEY}`)
    const before = stored('access-token')
    const document = await refresh(['--if-expires-within', '6h'])
    expect(document.renewed).toBe(false)
    expect(stored('access-token')).toBe(before)
    expect(home.list()).toEqual(files.map(([path]) => path))
  })

  it.each([
    ['6h', '24h', 17 * 60, false],
    ['6h', '24h', 18 * 60 + 1, true],
    ['360', '24h', 18 * 60 + 1, true],
    // More than half of its life: never.
    ['25h', '24h', 0, false],
    ['2d', '24h', 12 * 60 - 1, false],
    ['2d', '24h', 12 * 60 + 1, true],
    ['6h', '60m', 29, false],
    ['6h', '60m', 31, true],
    ['15m', '60m', 31, false],
    ['15m', '60m', 46, true],
  ])('%s of a token for %s, after %i minutes: renewed is %s', async (within, lifetime, minutes, renewed) => {
    await setup(['--expires-in', lifetime])
    const now = (): Date => new Date(Date.now() + minutes * 60_000)
    expect((await refresh(['--if-expires-within', within], { now })).renewed).toBe(renewed)
  })

  it('goes by what a token says of its own life where somebody else has issued it', async () => {
    const from = ['--connection-string', emulator.connectionString]
    const issued = await acs(['issue', '--scope', 'chat', '--expires-in', '60', ...from])
    await acs(['setup', '--no-verify', '--access-token-stdin', ...from], { input: issued.stdout })
    expect((await refresh(['--if-expires-within', '6h'])).renewed).toBe(false)
    const now = (): Date => new Date(Date.now() + 31 * 60_000)
    expect((await refresh(['--if-expires-within', '6h'], { now })).renewed).toBe(true)
  })

  it('renews an expired token', async () => {
    await setup(['--expires-in', '60'])
    const now = (): Date => new Date(Date.now() + 59.5 * 60_000)
    expect((await refresh(['--if-expires-within', '1m'], { now })).renewed).toBe(true)
  })

  it('is a usage error where it is no time', async () => {
    expect(await acs(['refresh', '--if-expires-within', 'soon'])).toMatchObject({ exitCode: 2, stdout: '' })
  })
})

describe('a refresh that fails', () => {
  const error = (code: string): object => ({ error: { code, message: 'no' } })
  it.concurrent.each<[string, Answer | 'silent' | 'refused', number]>([
    ['401', json(401, error('Denied')), 4],
    ['429', json(429, {}, { 'retry-after': '100' }), 1],
    ['500', json(500, {}), 1],
    ['a service that hangs', 'silent', 1],
    ['a refused connection', 'refused', 1],
    ['a reset in the middle', (request) => request.socket.destroy(), 1],
    ['an answer without a token', json(200, {}), 1],
  ])('%s: the stored pair stays usable, within 15 seconds', async (_, answer, exitCode) => {
    const own = makeHome()
    const first = await runBuilt(['setup', '--no-verify', '--connection-string', emulator.connectionString], {
      home: own.path,
    })
    expect(first.exitCode).toBe(0)
    const service =
      answer === 'refused'
        ? undefined
        : answer === 'silent'
          ? await startSilentService()
          : await startFaultyService(answer)
    const connectionString =
      service?.connectionString ?? `endpoint=http://127.0.0.1:${await unusedPort()}/;accesskey=${MARKED_KEY}`
    pointTo(own, connectionString)
    const before = snapshot(own)
    const run = await runBuilt(['refresh'], { home: own.path })
    await service?.close()
    expect([run.exitCode, run.stdout]).toEqual([exitCode, ''])
    expect(run.stderr).toMatch(/^error: .*\nhint: .*\n$/)
    expect(run.stderr).not.toContain(MARKED_KEY)
    expect(await unhurriedMs(run, LIMIT_MS)).toBeLessThan(LIMIT_MS)
    expect(snapshot(own)).toEqual(before)
    own.remove()
  })

  it('with nothing stored says how to begin: 1', async () => {
    const run = await acs(['refresh'])
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      'error: No access token is stored.\nhint: begin with "acs-env setup"\n',
    ])
    expect(home.list()).toEqual([])
  })

  it('without a connection string anywhere asks nobody: 2', async () => {
    await setup(['--token-only'])
    const run = await acs(['refresh'])
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(/There is no connection string/)])
    const env = { AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString }
    expect((await refresh([], { env })).renewed).toBe(true)
    expect(home.list()).not.toContain('.config/acs-env/connection-string')
  })

  function snapshot(own: TestHome): readonly unknown[] {
    return own
      .list()
      .filter((path) => statSync(join(own.path, path)).isFile())
      .map((path) => [path, readFileSync(join(own.path, path), 'latin1')])
  }
})

describe('several at once', () => {
  it('ten in the same instant call the service once', async () => {
    await setup()
    const { user_id } = JSON.parse(stored('state.json')) as { user_id: string }
    let requests = 0
    const token = (
      await acs(['issue', '--scope', 'chat', '--connection-string', emulator.connectionString])
    ).stdout.trim()
    const counting = await startFaultyService((_request, response) => {
      requests += 1
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ token, expiresOn: new Date(Date.now() + 86_400_000).toISOString() }))
    })
    pointTo(home, counting.connectionString)
    const args = ['refresh', '--json', '--user', user_id]
    const runs = await Promise.all(Array.from({ length: 10 }, () => runBuilt(args, { home: home.path })))
    await counting.close()
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 10 }, () => 0))
    expect(requests).toBe(1)
    expect(runs.filter(({ stdout }) => (JSON.parse(stdout) as RefreshDocument).renewed)).toHaveLength(1)
    expect(runs.filter(({ stderr }) => /its token was taken/.test(stderr))).toHaveLength(9)
    expect(home.list().filter((path) => path.includes('lock'))).toEqual([])
  })

  it('takes no token of another run that is not the one it was to issue', async () => {
    await setup()
    const [plain, special] = await Promise.all([
      runBuilt(['refresh', '--json'], { home: home.path }),
      runBuilt(['refresh', '--json', '--scope', 'chat', '--expires-in', '60m'], { home: home.path }),
    ])
    expect([plain.exitCode, special.exitCode]).toEqual([0, 0])
    expect(JSON.parse(special.stdout)).toMatchObject({ renewed: true, scopes: ['chat'] })
  })

  it('one after the other renew each time', async () => {
    await setup()
    const args = ['refresh', '--json']
    const first = await runBuilt(args, { home: home.path })
    const second = await runBuilt(args, { home: home.path })
    expect([first, second].map(({ stdout }) => (JSON.parse(stdout) as RefreshDocument).renewed)).toEqual([true, true])
  })

  it('one that is killed does not block the next', async ({ expect }) => {
    await setup()
    const silent = await startSilentService()
    const controller = new AbortController()
    pointTo(home, silent.connectionString)
    const killed = runBuilt(['refresh'], { home: home.path, signal: controller.signal, killSignal: 'SIGKILL' }).catch(
      () => undefined,
    )
    await expect.poll(() => silent.requests(), { timeout: 10_000 }).toBe(1)
    controller.abort()
    await killed
    await silent.close()
    pointTo(home, emulator.connectionString)
    expect(home.list()).toContain('.config/acs-env/lock')
    const run = await runBuilt(['refresh'], { home: home.path })
    expect([run.exitCode, (await unhurriedMs(run, 5_000)) < 5_000]).toEqual([0, true])
    expect(home.list()).not.toContain('.config/acs-env/lock')
  })
})
