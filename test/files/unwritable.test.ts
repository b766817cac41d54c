import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CliError } from '../../src/errors.ts'
import { removeFile } from '../../src/files/change/replace.ts'
import { whyNotWritable } from '../../src/files/change/write-error.ts'
import { readFileState } from '../../src/files/read.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { canBeAnybody, type User } from '../support/programs/as-user.ts'
import { prepareAttempts } from '../support/programs/attempt-as.ts'
import { attempt } from '../support/programs/attempt-entry.ts'

const USER: User = { uid: 4_321, gids: [4_321] }
const CONTENTS = Buffer.from('# mine\nand more\n')

let attempts: Awaited<ReturnType<typeof prepareAttempts>>
beforeAll(async () => {
  attempts = await prepareAttempts()
})
afterAll(() => attempts.remove())

let home: TestHome
let path: string
beforeEach(() => {
  home = makeHome()
  path = join(home.path, '.bash_profile')
  chmodSync(dirname(home.path), 0o755)
})
afterEach(() => home.remove())

const at = (name: string): string => join(home.path, name)

const chattr = (flag: string, file: string): boolean =>
  spawnSync('chattr', [flag, file], { stdio: 'ignore' }).status === 0

/** Whether this file system and this user have such attributes. */
function hasAttributes(): boolean {
  const probe = makeHome()
  try {
    const file = probe.write('x', '')
    const has = chattr('+i', file) && chattr('-i', file)
    if (!has && process.env.CI) throw new Error('chattr does not work here; in CI nothing may be left out')
    return has
  } finally {
    probe.remove()
  }
}

