import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesToWriteInPlace, lookAhead } from '../../src/files/change/extended-attributes.ts'
import { replaceFile, sweepTemporaries, type Loss, type Rewrite } from '../../src/files/change/replace.ts'
import { readFileState, temporaryOf } from '../../src/files/read.ts'
import { createSystem } from '../../src/system/process.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { ended } from '../support/homes/world.ts'
import { asUser, canBeAnybody, rightsOf, type User } from '../support/programs/as-user.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const SYSTEM = createSystem()
/** A group that the user is not in, though a file of theirs may be. */
const OLD_GROUP = 7_777
const USER: User = { uid: 4_321, gids: [100] }
const ROOT: User = { uid: 0, gids: [0] }
/** Everybody who could gain or lose by a new file: none of them is root or the user. */
const OTHERS: readonly User[] = [
  { uid: 4_322, gids: [100] },
  { uid: 4_323, gids: [OLD_GROUP] },
  { uid: 4_324, gids: [9_999] },
  { uid: 65_534, gids: [65_534] },
]

let home: TestHome
let path: string
beforeEach(() => {
  home = makeHome()
  path = join(home.path, '.bashrc')
  chmodSync(dirname(home.path), 0o755)
  chmodSync(home.path, 0o755)
})
afterEach(() => home.remove())

interface Before {
  readonly gid: number
  readonly mode: number
  readonly list?: string
  readonly inherited?: string
}

function prepare({ gid, mode, list, inherited }: Before): void {
  writeFileSync(path, 'export MY_SECRET=x\n')
  chmodSync(path, mode)
  chownSync(path, USER.uid, gid)
  chownSync(home.path, USER.uid, USER.gids[0])
  if (list !== undefined) execFileSync('setfacl', ['-m', list, path])
  if (inherited !== undefined) execFileSync('setfacl', ['-d', '-m', inherited, home.path])
}

const rights = (): readonly string[] => OTHERS.map((user) => rightsOf(user, path))

async function rewriteOf(): Promise<Rewrite> {
  return (await filesToWriteInPlace([path], SYSTEM)).has(path) ? 'in-place' : 'rename'
}

function replaceAs(user: User, rewrite: Rewrite, contents = 'new\n', mode?: number): readonly Loss[] {
  return asUser(user, () => replaceFile(readFileState(path), Buffer.from(contents), mode, rewrite))
}

const hasLists = hasProgram('setfacl') && hasProgram('getfattr')

describe.runIf(canBeAnybody() && hasLists)('a file that is rewritten', () => {
  const modes = [0o600, 0o640, 0o644, 0o660, 0o604, 0o664]
  const lists = ['u:65534:r', 'u:4324:---', `g:${OLD_GROUP}:rw`, 'u:4322:rw,m::r']
  const plain = [100, OLD_GROUP].flatMap((gid) => modes.map((mode): Before => ({ gid, mode })))
  // Each with every list once, in a directory that gives its new files one every other time.
  const withLists = [100, OLD_GROUP].flatMap((gid, first) =>
    lists.map((list, index): Before => ({
      gid,
      list,
      mode: modes[(first + index) % modes.length] ?? 0o640,
      ...(index % 2 === first && { inherited: 'u:4322:rw' }),
    })),
  )
  const onlyInherited = [0o640, 0o644].map((mode): Before => ({ gid: 100, mode, inherited: 'u:4322:rw' }))
  const describeCase = ({ gid, mode, list = 'no list', inherited: given = 'none' }: Before): string =>
    `group ${gid}, mode ${mode.toString(8)}, ${list}, ${given} inherited`

  /** A home for each, since access lists stay in a directory. */
  async function expectSameRights(
    user: User,
    cases: readonly Before[],
    find: () => Promise<Rewrite>,
    wanted: Rewrite,
  ): Promise<void> {
    for (const before of cases) {
      rmSync(home.path, { recursive: true })
      mkdirSync(home.path)
      chmodSync(home.path, 0o755)
      prepare(before)
      const old = rights()
      const { mode } = statSync(path)
      const rewrite = await find()
      const losses = replaceAs(user, rewrite)
      const { uid, gid, mode: newMode } = statSync(path)
      expect([describeCase(before), rewrite, rights(), losses]).toEqual([describeCase(before), wanted, old, []])
      expect([uid, gid, newMode]).toEqual([USER.uid, before.gid, mode])
      expect([home.list(), home.read('.bashrc')]).toEqual([['.bashrc'], 'new\n'])
    }
  }

  it.each([
    ['its user', USER],
    ['root', ROOT],
  ] as const)(`by %s is open to the same people as before`, async (_, user) => {
    await expectSameRights(user, plain, async () => 'rename', 'rename')
    await expectSameRights(user, [...withLists, ...onlyInherited], rewriteOf, 'in-place')
  })

  it('and has nothing of that is replaced in one step', () =>
    expectSameRights(USER, plain.slice(0, 2), rewriteOf, 'rename'))

  it.each([0o440, 0o444, 0o404, 0o400, 0o446])(
    'is open to nobody more where its group is lost, since it cannot be written in place: mode %o',
    (mode) => {
      prepare({ gid: OLD_GROUP, mode })
      const old = rights()
      expect(replaceAs(USER, 'rename')).toEqual(['group'])
      expect(rights().filter((now, index) => !old[index]?.includes(now))).toEqual([])
      expect(readFileSync(path, 'utf8')).toBe('new\n')
    },
  )

  it('loses what its access list gave, and says so, where it cannot be written in place', () => {
    prepare({ gid: 100, mode: 0o440, list: 'u:65534:r,u:4324:---' })
    expect(replaceAs(USER, 'in-place')).toEqual(['access list or attributes'])
    expect(rights()).toEqual(['', '', '', ''])
    expect(statSync(path).mode & 0o777).toBe(0o400)
  })

  it('keeps its list when it becomes private for a time', async () => {
    prepare({ gid: 100, mode: 0o600, list: 'u:65534:r' })
    const { mode } = readFileState(path)
    replaceAs(USER, await rewriteOf(), 'secret\n', 0o600)
    expect(rights()).toEqual(['', '', '', ''])
    replaceAs(USER, await rewriteOf(), 'old\n', mode)
    expect(rights()).toEqual(['', '', '', 'r'])
  })

  it('of root’s in a user’s home stays replaceable by them', () => {
    prepare({ gid: 100, mode: 0o644 })
    chownSync(path, 0, 0)
    expect(replaceAs(USER, 'rename')).toEqual(['owner', 'group'])
    expect(statSync(path)).toMatchObject({ uid: USER.uid, gid: 100 })
    expect(statSync(path).mode & 0o777).toBe(0o644)
  })
})

