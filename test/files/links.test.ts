import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replaceFile } from '../../src/files/change/replace.ts'
import { distinctFiles, followLinks, identityOf, readFileState } from '../../src/files/read.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'

let home: TestHome
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

const at = (name: string): string => join(home.path, name)
const link = (name: string, target: string): void => {
  mkdirSync(dirname(at(name)), { recursive: true })
  symlinkSync(target, at(name))
}

/** Where the kernel makes a file that is written to by this path; undefined where it refuses. */
function whereTheKernelWrites(path: string): string | undefined {
  try {
    closeSync(openSync(path, 'a'))
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

/** None where links go round, which the kernel does not follow either. */
function tryIdentityOf(path: string): string | undefined {
  try {
    return identityOf(path)
  } catch {
    return undefined
  }
}

describe('a link that leads to nothing yet leads where the kernel says', () => {
  it.each<readonly [string, string, () => void]>([
    [
      'in a home that is a link itself',
      'u/.profile',
      (): void => {
        mkdirSync(at('data/shared'), { recursive: true })
        link('u', 'data/u')
        link('data/u/.profile', '../shared/profile')
      },
    ],
    [
      'through a linked directory',
      '.profile',
      (): void => {
        mkdirSync(at('elsewhere/bash'), { recursive: true })
        link('dotfiles', 'elsewhere/bash')
        link('.profile', 'dotfiles/profile')
        link('elsewhere/bash/profile', '../profile')
      },
    ],
    [
      'through a chain of links',
      'a',
      (): void => {
        mkdirSync(at('d/e'), { recursive: true })
        link('a', 'b')
        link('b', 'd/c')
        link('d/c', 'e/f')
      },
    ],
    [
      'with ".." behind a linked directory in its target',
      '.profile',
      (): void => {
        mkdirSync(at('far/away'), { recursive: true })
        link('near', 'far/away')
        link('.profile', 'near/../profile')
      },
    ],
    [
      'as an absolute path through a linked directory',
      '.profile',
      (): void => {
        mkdirSync(at('far/away'), { recursive: true })
        link('near', 'far/away')
        link('.profile', at('near/../profile'))
      },
    ],
    [
      'with needless slashes and dots',
      '.profile',
      (): void => {
        mkdirSync(at('far/away'), { recursive: true })
        link('near', 'far/away/')
        link('.profile', './/near/.//profile')
      },
    ],
  ])('%s', (_, name, prepare) => {
    prepare()
    const [identity, followed] = [identityOf(at(name)), followLinks(at(name))]
    replaceFile(readFileState(at(name)), Buffer.from('new\n'))
    expect(realpathSync.native(at(name))).toBe(identity)
    expect(followed).toBe(identity)
    expect(readFileState(at(name)).bytes?.toString()).toBe('new\n')
  })
})

describe('the identity of a file', () => {
  const names = fc.constantFrom('a', 'b', 'c')
  const part = fc.oneof({ weight: 3, arbitrary: names }, { weight: 1, arbitrary: fc.constantFrom('..', '.') })
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const entry = fc.oneof(
    fc.record({ kind: fc.constant('directory' as const), path }),
    fc.record({ kind: fc.constant('file' as const), path }),
    fc.record({ kind: fc.constant('link' as const), path, target: path, isAbsolute: fc.boolean() }),
  )

  /** Some of these find no place; the others are there. */
  const prepare = (
    root: string,
    entries: readonly (typeof entry extends fc.Arbitrary<infer T> ? T : never)[],
  ): void => {
    for (const item of entries) {
      try {
        if (item.kind === 'directory') mkdirSync(`${root}/${item.path}`)
        else if (item.kind === 'file') writeFileSync(`${root}/${item.path}`, '', { flag: 'wx' })
        else symlinkSync(item.isAbsolute ? `${root}/${item.target}` : item.target, `${root}/${item.path}`)
      } catch {
        // Something else is there, or nothing to be in.
      }
    }
  }

  it('is where the kernel writes, in any tree of links', () => {
    let tree = 0
    let compared = 0
    let dangling = 0
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), path, (entries, asked) => {
        // So that a few ".." do not lead out of it.
        const root = at(`${(tree += 1)}/x/x/x/x/x`)
        mkdirSync(root, { recursive: true })
        prepare(root, entries)
        const full = `${root}/${asked}`
        const wasThere = existsSync(full)
        const identity = tryIdentityOf(full)
        const real = wasThere ? realpathSync.native(full) : whereTheKernelWrites(full)
        if (real === undefined) return
        compared += 1
        if (!wasThere) dangling += 1
        expect(identity).toBe(real)
      }),
      { numRuns: 400 },
    )
    expect(compared).toBeGreaterThan(60)
    expect(dangling).toBeGreaterThan(15)
  })

  it('is the same before and after a file is made, in a directory that is reached by a link', () => {
    mkdirSync(at('real/.config'), { recursive: true })
    link('u', 'real')
    const before = identityOf(at('u/.config/new/deep/file'))
    mkdirSync(at('real/.config/new/deep'), { recursive: true })
    writeFileSync(at('real/.config/new/deep/file'), '')
    expect(before).toBe(at('real/.config/new/deep/file'))
    expect(identityOf(at('u/.config/new/deep/file'))).toBe(before)
  })

  it.each([
    ['to itself', [['a', 'a']]],
    [
      'two to each other',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
    ],
    [
      'by way of a directory',
      [
        ['a', 'd/a'],
        ['d', 'a'],
      ],
    ],
  ])('is none where links go round, and that is said: %s', (_, links) => {
    for (const [name = '', target = ''] of links) link(name, target)
    expect(() => identityOf(at('a'))).toThrow(`${at('a')} could not be read: its symbolic links go round in a circle.`)
  })
})

