import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { CliError } from '../../../src/errors.ts'
import { openStore, prepareStore } from '../../../src/platforms/resolve.ts'
import { Secret } from '../../../src/secret.ts'
import type { PreparedStore, Store } from '../../../src/store/store.ts'
import { DEFAULT_VARIABLES } from '../../../src/store/stored.ts'
import { makeHome, type TestHome } from '../homes/home.ts'
import { ACCESS_TOKEN, CONNECTION_STRING } from '../homes/shell-block.ts'
import { makeSystem } from '../homes/world.ts'
import { BEGIN, END, isMarker, line, lineOf } from './profile-bytes.ts'
import { composed, soup } from './script-arbitraries.ts'
import { value } from './values-in-shells.ts'

const LARGEST_BYTES = 10 * 1024 * 1024
/** More than the values of a pair take. */
const ROOM_FOR_BLOCK_BYTES = 1024 * 1024
const BLOCK = `${BEGIN}\nexport ${ACCESS_TOKEN}='theirs'\n${END}\n`

/** Pieces of a profile, in Latin-1: any bytes, scripts that are whole or not, exports that are ours to take over, markers. */
const piece = fc.oneof(
  { weight: 3, arbitrary: line.map((bytes) => `${bytes.toString('latin1')}\n`) },
  { weight: 2, arbitrary: composed() },
  { weight: 2, arbitrary: soup() },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      `export ${ACCESS_TOKEN}='old'\n`,
      `  export ${CONNECTION_STRING}="endpoint=https://x/;accesskey=y" ;\r\n`,
      `export ${ACCESS_TOKEN}=$(cat token)\n`,
      `if true; then\n  export ${ACCESS_TOKEN}=x\nfi\n`,
      "cat <<'EOF'\n",
      'echo "\n',
      'exec fish\n',
      'a \\\n',
      '\r\n',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(BLOCK, BLOCK.replaceAll('\n', '\r\n'), `${BEGIN}\n`, `${END}\n`, `${BEGIN}\n${BLOCK}`),
  },
)