describe('extended attributes', () => {
  const set = (name: string, value: string): boolean =>
    spawnSync('setfattr', ['-n', name, '-v', value, path]).status === 0
  const get = (): string => execFileSync('getfattr', ['--absolute-names', '-d', '-m', '-', path], { encoding: 'utf8' })

  it.runIf(hasLists).each([
    ['user.note', 'mine'],
    ['user.xdg.origin.url', 'https://example.com/'],
    ['user.mime_type', 'text/plain'],
    ['user.empty', ''],
    ['user.bytes', '0x00ff0a'],
    ['security.selinux', 'system_u:object_r:etc_t:s0'],
  ])('stay: %s', async (name, value) => {
    home.write('.bashrc', 'old\n')
    // A label of another type needs root, and that nothing judges labels here.
    if (!set(name, value)) return expect(name).toMatch(/^security/)
    const before = get()
    expect(before).toContain(name)
    const rewrite = await rewriteOf()
    expect(rewrite).toBe('in-place')
    expect(replaceFile(readFileState(path), Buffer.from('new\n'), undefined, rewrite)).toEqual([])
    expect([get(), home.read('.bashrc')]).toEqual([before, 'new\n'])
  })

  it.each([
    ['nothing', '# nothing', false],
    ['a label as every file in a home has', 'security.selinux="unconfined_u:object_r:user_home_t:s0"', false],
    ['a label of its own', 'security.selinux="unconfined_u:object_r:ssh_home_t:s0"', true],
    ['an access list', 'system.posix_acl_access=0sAgAAAAEABgD', true],
    ['one of NFS', 'system.nfs4_acl=0sAAAA', true],
    ['a value with lines', 'user.a="b\\012c"', true],
  ])('are seen in what getfattr prints: %s', async (_, line, isSpecial) => {
    const text = line.startsWith('#') ? '' : `# file: ${path}\n${line}\n\n`
    const run = async (program: string, args: readonly string[]) =>
      program === 'getfattr' ? ended(0, args.includes(path) ? text : '') : ended(127)
    expect((await filesToWriteInPlace([path], { platform: 'linux', run })).has(path)).toBe(isSpecial)
  })

  it.each([
    ['linux', '-rw-r--r-- 1 u u 5 Nov  1 10:00 .bashrc\n', false],
    ['linux', '-rw-r--r--. 1 u u 5 Nov  1 10:00 .bashrc\n', false],
    ['linux', '-rw-rw-r--+ 1 u u 5 Nov  1 10:00 .bashrc\n', true],
    ['linux', '', true],
    ['darwin', '-rw-r--r--  1 u  staff  5 Nov  1 10:00 .zshrc\n', false],
    ['darwin', '-rw-r--r--@ 1 u  staff  5 Nov  1 10:00 .zshrc\n\tcom.apple.provenance\t       11\n', false],
    ['darwin', '-rw-r--r--@ 1 u  staff  5 Nov  1 10:00 .zshrc\n\tcom.apple.quarantine\t       57\n', true],
    ['darwin', '-rw-r--r--+ 1 u  staff  5 Nov  1 10:00 .zshrc\n 0: user:guest allow read\n', true],
    ['darwin', '', true],
    ['win32', '', false],
  ] as const)('are seen in what ls prints where there is no getfattr: %s %j', async (platform, line, isSpecial) => {
    const plain = 'drwxr-xr-x 9 u u 4096 Nov  1 10:00 home\n'
    const run: typeof SYSTEM.run = async (program, args) => {
      if (program === 'getfattr') return { kind: 'not-started', code: 'ENOENT' }
      return ended(0, args.at(-1) === path ? line : plain)
    }
    expect((await filesToWriteInPlace([path], { platform, run })).has(path)).toBe(isSpecial)
  })

  it.each([
    ['linux', 'drwxr-xr-x+ 9 u u 4096 Nov  1 10:00 home\n'],
    ['darwin', 'drwxr-xr-x+ 9 u staff 288 Nov  1 10:00 home\n 0: user:guest allow read,file_inherit\n'],
  ] as const)('that the directory gives every new file count too: %s', async (platform, line) => {
    const run: typeof SYSTEM.run = async (program, args) =>
      program === 'getfattr'
        ? { kind: 'not-started', code: 'ENOENT' }
        : ended(0, args.at(-1) === path ? '-rw-r--r-- 1 u u 5 Nov  1 10:00 .bashrc\n' : line)
    expect((await filesToWriteInPlace([path], { platform, run })).has(path)).toBe(true)
  })
})

