import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { runInWorld } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'
import { readInShell } from '../support/programs/login-shell.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const NAMES = ['AZURE_COMMUNICATION_CONNECTION_STRING', 'AZURE_COMMUNICATION_ACCESS_TOKEN']
const OTHERS = Buffer.from(
  [
    '# a profile full of other people’s lines',
    'export PATH="$HOME/bin:$PATH"',
    "alias ll='ls -l'",
    'if [ -n "$NOT_SET" ]; then',
    '  export AZURE_COMMUNICATION_ACCESS_TOKEN=not-reached',
    'fi',
    'cat > /dev/null <<END',
    'export AZURE_COMMUNICATION_ACCESS_TOKEN="in a here-document"',
    '# >>> acs-env >>> not a marker',
    'END',
    '# caf\u00E9 in latin1, and no line ending at the end',
    'export MINE=kept',
  ].join('\n'),
  'latin1',
)
/** Two lines stay that name a variable, and may set it; then what there is to say of the emulator. */
const MENTIONS =
  /^(?:warning: ~\/\.bash_profile also names AZURE_COMMUNICATION_ACCESS_TOKEN in line [58]; that line stays, [^\n]*\n){2}note: the endpoint is http[^\n]*\n$/
const BLOCK = /^# >>> acs-env >>>\n[^]*?^# <<< acs-env <<<\n/gm

/** The block is there once, behind the last line that names a variable; every byte outside of it is as it was. */
function expectBlockIn(profile: string): void {
  const [before = '', after = '', ...rest] = profile.split(BLOCK)
  expect(Buffer.from(before + after, 'latin1').equals(OTHERS)).toBe(true)
  expect(before.endsWith('# >>> acs-env >>> not a marker\nEND\n')).toBe(true)
  expect(rest).toEqual([])
}

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(() => emulator.close())

interface SetupDocument {
  readonly user_id: string
}

const stored = (home: TestHome): readonly string[] =>
  ['connection-string', 'access-token'].map((name) => readFileSync(join(home.path, '.config/acs-env', name), 'utf8'))

describe.each(['home', `it's "a" $home \\ with * spaces`, 'größe 日本'])('in a home called %s', (name) => {
  it('a login bash on Linux reads back exactly what was stored, twice in a row, for one identity', async () => {
    const home = makeHome(name)
    home.write('.bash_profile', OTHERS)
    const before = readInShell('bash', ['-l', '-c'], home.path, NAMES)
    const users: string[] = []
    for (const round of [1, 2]) {
      const args = ['setup', '--json', ...(round === 1 ? ['--connection-string', emulator.connectionString] : [])]
      const run = await runBuilt(args, { home: home.path, env: { SHELL: '/bin/bash' } })
      expect([run.exitCode, run.stderr]).toEqual([0, expect.stringMatching(MENTIONS)])
      users.push((JSON.parse(run.stdout) as SetupDocument).user_id)
      const { values, output } = readInShell('bash', ['-l', '-c'], home.path, [...NAMES, 'MINE'])
      expect(values).toEqual([...stored(home), 'kept'])
      expect(output).toBe(before.output)
      expectBlockIn(home.read('.bash_profile'))
    }
    expect(users[1]).toBe(users[0])
    home.remove()
  })

  it.skipIf(!hasProgram('zsh'))(
    'a new zsh reads back what the macOS adapter stored, twice in a row, for one identity',
    async () => {
      const home = makeHome(name)
      home.write('.zshrc', OTHERS)
      const users: string[] = []
      for (const round of [1, 2]) {
        const args = ['setup', '--json', ...(round === 1 ? ['--connection-string', emulator.connectionString] : [])]
        const run = await runInWorld(args, home.path, { platform: 'darwin' })
        expect(run.exitCode).toBe(0)
        users.push((JSON.parse(run.stdout) as SetupDocument).user_id)
        const { values } = readInShell('zsh', ['-l', '-i', '-c'], home.path, [...NAMES, 'MINE'])
        expect(values).toEqual([...stored(home), 'kept'])
        expectBlockIn(home.read('.zshrc'))
      }
      expect(users[1]).toBe(users[0])
      home.remove()
    },
  )
})

describe('a home as Debian and Ubuntu make it', () => {
  const PROFILE =
    'export FROM_PROFILE=1\nif [ -n "$BASH_VERSION" ] && [ -f "$HOME/.bashrc" ]; then\n  . "$HOME/.bashrc"\nfi\n'
  const BASHRC = 'case $- in\n  *i*) ;;\n  *) return ;;\nesac\nexport FROM_BASHRC=1\n'

  it('keeps reading ~/.profile, and every kind of bash sees both values', async () => {
    const home = makeHome()
    home.write('.profile', PROFILE)
    home.write('.bashrc', BASHRC)
    const run = await runBuilt(['setup', '--connection-string', emulator.connectionString], { home: home.path })
    expect(run.exitCode).toBe(0)
    const all = [...NAMES, 'FROM_PROFILE', 'FROM_BASHRC']
    const values = stored(home)
    expect(readInShell('bash', ['-l', '-c'], home.path, all).values).toEqual([...values, '1', undefined])
    expect(readInShell('bash', ['-l', '-i', '-c'], home.path, all).values).toEqual([...values, '1', '1'])
    expect(readInShell('bash', ['-i', '-c'], home.path, all).values).toEqual([...values, undefined, '1'])
    expect(home.read('.profile')).toBe(PROFILE)
    home.remove()
  })
})

describe('several at once', () => {
  it('make one identity, leave no lock, and store one whole pair', async () => {
    const home = makeHome()
    const args = ['setup', '--json', '--connection-string', emulator.connectionString]
    const runs = await Promise.all(Array.from({ length: 6 }, () => runBuilt(args, { home: home.path })))
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0])
    expect(new Set(runs.map(({ stdout }) => (JSON.parse(stdout) as SetupDocument).user_id)).size).toBe(1)
    expect(home.list().filter((path) => path.includes('lock') || path.includes('.acs-env-'))).toEqual([])
    expect(readInShell('bash', ['-l', '-c'], home.path, NAMES).values).toEqual(stored(home))
    home.remove()
  })

  it('a lock whose owner died does not block', async () => {
    const home = makeHome()
    home.write('.config/acs-env/lock', '4194305')
    const args = ['setup', '--no-verify', '--connection-string', emulator.connectionString]
    const run = await runBuilt(args, { home: home.path })
    expect([run.exitCode, run.elapsedMs < 5_000]).toEqual([0, true])
    expect(home.list()).not.toContain('.config/acs-env/lock')
    home.remove()
  })
})
