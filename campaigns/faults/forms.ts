import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { User } from '../../test/support/programs/as-user.ts'

/** A group that the user is no longer in, though their files may still be of it. */
const OLD_GROUP = 7_777
export const USER: User = { uid: 4_321, gids: [100] }
/** Everybody who could gain or lose by a new file. */
export const OTHERS: readonly User[] = [
  { uid: 4_322, gids: [100] },
  { uid: 4_323, gids: [OLD_GROUP] },
  { uid: 4_324, gids: [9_999] },
  { uid: 65_534, gids: [65_534] },
]

/** Something about a home and its `~/.bash_profile` that a change must leave as it is. */
export interface Form {
  readonly name: string
  /** Makes it so, in the user's home with a profile of theirs. */
  readonly make: (home: string, profile: string) => void
  /** Other names of the profile, below the home, that must have the same contents. */
  readonly otherNames?: readonly string[]
}

const program = (name: string, ...args: readonly string[]): void => void execFileSync(name, args)
const give = (path: string, group = USER.gids[0]): void => chownSync(path, USER.uid, group)
const directory = (path: string): void => {
  mkdirSync(path)
  give(path)
}

const ofGroup = (mode: number): Form => ({
  name: `of a group that the user is not in any more, mode ${mode.toString(8)}`,
  make: (_, profile) => {
    give(profile, OLD_GROUP)
    chmodSync(profile, mode)
  },
})

const withList = (entries: string, mode: number): Form => ({
  name: `mode ${mode.toString(8)} with ${entries}`,
  make: (_, profile) => {
    chmodSync(profile, mode)
    program('setfacl', '-m', entries, profile)
  },
})

const withAttribute = (name: string, value: string): Form => ({
  name: `with ${name}`,
  make: (_, profile) => program('setfattr', '-n', name, '-v', value, profile),
})

/** The profile by a link with this target; the file itself is where `real` says, or not there yet. */
const linked = (
  name: string,
  target: string,
  real: string | undefined,
  prepare: (home: string) => void = () => undefined,
): Form => ({
  name,
  make: (home, profile) => {
    prepare(home)
    if (real === undefined) renameSync(profile, join(home, 'was-the-profile'))
    else renameSync(profile, join(home, real))
    symlinkSync(target, profile)
  },
})

/** What somebody has put where the new contents are kept while a file is written in place. */
const beside = (name: string, make: (marker: string) => void): Form => ({
  name: `beside ${name} of another user’s`,
  make: (_, profile) => {
    const marker = join(dirname(profile), '.bash_profile.acs-env-000000000000')
    make(marker)
    const now = new Date()
    utimesSync(profile, now, now)
  },
})

export const FORMS: readonly Form[] = [
  ...[0o600, 0o640, 0o660, 0o604, 0o644].map(ofGroup),
  withList('u:65534:r', 0o600),
  withList('u:4324:---', 0o644),
  withList(`g:${OLD_GROUP}:rw`, 0o600),
  withList('u:4322:rw,m::r', 0o640),
  withList('u:65534:r,u:4324:---,g:9999:r', 0o640),
  {
    name: 'in a home that gives every new file a list',
    make: (home, profile) => {
      chmodSync(profile, 0o640)
      program('setfacl', '-d', '-m', 'u:4322:rw', home)
    },
  },
  withAttribute('user.note', 'mine'),
  withAttribute('user.xdg.origin.url', 'https://example.com/'),
  withAttribute('user.empty', ''),
  withAttribute('user.bytes', '0x00ff0a'),
  withAttribute('user.mime_type', 'text/plain'),
  ...['dotfiles', '.profile.d/x', '.bash_profile.bak', 'a b', '.bashrc'].map((other): Form => ({
    name: `also named ${other}`,
    otherNames: [other],
    make: (home, profile) => {
      if (other.includes('/')) directory(join(home, dirname(other)))
      linkSync(profile, join(home, other))
    },
  })),
  linked('a link', 'dotfiles', 'dotfiles'),
  linked('a link through a linked directory', 'd/profile', 'real-d/profile', (home) => {
    directory(join(home, 'real-d'))
    symlinkSync('real-d', join(home, 'd'))
  }),
  linked('a chain of links', 'one', 'three', (home) => {
    symlinkSync('two', join(home, 'one'))
    symlinkSync('three', join(home, 'two'))
  }),
  linked('a link that leads to nothing yet', 'not-yet', undefined),
  linked('a link to nothing yet, by ".." behind a linked directory', 'd/../not-yet', undefined, (home) => {
    directory(join(home, 'far'))
    directory(join(home, 'far/away'))
    symlinkSync('far/away', join(home, 'd'))
  }),
  beside('an empty file', (marker) => writeFileSync(marker, '')),
  beside('a file with the first line', (marker) => writeFileSync(marker, '# mine\n')),
  beside('a link', (marker) => symlinkSync('.bashrc', marker)),
  beside('a pipe', (marker) => program('mkfifo', marker)),
  beside('a directory', (marker) => mkdirSync(marker)),
]