const profile = fc
  .tuple(
    fc.constantFrom('', '', '', '', '\xef\xbb\xbf', '\xff\xfe', '\xfe\xff'),
    fc.array(piece, { maxLength: 6 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([mark, pieces, isWindows, ends]) => {
    const text = pieces.join('')
    const lines = isWindows ? text.replaceAll(/\r?\n/g, '\r\n') : text
    return Buffer.from(mark + (ends ? lines : lines.replace(/\r?\n$/, '')), 'latin1')
  })

/** Up to the largest that is taken, and the smallest that is not. */
const largeSize = fc.constantFrom(
  LARGEST_BYTES - ROOM_FOR_BLOCK_BYTES,
  LARGEST_BYTES + 1,
  LARGEST_BYTES / 8,
  LARGEST_BYTES / 4,
)

type Pair = readonly [connectionString: string, accessToken: string]

const pair: fc.Arbitrary<Pair> = fc.tuple(value, value)

interface World {
  /** This many bytes of comments come first. */
  readonly filler: number
  readonly bashProfile: Buffer | undefined
  readonly bashrc: Buffer | undefined
  /** Of either file; it is kept, or given back. */
  readonly mode: number
  /** The profile is a link to a file elsewhere. */
  readonly isLink: boolean
  readonly forms: readonly boolean[]
  readonly pairs: readonly Pair[]
}

function worldOf(filler: fc.Arbitrary<number>): fc.Arbitrary<World> {
  return fc.record({
    filler,
    bashProfile: fc.option(profile, { nil: undefined, freq: 6 }),
    bashrc: fc.option(profile, { nil: undefined, freq: 2 }),
    mode: fc.constantFrom(0o644, 0o600, 0o640, 0o755),
    isLink: fc.boolean(),
    // Whether the values are inline: the first time, and when they have changed.
    forms: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
    pairs: fc.array(pair, { minLength: 2, maxLength: 2 }),
  })
}

/** Every file below the home with its mode and bytes; directories but for those of our own. */
function snapshot({ list, path: home }: TestHome): ReadonlyMap<string, string> {
  const entries = list().flatMap((name): readonly (readonly [string, string])[] => {
    const path = join(home, name)
    const stats = lstatSync(path)
    if (stats.isDirectory()) return name.startsWith('.config') ? [] : [[name, 'directory']]
    return [
      [
        name,
        `${(stats.mode & 0o777).toString(8)} ${stats.isSymbolicLink() ? 'link' : readFileSync(path, 'latin1')}`,
      ] as const,
    ]
  })
  return new Map(entries)
}

/** The lines of a file as another hand finds them: those outside the marker lines, and how many of these there are. */
function splitAtMarkers(text: string): {
  readonly outside: string
  readonly begins: readonly number[]
  readonly ends: readonly number[]
} {
  // A marker may stand right behind the byte order mark, which is no part of it.
  const [, mark = '', rest = ''] = /^(\xef\xbb\xbf)?([^]*)$/.exec(text) ?? []
  const lines = rest.match(/[^\n]*\n|[^\n]+/g) ?? []
  const at = (marker: string): readonly number[] =>
    lines.flatMap((found, index) =>
      isMarker(lineOf(found.replace(/\n$/, ''))) && found.startsWith(marker) ? [index] : [],
    )
  const [begins, ends] = [at(BEGIN), at(END)]
  const outside = lines.filter((_, index) => index < (begins[0] ?? Infinity) || index > (ends[0] ?? -1))
  return { outside: begins.length === 0 ? text : mark + outside.join(''), begins, ends }
}

/** Why no block can stand in a file. */
function unfitness(bytes: Buffer | undefined): readonly string[] {
  if (bytes === undefined) return []
  return [
    ...(bytes.length > LARGEST_BYTES ? ['larger than 10 MB'] : []),
    ...(/^(\xff\xfe|\xfe\xff)[^]*\0/.test(bytes.toString('latin1')) ? ['UTF-16'] : []),
  ]
}

/** Why nobody could tell where the block is in a file. */
function doubts(bytes: Buffer | undefined): readonly string[] {
  const { begins, ends } = splitAtMarkers(bytes?.toString('latin1') ?? '')
  const isPair = begins.length === 1 && ends.length === 1 && (begins[0] ?? 0) < (ends[0] ?? 0)
  return begins.length + ends.length === 0 || isPair ? [] : ['not one pair']
}

const EXPORT = new RegExp(String.raw`^[ \t]*export[ \t]+(${ACCESS_TOKEN}|${CONNECTION_STRING})=`)

/** That nothing but whole export lines, and at most one line ending more, tells one text from the other. */
function expectOutsideKept(before: string, after: string): void {
  const [old, now] = [splitAtMarkers(before), splitAtMarkers(after)]
  expect([now.begins.length, now.ends.length]).toEqual([1, 1])
  const rest = old.outside.split('\n')
  const kept = now.outside.split('\n')
  let at = 0
  for (const text of rest) {
    if (kept[at] === text) at += 1
    else expect(text).toMatch(EXPORT)
  }
  // The line ending that a last line was given leaves an empty line behind it.
  expect(kept.slice(at)).toEqual(kept.length > at ? [''] : [])
}

/** Stores a pair; returns how many steps it took. */
async function storePair(
  store: PreparedStore,
  [connectionString, accessToken]: Pair,
  otherResource: boolean,
): Promise<number> {
  const plan = await store.plan<never>({
    kind: 'store',
    request: {
      connectionString: new Secret(connectionString),
      accessToken: new Secret(accessToken),
      variables: DEFAULT_VARIABLES,
      earlier: (await store.find()).state,
      issued: {},
      createdDirectories: [],
      otherResource,
      remembered: { name: undefined, identities: [], invalidated: undefined, seen: undefined },
      switch: undefined,
    },
  })
  await store.apply(plan)
  return plan.steps.length
}

const valuesOf = async (store: Pick<Store, 'find'>): Promise<readonly (string | undefined)[]> => {
  const { connectionString, accessToken } = await store.find()
  return [connectionString?.reveal(), accessToken?.reveal()]
}

/** As a value file is read: its first line, without a CR at its end; nothing in it is no value. */
const readable = (values: readonly string[], isInline: boolean): readonly (string | undefined)[] =>
  isInline ? values : values.map((text) => text.replace(/\r$/, '') || undefined)

async function tryWorld({ filler, bashProfile: ownLines, bashrc, mode, isLink, forms, pairs }: World): Promise<void> {
  const comments = Buffer.alloc(filler, `# ${'x'.repeat(77)}\n`)
  const bashProfile = ownLines && Buffer.concat([comments.subarray(0, Math.max(0, filler - ownLines.length)), ownLines])
  const home = makeHome()
  try {
    const put = (name: string, bytes: Buffer | undefined): void => {
      if (bytes !== undefined) chmodSync(home.write(name, bytes), mode)
    }
    mkdirSync(join(home.path, 'dotfiles'))
    put(isLink ? 'dotfiles/profile' : '.bash_profile', bashProfile)
    if (isLink) symlinkSync('dotfiles/profile', join(home.path, '.bash_profile'))
    put('.bashrc', bashrc)
    const before = snapshot(home)
    const [first = false, second = false] = forms
    const [old = ['x', 'x'], young = old] = pairs
    const prepare = (inline: boolean): Promise<PreparedStore> =>
      prepareStore({ shell: undefined, rcFile: undefined, inline }, makeSystem(home.path))
    const profiles = (): readonly string[] =>
      ['.bash_profile', '.bashrc'].filter((name) => existsSync(join(home.path, name))).map((name) => home.read(name))

    // The file that is loaded by hand has to be fit; of others that are not, setup warns, and leaves them alone.
    const isLeftAlone = unfitness(bashrc).length > 0
    const refusals = [...unfitness(bashProfile), ...doubts(bashProfile), ...(isLeftAlone ? [] : doubts(bashrc))]
    if (refusals.length > 0) {
      const refused = prepare(first).then((store) => storePair(store, old, false))
      await expect(refused).rejects.toThrow(CliError)
      await expect(refused).rejects.toThrow(new RegExp(refusals.join('|')))
      expect(snapshot(home)).toEqual(before)
      return
    }

    const prepared = await prepare(first)
    await storePair(prepared, old, false)
    expect(await valuesOf(prepared)).toEqual(readable(old, first))
    // A bash of Linux that is not a login shell reads ~/.bashrc alone, so both are made where they are missing.
    const originals = [bashProfile, bashrc].map((bytes) => bytes ?? Buffer.alloc(0))
    const expectKept = (): void => {
      for (const [index, bytes] of originals.entries()) {
        const [text, now] = [bytes.toString('latin1'), profiles()[index] ?? '']
        if (isLeftAlone && index === 1) expect(now).toBe(text)
        else expectOutsideKept(text, now)
      }
    }
    const written = profiles()
    expect(written.length).toBe(originals.length)
    expectKept()

    const once = snapshot(home)
    expect(await storePair(await prepare(first), old, false)).toBe(0)
    expect(snapshot(home)).toEqual(once)

    const again = await prepare(second)
    await storePair(again, young, true)
    expect(await valuesOf(again)).toEqual(readable(young, second))
    const outsides = (): readonly string[] => profiles().map((text) => splitAtMarkers(text).outside)
    expect(outsides()).toEqual(written.map((text) => splitAtMarkers(text).outside))
    const renewed = await openStore(makeSystem(home.path))
    await renewed.apply(await renewed.plan<never>({ kind: 'renew', accessToken: new Secret(old[1]), issued: {} }))
    expect(await valuesOf(renewed)).toEqual(readable([young[0], old[1]], second))

    for (const position of ['end', 'beginning', 'behind'] as const) {
      const paths = ['.bash_profile', '.bashrc'].map((name) => join(home.path, name))
      await again.apply(await again.plan({ kind: 'place', position, profiles: paths }))
      expect(await valuesOf(again)).toEqual(readable([young[0], old[1]], second))
      expectKept()
    }

    await renewed.apply(await renewed.plan({ kind: 'remove' }))
    const expected = [...before].map(([name, contents]) => [name, withoutTheirBlock(contents)])
    expect([...snapshot(home)]).toEqual(expected)
  } finally {
    home.remove()
  }
}

/** A block that was there before the first setup is nobody's own line: it goes. */
function withoutTheirBlock(contents: string): string {
  const [, mode = '', text = ''] = /^(\S+ )([^]*)$/.exec(contents) ?? [undefined, '', contents]
  return mode + splitAtMarkers(text).outside
}

/**
 * Of homes with generated profiles: setup leaves what is outside the block, and done twice changes nothing more; so do
 * other values, in the profile or not, a new token, and another place for the block; what was stored is found; unset
 * gives every byte and mode back.
 */
export const storeProperties = {
  'a store in any home': fc.asyncProperty(worldOf(fc.constant(0)), tryWorld),
  'a store in a home with large profiles': fc.asyncProperty(worldOf(largeSize), tryWorld),
}