describe.runIf(hasLists)('the look at files that was begun before', () => {
  const plainFile = (): string => home.write('.profile', 'old\n')
  beforeEach(() => void home.write('.bashrc', 'old\n'))

  it('starts one program for all files, and none again where they are as they were', async () => {
    const started: string[] = []
    const run: typeof SYSTEM.run = (program, args, options) => {
      started.push(program)
      return SYSTEM.run(program, args, options)
    }
    const system = { platform: 'linux', run } as const
    execFileSync('setfattr', ['-n', 'user.note', '-v', 'mine', path])
    const paths = [path, plainFile(), home.write('sub/.zshrc', 'old\n')]
    const earlier = lookAhead(paths, system)
    expect([...(await filesToWriteInPlace(paths, system, earlier))]).toEqual([path])
    expect(started).toEqual(['getfattr'])
  })

  it.each([
    ['an attribute', () => execFileSync('setfattr', ['-n', 'user.note', '-v', 'mine', path])],
    ['an access list', () => execFileSync('setfacl', ['-m', 'u:65534:r', path])],
    ['a list that its directory gives', () => execFileSync('setfacl', ['-d', '-m', 'u:65534:r', home.path])],
    [
      'another file in its place',
      () => {
        const other = home.write('other', 'old\n')
        execFileSync('setfattr', ['-n', 'user.note', '-v', 'mine', other])
        renameSync(other, path)
      },
    ],
  ])('does not count where there is %s since', async (_, change) => {
    const earlier = lookAhead([path], SYSTEM)
    expect([...(await earlier.special)]).toEqual([])
    change()
    expect([...(await filesToWriteInPlace([path], SYSTEM, earlier))]).toEqual([path])
  })

  it('is asked anew of each file where it fails for one of them', async () => {
    execFileSync('setfattr', ['-n', 'user.note', '-v', 'mine', path])
    const other = plainFile()
    const run: typeof SYSTEM.run = async (program, args, options) =>
      program === 'getfattr' && args.includes(other) ? ended(1) : SYSTEM.run(program, args, options)
    expect([...(await filesToWriteInPlace([other, path], { platform: 'linux', run }))]).toEqual([path])
  })

  it('does not count for a file that it was not about', async () => {
    const other = plainFile()
    const earlier = lookAhead([other], SYSTEM)
    execFileSync('setfattr', ['-n', 'user.note', '-v', 'mine', path])
    expect([...(await filesToWriteInPlace([path, other], SYSTEM, earlier))]).toEqual([path])
  })

  it.each(['a b', 'new\nline', 'back\\slash', '\\134', 'é', 'tab\tand\rreturn', 'a\u2028b', 'eq=x', '# file: ', ' '])(
    'finds what only a file called %j has',
    async (name) => {
      const paths = [home.write(`in ${name}/${name}`, 'old\n'), path]
      const [first = ''] = paths
      execFileSync('setfattr', ['-n', 'user.note', '-v', '0x0a2320660a', first])
      expect([...(await filesToWriteInPlace(paths, SYSTEM))]).toEqual([first])
    },
  )
})

