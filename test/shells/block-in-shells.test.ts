import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { inlineValues } from '../../src/profile/inline-values.ts'
import { bash } from '../../src/shells/bash.ts'
import { posixShells } from '../../src/shells/index.ts'
import { sh } from '../../src/shells/sh.ts'
import type { LoginShell } from '../../src/shells/shell.ts'
import { zsh } from '../../src/shells/zsh.ts'
import type { Position } from '../../src/store/plan.ts'
import { readBackProperty, READERS } from '../support/arbitraries/values-in-shells.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { ACCESS_TOKEN, CONNECTION_STRING, storeValues, writeBlock, type Values } from '../support/homes/shell-block.ts'
import { makeSystem } from '../support/homes/world.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { runShell, startShell, type StartedShell } from '../support/programs/shell-run.ts'

const STORED = { connectionString: 'endpoint=https://x/;accesskey=a b\'"$`\\==', accessToken: ' eyJhbG.ä日 ' }

const homes: TestHome[] = []
afterEach(() => homes.splice(0).forEach((home) => home.remove()))

function newHome(name?: string): TestHome {
  const home = makeHome(name)
  homes.push(home)
  return home
}

/** A way to start a shell that reads the profile, by itself or told to. */
interface Start {
  readonly title: string
  readonly program: string
  readonly args: readonly string[]
  readonly shell: LoginShell
  readonly profile: string
  readonly prelude?: string
}

const STARTS: readonly Start[] = [
  { title: 'bash, login', program: 'bash', args: ['-l', '-c'], shell: bash, profile: '.bash_profile' },
  { title: 'bash, interactive', program: 'bash', args: ['-i', '-c'], shell: bash, profile: '.bashrc' },
  {
    title: 'bash, login and interactive',
    program: 'bash',
    args: ['-l', '-i', '-c'],
    shell: bash,
    profile: '.bash_profile',
  },
  {
    title: 'bash --posix',
    program: 'bash',
    args: ['--posix', '-c'],
    shell: bash,
    profile: '.bashrc',
    prelude: '. ~/.bashrc; ',
  },
  { title: 'zsh, login and interactive', program: 'zsh', args: ['-l', '-i', '-c'], shell: zsh, profile: '.zshrc' },
  { title: 'dash', program: 'dash', args: ['-l', '-c'], shell: sh, profile: '.profile' },
  { title: 'ksh', program: 'ksh', args: ['-l', '-c'], shell: sh, profile: '.profile' },
  { title: 'mksh', program: 'mksh', args: ['-l', '-c'], shell: sh, profile: '.profile' },
]

const PROGRAMS = [...new Set(STARTS.map(({ program }) => program))].filter((program) => hasProgram(program, '-c'))
const available = STARTS.filter(({ program }) => PROGRAMS.includes(program))

function begin({ program, args, prelude }: Start, home: string, env: Record<string, string> = {}): StartedShell {
  return startShell(program, args, home, { env, ...(prelude !== undefined && { prelude }) })
}

/** How the shell ended and what it handed on, as Latin-1 of the bytes. */
function outcome({ status, environment }: StartedShell): readonly unknown[] {
  return [status, ...[CONNECTION_STRING, ACCESS_TOKEN].map((name) => environment.get(name)?.toString('latin1'))]
}

function wanted({ connectionString, accessToken }: Values): readonly unknown[] {
  return [0, ...[connectionString, accessToken].map((text) => text && Buffer.from(text).toString('latin1'))]
}

const LOCALES = ['C', 'C.UTF-8']
const HOME_NAMES = [
  'home',
  'a b  c',
  `it's "me"`,
  '$HOME `x` $(y)',
  'back\\slash\\',
  '*[a-z]?{1,2}',
  'é日😀',
  '~ #!;&|<>()',
  '-n =x',
]
const BEFORE: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['set -eu', 'set -eu\n'],
  ['CRLF', 'X=1\r\nY=2\r\n'],
  ['no final newline', 'X=1'],
  ['bytes that are no UTF-8', 'X=\xff\xfe\n'],
]