describe('of several paths to one file the first counts', () => {
  const first = '.bash_profile'
  it.each<readonly [string, string, () => void]>([
    ['a link to it', '.bashrc', () => link('.bashrc', first)],
    ['a link to a link', '.bashrc', () => (link('x', first), link('.bashrc', 'x'))],
    ['the home by another name', `../other/${first}`, () => symlinkSync(home.path, join(dirname(home.path), 'other'))],
    ['a hard link', '.bashrc', () => linkSync(at(first), at('.bashrc'))],
    ['a link to a hard link', '.bashrc', () => (linkSync(at(first), at('x')), link('.bashrc', 'x'))],
    ['".." in the path', `x/../${first}`, () => mkdirSync(at('x'))],
  ])('%s', (_, other, prepare) => {
    home.write(first, '')
    prepare()
    // Not joined, which would take ".." away.
    const paths = [at(first), `${home.path}/${other}`]
    expect(distinctFiles([...paths, at('third')])).toEqual([at(first), at('third')])
    expect(distinctFiles(paths.toReversed())).toEqual([paths[1]])
  })

  it('also where it does not exist yet, and its directory goes by two names', () => {
    const other = join(dirname(home.path), 'other')
    symlinkSync(home.path, other)
    expect(distinctFiles([at('.profile'), join(other, '.profile')])).toEqual([at('.profile')])
    expect(distinctFiles([at('.profile'), at('.bashrc')])).toHaveLength(2)
  })

  it('and two files with the same contents are two', () => {
    home.write('a', 'x')
    home.write('b', 'x')
    expect(distinctFiles([at('a'), at('b')])).toHaveLength(2)
  })
})

it('a link whose target appears between reading and writing is not overwritten', () => {
  link('.profile', 'there')
  const state = readFileState(at('.profile'))
  writeFileSync(at('there'), 'somebody else was faster\n')
  expect(() => replaceFile(state, Buffer.from('new'))).toThrow('another program has changed it')
  expect(home.read('there')).toBe('somebody else was faster\n')
  rmSync(at('there'))
  renameSync(at('.profile'), at('moved'))
  expect(basename(followLinks(at('moved')))).toBe('there')
})

describe('links with targets as long as they can be are followed in no time', () => {
  it.each<readonly [string, string]>([
    ['up and down through a directory', 'there/../'.repeat(440)],
    ['through what does not exist', `${'no/'.repeat(600)}${'../'.repeat(600)}`],
    ['through itself', './'.repeat(1_900)],
  ])('%s', (_, way) => {
    mkdirSync(at('there'))
    for (let index = 0; index < 35; index += 1) link(`link${index}`, `${way}link${index + 1}`)
    const before = performance.now()
    expect(identityOf(at('link0'))).toBe(realpathSync(home.path) + '/link35')
    // Once it was eight seconds, for each of ten or more looks in a run.
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  it('and a target that is too long for the kernel is an error', () => {
    link('.profile', 'n'.repeat(4_000))
    expect(() => identityOf(at('.profile'))).toThrow('its path is too long')
  })
})