describe('a file with other names', () => {
  it.each(['.profile', 'dotfiles/bashrc', '../bashrc', 'with a space', '.bashrc.bak'])(
    'is still the same file under each: %s',
    (name) => {
      home.write('.bashrc', 'old\n')
      mkdirSync(join(home.path, 'dotfiles'))
      linkSync(path, join(home.path, name))
      expect(replaceFile(readFileState(path), Buffer.from('new, and longer\n'))).toEqual([])
      expect(readFileSync(join(home.path, name), 'utf8')).toBe('new, and longer\n')
      replaceFile(readFileState(join(home.path, name)), Buffer.from('x\n'), 0o600)
      expect([home.read('.bashrc'), statSync(path).mode & 0o777, statSync(path).nlink]).toEqual(['x\n', 0o600, 2])
    },
  )

  it.runIf(canBeAnybody())('is not written to where it is another user’s than its directory', () => {
    const theirs = home.write('theirs', 'root only\n')
    mkdirSync(join(home.path, 'u'))
    chownSync(join(home.path, 'u'), USER.uid, USER.gids[0])
    linkSync(theirs, join(home.path, 'u/.bashrc'))
    expect(replaceFile(readFileState(join(home.path, 'u/.bashrc')), Buffer.from('x'))).toEqual(['other names'])
    expect(home.read('theirs')).toBe('root only\n')
  })
})

describe('a new file', () => {
  it.each([
    [0o000, 0o644],
    [0o002, 0o644],
    [0o022, 0o644],
    [0o027, 0o640],
    [0o077, 0o600],
    [0o777, 0o000],
  ])('with umask %o is nothing that others could write to: mode %o', (umask, mode) => {
    const before = process.umask(umask)
    try {
      replaceFile(readFileState(path), Buffer.from('x'))
    } finally {
      process.umask(before)
    }
    expect(statSync(path).mode & 0o777).toBe(mode)
  })

  it('that has to be private is private, whatever the umask', () => {
    for (const umask of [0o000, 0o022, 0o777]) {
      const before = process.umask(umask)
      try {
        replaceFile(readFileState(path), Buffer.from(String(umask)), 0o600)
      } finally {
        process.umask(before)
      }
      expect(statSync(path).mode & 0o777).toBe(0o600)
    }
  })
})

describe('what lies beside a file that could be taken for its completion', () => {
  const pending = (): string => temporaryOf(path)
  const attack = (make: () => void, at = new Date()): void => {
    home.write('.bashrc', 'one\ntwo\nthree\n')
    make()
    for (const each of [pending(), path]) utimesSync(each, at, at)
  }
  const expectWhole = (): void => {
    expect(readFileState(path).bytes?.toString()).toBe('one\ntwo\nthree\n')
    sweepTemporaries([path])
    expect(home.read('.bashrc')).toBe('one\ntwo\nthree\n')
  }

  it('is completed where it is ours', () => {
    attack(() => home.write('.bashrc', 'one\ntwo\nthree\n') && writeFileSync(pending(), 'one\n'))
    expect(readFileState(path).bytes?.toString()).toBe('one\n')
    sweepTemporaries([path])
    expect([home.read('.bashrc'), home.list()]).toEqual(['one\n', ['.bashrc']])
  })

  it('is not trusted where it is empty', () => {
    attack(() => writeFileSync(pending(), ''))
    expectWhole()
  })

  it('is not trusted where it is a link', () => {
    const other = home.write('other', 'one\n')
    attack(() => symlinkSync(other, pending()))
    expectWhole()
    expect(home.read('other')).toBe('one\n')
  })

  it('is not trusted, nor waited for, where it is a pipe', () => {
    attack(() => execFileSync('mkfifo', [pending()]))
    expectWhole()
  })

  it('is not trusted, nor removed, where it is a directory', () => {
    attack(() => mkdirSync(pending()))
    expectWhole()
    expect(readdirSync(home.path)).toHaveLength(2)
  })

  it.runIf(canBeAnybody())('is not trusted, nor removed, where it is another user’s', () => {
    attack(() => {
      writeFileSync(pending(), 'one\n', { mode: 0o666 })
      chownSync(pending(), USER.uid, USER.gids[0])
    })
    expectWhole()
    expect(readdirSync(home.path)).toHaveLength(2)
  })

  it('widens nothing that was closed later', async () => {
    attack(() => writeFileSync(pending(), 'one\ntwo\nthree\n', { mode: 0o644 }), new Date(Date.now() - 60_000))
    chmodSync(path, 0o600)
    sweepTemporaries([path])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})