describe.each(available)('the block in $title', (start) => {
  /** What the shell says for itself, as a bash that has no terminal for its job control. */
  const begun = async (
    text: string,
    values: Values,
    {
      homeName,
      env = {},
      position = 'end',
    }: { readonly homeName?: string; readonly env?: Record<string, string>; readonly position?: Position } = {},
  ): Promise<{ readonly actual: unknown; readonly expected: unknown }> => {
    const home = newHome(homeName)
    storeValues(home.path, values)
    home.write(start.profile, Buffer.from(text, 'latin1'))
    const without = begin(start, home.path, env)
    await writeBlock(home.path, start.shell, join(home.path, start.profile), { position })
    const run = begin(start, home.path, env)
    return {
      actual: [...outcome(run), run.stdout, withoutProcessIds(run.stderr)],
      expected: [...wanted(values), '', withoutProcessIds(without.stderr)],
    }
  }

  const places = (['end', 'beginning'] as const).flatMap((position) =>
    BEFORE.map(([title, text]) => [position, title, text] as const),
  )
  it.each(places)('at the %s of %s sets what is stored: both, one, none', async (position, _, text) => {
    const { connectionString, accessToken } = STORED
    for (const values of [STORED, { connectionString }, { accessToken }, {}]) {
      const { actual, expected } = await begun(text, values, { position })
      expect(actual).toEqual(expected)
    }
  })

  it('works behind a byte order mark', async () => {
    const home = newHome()
    storeValues(home.path, STORED)
    const path = home.write(start.profile, '\uFEFFexport X=1\nY=2\n')
    await writeBlock(home.path, start.shell, path)
    expect(outcome(begin(start, home.path))).toEqual(wanted(STORED))
  })

  // The "~" of ksh93 drops backslashes, in every command line of such a user.
  const homeNames = HOME_NAMES.filter((name) => start.program !== 'ksh' || !name.includes('\\'))

  it.each(homeNames)('works in a home named %s', async (name) => {
    const { actual, expected } = await begun('set -eu\n', STORED, { homeName: name })
    expect(actual).toEqual(expected)
  })

  it.each(LOCALES)('works with LANG=%s', async (locale) => {
    const { actual, expected } = await begun('', STORED, { homeName: 'é日', env: { LANG: locale } })
    expect(actual).toEqual(expected)
  })

  it('adds nothing to what the shell says when it starts', async () => {
    const home = newHome()
    storeValues(home.path, STORED)
    // A system's own files may say something, and a bash without a terminal that is told to be interactive does.
    home.write(start.profile, '')
    const before = begin(start, home.path)
    await writeBlock(home.path, start.shell, join(home.path, start.profile))
    const after = begin(start, home.path)
    const withoutIds = (text: string): string => text.replaceAll(/\d+/g, 'N')
    expect([after.stdout, after.stderr].map(withoutIds)).toEqual([before.stdout, before.stderr].map(withoutIds))
  })

  it('reads the values again in every new shell', async () => {
    const home = newHome()
    await writeBlock(home.path, start.shell, join(home.path, start.profile))
    for (const accessToken of ['old', 'new']) {
      storeValues(home.path, { accessToken })
      expect(outcome(begin(start, home.path, { [ACCESS_TOKEN]: 'inherited' }))).toEqual(wanted({ accessToken }))
    }
  })

  it('holds the values itself with --inline', async () => {
    const home = newHome()
    const path = join(home.path, start.profile)
    await writeBlock(home.path, start.shell, path, { inline: STORED })
    expect(outcome(begin(start, home.path))).toEqual(wanted(STORED))
    const read = inlineValues(readFileSync(path), posixShells)
    expect([read.get(CONNECTION_STRING)?.reveal(), read.get(ACCESS_TOKEN)?.reveal()]).toEqual(Object.values(STORED))
  })
})

