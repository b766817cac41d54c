import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { home } from '../../support/homes/emulator-and-home.ts'
import { makeHome, readTree } from '../../support/homes/home.ts'
import { runBuilt, type BuiltRun } from '../../support/programs/built.ts'

const USER = 54_321
const OWN = '.config/acs-env'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

let service: Server
let requests = 0
let connectionString = ''
beforeAll(async () => {
  // Makes an identity and a token for every request, and counts them.
  service = createServer((request, response) => {
    requests += 1
    request.resume().on('end', () => {
      const expiresOn = new Date(Date.now() + 3_600_000).toISOString()
      const answer = {
        identity: { id: `8:acs:${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}_1` },
        accessToken: { token: 'eyJ.e30.x', expiresOn },
      }
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((settle) => service.listen(0, '127.0.0.1', settle))
  const { port } = service.address() as AddressInfo
  connectionString = `endpoint=http://127.0.0.1:${port}/;accesskey=${Buffer.alloc(64, 'k').toString('base64')}`
})
afterAll(() => service.close())

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** Runs the built program as a user without privileges, whose home this is. */
async function asUser(args: readonly string[]): Promise<BuiltRun> {
  chmodSync(join(home.path, '..'), 0o755)
  chownSync(home.path, USER, USER)
  for (const path of home.list().map((name) => join(home.path, name))) {
    if (!path.startsWith(join(home.path, 'store')) && lstatSync(path).uid !== USER) lchownSync(path, USER, USER)
  }
  requests = 0
  return runBuilt(args, { home: home.path, userId: USER, env: { SHELL: '/bin/bash' }, input: connectionString })
}

function chattr(flag: string, name: string): void {
  execFileSync('chattr', [flag, join(home.path, name)])
  cleanUps.push(() => execFileSync('chattr', ['-i', '-a', join(home.path, name)]))
}

const setup = (args: readonly string[] = []): ReturnType<typeof asUser> =>
  asUser(['setup', '--yes', '--no-verify', '--connection-string-stdin', ...args])

function readOnlyLink(name: string): void {
  home.write(`store/${name}`, '# managed\n')
  chmodSync(join(home.path, 'store', name), 0o444)
  symlinkSync(join(home.path, 'store', name), join(home.path, name))
  chmodSync(join(home.path, 'store'), 0o555)
}

function readOnlyFile(name: string): void {
  chmodSync(home.write(name, '# mine\n'), 0o444)
}

function immutable(name: string): void {
  const path = home.write(name, '# mine\n')
  chownSync(path, USER, USER)
  execFileSync('chattr', ['+i', path])
  cleanUps.push(() => execFileSync('chattr', ['-i', path]))
}

/** Needs a capability that containers mostly have not. */
const canMakeImmutable = ((): boolean => {
  const trial = makeHome()
  try {
    const path = trial.write('file', '')
    execFileSync('chattr', ['+i', path], { stdio: 'ignore' })
    execFileSync('chattr', ['-i', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    trial.remove()
  }
})()

const ways: readonly (readonly [string, (name: string) => void])[] = [
  ['a link into a read-only tree', readOnlyLink],
  ['a read-only file', readOnlyFile],
  ...(canMakeImmutable ? ([['an immutable file', immutable]] as const) : []),
]

/** Only root can run a program as somebody else. */
describe.skipIf(process.geteuid?.() !== 0)('a profile that cannot be written', () => {
  it.each(ways)('as the second one is a warning: %s', async (_, make) => {
    make('.bashrc')
    const { exitCode, stderr } = await setup()
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: \S*\.bashrc .*Shells that read only this/m),
    ])
    expect(stderr).toMatch(/^ {2}loaded by +~\/\.bash_profile$/m)
    expect([home.read('.bash_profile').includes(TOKEN), home.read('.bashrc').includes(TOKEN)]).toEqual([true, false])
    expect((await asUser(['unset', '--yes'])).exitCode).toBe(0)
    expect(home.list()).not.toContain('.bash_profile')
  })

  it.each(ways)('as the first one fails, and nothing is asked of the service: %s', async (_, make) => {
    make('.bash_profile')
    const before = readTree(home.path)
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { exitCode, stderr } = await setup()
      expect([exitCode, stderr, requests]).toEqual([1, expect.stringMatching(/^error: \S*\.bash_profile/m), 0])
    }
    expect(readTree(home.path)).toEqual(before)
  })

  const places: readonly (readonly [string, () => void])[] = [
    ['our directory', () => mkdirSync(join(home.path, OWN), { recursive: true, mode: 0o500 })],
    ['~/.config', () => mkdirSync(join(home.path, '.config'), { mode: 0o500 })],
    ['the home', () => chmodSync(home.path, 0o500)],
    ['a file in the place of ~/.config', () => void home.write('.config', 'x')],
    [
      'a directory in the place of the token',
      () => mkdirSync(join(home.path, OWN, 'access-token'), { recursive: true }),
    ],
    ['a directory in the place of the state', () => mkdirSync(join(home.path, OWN, 'state.json'), { recursive: true })],
    ['a directory in the place of the profile', () => mkdirSync(join(home.path, '.bash_profile'))],
  ]
  it.each(places)('nor anything else: %s', async (_, prepare) => {
    prepare()
    cleanUps.push(() => chmodSync(home.path, 0o700))
    const { exitCode } = await setup()
    expect([exitCode, requests]).toEqual([1, 0])
  })

  it('is found before a renewal asks the service', async () => {
    expect((await setup(['--inline'])).exitCode).toBe(0)
    for (const name of ['.bash_profile', '.bashrc']) {
      chmodSync(join(home.path, name), 0o400)
      const { exitCode, stderr } = await asUser(['refresh'])
      expect([exitCode, stderr, requests]).toEqual([1, expect.stringContaining(name), 0])
      chmodSync(join(home.path, name), 0o600)
    }
  })
})

/** Only root can run a program as somebody else. */
describe.skipIf(process.geteuid?.() !== 0)('a profile with the block that cannot be read for a while', () => {
  const hide = (name: string): void => chmodSync(join(home.path, name), 0)
  const show = (name: string): void => chmodSync(join(home.path, name), 0o600)

  it.each([
    ['still', ['--inline']],
    ['not any more', []],
  ])('keeps setup from leaving old values in it, where the profiles are to hold them %s', async (_, options) => {
    home.write('.bashrc', '# mine\n')
    expect((await setup(['--inline'])).exitCode).toBe(0)
    hide('.bashrc')
    const before = readTree(home.path)
    const { exitCode, stderr } = await setup(['--new-user', ...options])
    expect([exitCode, stderr, requests]).toEqual([
      1,
      expect.stringMatching(/^error: \S*\.bashrc could not be read/m),
      0,
    ])
    expect(readTree(home.path)).toEqual(before)
  })

  it('is still known once it can be read again', async () => {
    home.write('.bashrc', '# mine\n')
    expect((await setup()).exitCode).toBe(0)
    hide('.bashrc')
    const { exitCode, stderr } = await setup(['--new-user'])
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: \S*\.bashrc could not be read.* It stays as it is\.$/m),
    ])
    expect(JSON.parse(home.read(`${OWN}/state.json`)).profiles).toContain('~/.bashrc')
    show('.bashrc')
    home.write('.bashrc', '# mine\n')
    const { stdout } = await asUser(['status'])
    expect(stdout).toContain('~/.bashrc has no acs-env block')
  })
})