/** Compares what is said beforehand and at the attempt, and checks that nothing changed and no file was left behind. */
function expectRefusal(user: User | undefined, message: RegExp, hint: RegExp): void {
  const before = home.list()
  const { why, thrown } = user === undefined ? attempt(path) : attempts.attemptAs(user, path)
  expect(why).toEqual({
    code: 'file',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
  expect(why?.message.startsWith(`${path} could not be written: `)).toBe(true)
  expect(thrown).toEqual(why)
  expect(home.list()).toEqual(before)
}

describe.runIf(canBeAnybody() && hasAttributes())('a file with an attribute against changes', () => {
  const IMMUTABLE = /: it is immutable or append-only\.$/
  const CURE = /^take that attribute away \("chattr -i -a", .*, or name another file with --rc-file$/
  it.each([
    ['immutable', '+i', undefined],
    ['immutable, for its user', '+i', USER],
    ['append-only', '+a', undefined],
    ['append-only, for its user', '+a', USER],
    ['immutable and read-only', '+i', undefined],
  ] as const)('says so: %s', (name, flag, user) => {
    home.write('.bash_profile', CONTENTS)
    for (const each of [home.path, path]) chownSync(each, USER.uid, USER.gids[0])
    chattr(flag, path)
    try {
      expectRefusal(user, IMMUTABLE, CURE)
      expect(() => removeFile(path)).toThrow(`${path} could not be removed: it is immutable or append-only.`)
    } finally {
      chattr('-i', path)
      chattr('-a', path)
    }
    expect([name, home.read('.bash_profile')]).toEqual([name, CONTENTS.toString()])
  })

  it.each(['dotfiles/profile', 'dotfiles/linked/profile'])('says so behind a link, and whose it is: %s', (target) => {
    const real = home.write('dotfiles/real/profile', CONTENTS)
    symlinkSync('real', at('dotfiles/linked'))
    symlinkSync('linked/profile', at('dotfiles/profile'))
    symlinkSync(target, path)
    chattr('+i', real)
    try {
      expectRefusal(undefined, new RegExp(`: it is a link to ${real}, which is immutable or append-only\\.$`), CURE)
    } finally {
      chattr('-i', real)
    }
  })
})

describe.runIf(canBeAnybody())('a link into what is read-only', () => {
  const HINT = /^name another file with "--rc-file FILE", and load that one from your configuration$/
  const close = (...names: readonly string[]): void => {
    chownSync(home.path, USER.uid, USER.gids[0])
    for (const name of names) chmodSync(at(name), statSync(at(name)).isDirectory() ? 0o555 : 0o444)
  }

  it.each<readonly [string, string, () => void]>([
    ['a file and its directory', 'store/bp', () => close('store/bp', 'store')],
    ['the directory alone', 'store/bp', () => close('store')],
    ['by a chain', 'store/bp', () => (symlinkSync('store/bp', at('generation')), close('store/bp', 'store'))],
    ['by a linked directory', 'current/bp', () => (symlinkSync('store', at('current')), close('store/bp', 'store'))],
    ['a file that is not there', 'store/none', () => close('store')],
    ['as an absolute path', 'ABSOLUTE', () => close('store/bp', 'store')],
  ])('names the link, what it leads to, and the way out: %s', (kind, target, prepare) => {
    home.write('store/bp', CONTENTS)
    prepare()
    const to = kind === 'by a chain' ? 'generation' : target.replace('ABSOLUTE', at('store/bp'))
    symlinkSync(to, path)
    const real = at(target === 'store/none' ? target : 'store/bp')
    expectRefusal(USER, new RegExp(`: it is a link to ${real}, which is read-only\\.$`), HINT)
  })

  it('says what it knows of another user’s file', () => {
    home.write('theirs/bp', CONTENTS)
    chownSync(at('theirs'), USER.uid, USER.gids[0])
    symlinkSync('theirs/bp', path)
    const { why } = attempts.attemptAs(USER, path)
    expect(why?.message).toBe(
      `${path} could not be written: it is a link to ${at('theirs/bp')}, where permission is denied.`,
    )
    expect(why?.hint).toMatch(HINT)
  })
})

describe('a read-only file', () => {
  it.each([0o444, 0o400, 0o440, 0o555, 0o404])('is reported before it is replaced, to root too: mode %o', (mode) => {
    home.write('.bash_profile', CONTENTS)
    chmodSync(path, mode)
    expect(whyNotWritable(readFileState(path))).toMatchObject({
      message: `${path} could not be written: it is read-only.`,
      hint: 'make it writable with "chmod u+w", or name another file with --rc-file',
    })
  })

  it.runIf(canBeAnybody())('in a directory that is closed too is not said to be cured by its own mode', () => {
    home.write('.bash_profile', CONTENTS)
    chmodSync(path, 0o444)
    chmodSync(home.path, 0o555)
    chownSync(path, USER.uid, USER.gids[0])
    expectRefusal(USER, /: permission denied\.$/, /^check who owns it and its permissions$/)
  })
})

describe('nothing is said against', () => {
  it.each<readonly [string, () => void]>([
    ['an ordinary file', (): void => void home.write('.bash_profile', CONTENTS)],
    ['a file that does not exist yet', (): void => undefined],
    ['a link to an ordinary file', (): void => (home.write('d/profile', ''), symlinkSync('d/profile', path))],
    ['a link to a file that does not exist yet', (): void => (mkdirSync(at('d')), symlinkSync('d/profile', path))],
    ['a file in a directory that does not exist yet', (): void => void (path = at('.config/acs-env/state.json'))],
  ])('%s, and nothing is changed by asking', (_, prepare) => {
    prepare()
    const state = readFileState(path)
    expect(whyNotWritable(state)).toBeUndefined()
    const now = readFileState(path)
    expect([now.stats?.mtimeMs, now.stats?.ctimeMs]).toEqual([state.stats?.mtimeMs, state.stats?.ctimeMs])
    expect(readdirSync(home.path).filter((name) => name.includes('.acs-env-'))).toEqual([])
  })
})

it.each([
  ['a pipe', (): void => void spawnSync('mkfifo', [path])],
  ['a device', (): void => symlinkSync('/dev/null', path)],
  ['a directory', (): void => mkdirSync(path)],
  ['a link to a directory', (): void => symlinkSync('.', path)],
  ['links in a circle', (): void => symlinkSync('.bash_profile', path)],
])('%s in place of a profile is reported, with a hint', (_, prepare) => {
  prepare()
  let thrown: CliError | undefined
  try {
    readFileState(path)
  } catch (error) {
    thrown = error as CliError
  }
  expect(thrown?.message).toContain(path)
  expect(thrown?.hint).toContain('--rc-file')
})