describe.each(['files', 'inline'] as const)('any value, with %s', (form) => {
  it('comes out of every shell as it went in', async () => {
    const { property, count } = readBackProperty(form, 20)
    await fc.assert(property, { numRuns: 2, endOnFailure: true })
    expect(count()).toBeGreaterThanOrEqual(Math.min(500, 80 * PROGRAMS.length))
  })
})

it('the shells share one text for the block', async () => {
  const home = newHome()
  const texts = new Set<string>()
  for (const [index, [, , shell]] of READERS.entries()) {
    await writeBlock(home.path, shell, join(home.path, `profile-${index}`), { inline: STORED })
    await writeBlock(home.path, shell, join(home.path, `files-${index}`))
    texts.add(home.read(`profile-${index}`) + home.read(`files-${index}`))
  }
  expect(texts.size).toBe(1)
})

describe.skipIf(!PROGRAMS.includes('bash'))('a new ~/.bash_profile', () => {
  const STATE = 'declare -px; alias; umask; set +o; declare -F; echo "$PATH"'
  const PROFILE = 'export FROM_PROFILE=1\nPATH="$HOME/bin:$PATH"\numask 027\nf() { :; }\n'
  const skeleton = (name: string): string => {
    const path = join('/etc/skel', name)
    return existsSync(path) ? readFileSync(path, 'latin1') : PROFILE
  }

  const createBashProfile = async (home: string, position: Position): Promise<string> => {
    const startup = await bash.startup({ home, program: 'bash', system: makeSystem(home) })
    const [loadPoint] = 'unanswered' in startup ? [] : startup.loadPoints
    if (loadPoint?.kind !== 'block') throw new Error('no profile')
    await writeBlock(home, bash, loadPoint.path, { preamble: loadPoint.preamble, position })
    return loadPoint.path
  }

  const stateOf = (home: string, args: readonly string[]): string => {
    const { stdout, stderr, status } = runShell('bash', [...args, STATE], home)
    const lines = stdout.split('\n').filter((line) => !/ACCESS_TOKEN|CONNECTION_STRING/.test(line))
    return [status, ...lines, withoutProcessIds(stderr)].join('\n')
  }

  it.each([
    ['~/.profile', { '.profile': PROFILE }],
    ['~/.profile under set -eu', { '.profile': `set -eu\n${PROFILE}` }],
    ['~/.bash_login alone', { '.bash_login': 'export FROM_LOGIN=1\n', '.profile': PROFILE }],
    ['~/.bash_login under set -eu', { '.bash_login': 'set -eu\nexport FROM_LOGIN=1\n' }],
    ['the files of /etc/skel', { '.profile': skeleton('.profile'), '.bashrc': skeleton('.bashrc') }],
    [
      'the files of /etc/skel under set -eu',
      { '.profile': `set -eu\n${skeleton('.profile')}`, '.bashrc': skeleton('.bashrc') },
    ],
    ['nothing', {}],
  ])('does not switch off %s', async (_, files) => {
    const home = newHome("ho me's")
    for (const [name, text] of Object.entries(files)) home.write(name, text)
    storeValues(home.path, STORED)
    const ways = [
      ['-l', '-c'],
      ['-l', '-i', '-c'],
    ]
    const before = ways.map((args) => stateOf(home.path, args))
    // The exports come before the hand-over, or behind it.
    for (const position of ['behind', 'end'] as const) {
      const path = await createBashProfile(home.path, position)
      expect(ways.map((args) => stateOf(home.path, args))).toEqual(before)
      expect(outcome(startShell('bash', ['-l', '-c'], home.path))).toEqual(wanted(STORED))
      rmSync(path)
    }
  })

  it('without the hand-over would switch them off', async () => {
    const home = newHome()
    home.write('.profile', PROFILE)
    await writeBlock(home.path, bash, join(home.path, '.bash_profile'))
    expect(stateOf(home.path, ['-l', '-c'])).not.toContain('FROM_PROFILE')
  })
})

function withoutProcessIds(text: string): string {
  return text.replaceAll(/\(\d+\)/g, '(pid)')
}