/** Only root can make files so. */
describe.skipIf(process.geteuid?.() !== 0 || !canMakeImmutable)(
  'a file of ours that somebody has made unchangeable',
  () => {
    const names = ['access-token', 'connection-string', 'state.json', 'restore.json', '.gitignore']
    const ways = ['+i', '+a'].flatMap((flag) => names.map((name) => [`${OWN}/${name}`, flag] as const))
    const made = ['.bashrc', '.bash_profile'].map((name) => [name, '+i'] as const)

    it.each([...ways, ...made])('is known before an identity is deleted: %s %s', async (name, flag) => {
      expect((await setup()).exitCode).toBe(0)
      chattr(flag, name)
      const before = readTree(home.path)
      for (const args of [['--delete-user'], ['--revoke']]) {
        const run = await asUser(['unset', '--yes', ...args])
        expect([run.exitCode, requests, run.stderr]).toEqual([
          1,
          0,
          expect.stringMatching(/^error: .* could not be (?:removed|written): .*immutable or append-only\.$/m),
        ])
      }
      expect(readTree(home.path)).toEqual(before)
    })

    it.each(['access-token', 'state.json'])('is known before a token is issued: %s', async (name) => {
      expect((await setup()).exitCode).toBe(0)
      chattr('+a', `${OWN}/${name}`)
      const before = readTree(home.path)
      for (const args of [['refresh'], ['setup', '--yes', '--no-verify', '--expires-in', '2h']]) {
        const run = await asUser(args)
        expect([args, run.exitCode, requests, readTree(home.path)]).toEqual([args, 1, 0, before])
      }
    })
  },
)
