import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropInText } from '../../src/profile/drop-in.ts'
import { fish } from '../../src/shells/other/fish.ts'
import { tcsh } from '../../src/shells/other/tcsh.ts'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import { buildLookProcesses, type LookProcesses } from '../support/homes/look-process.ts'
import type { LookCase } from '../support/homes/look-runner.ts'
import {
  fishBlamedLines,
  NOTHING_WRONG,
  type OtherBlamedLine,
  tcshBlamedLines,
} from '../support/homes/other-blamed-lines.ts'
import { installedOtherShells } from '../support/programs/other-shells.ts'

const VALUE = 'a-value-that-nobody-is-to-see=='
const TIMEOUT_MS = 20_000

const ROWS: Readonly<Record<string, readonly OtherBlamedLine[]>> = { fish: fishBlamedLines, tcsh: tcshBlamedLines }
const LOAD = { fish: fish.readValue('ACS_VALUE', '~/value'), tcsh: tcsh.readValue('ACS_VALUE', '~/value') }
/** In the order of reading. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  fish: ['aa', 'acs-env', 'zz'].map((name) => `.config/fish/conf.d/${name}.fish`).concat('.config/fish/config.fish'),
  tcsh: ['.tcshrc', '.login'],
}

let processes: LookProcesses

beforeAll(async () => {
  processes = await buildLookProcesses()
})

afterAll(() => processes.remove())

describe.each(installedOtherShells().filter(({ name }) => name in ROWS))('$title', ({ name: shell, program }) => {
  it('is traced to the line', { timeout: 240_000 }, async () => {
    const cases = (ROWS[shell] ?? []).map((row) => ({ ...row, home: makeStartUpHome(shell, row) }))
    const before = cases.map(({ home }) => ownFiles(home))

    const runs = await processes.run(
      cases.map(({ home, start }) => lookCase(shell, program, home, start)),
      'this user',
    )

    const messages = cases.map(({ name }, index) => [
      name,
      ...(runs[index]?.findings ?? []).map(({ message }) => message),
    ])
    expect(messages).toEqual(cases.map(({ name, message }) => (message === NOTHING_WRONG ? [name] : [name, message])))
    expect(cases.map(({ home }) => ownFiles(home))).toEqual(before)
    expect(containsPieceOf(VALUE, JSON.stringify(runs))).toBe(false)
    for (const { home } of cases) home.remove()
  })
})

function makeStartUpHome(shell: string, { files }: OtherBlamedLine): TestHome {
  const home = makeHome()
  home.write('value', VALUE)
  const lines = shell === 'fish' ? LOAD.fish : LOAD.tcsh
  const block = ['# >>> acs-env >>>', ...lines, '# <<< acs-env <<<'].join('\n')
  const hasBlock = Object.values(files).some((text) => text.includes('BLOCK\n'))
  if (!hasBlock) home.write('.config/fish/conf.d/acs-env.fish', dropInText(lines))
  for (const [file, text] of Object.entries(files))
    home.write(
      file,
      text.replace('BLOCK', () => block),
    )
  return home
}

function lookCase(
  shell: string,
  program: string,
  { path }: TestHome,
  start: LookCase['starts'][number] = 'interactive',
): LookCase {
  return {
    home: path,
    program,
    starts: [start],
    env: {},
    expected: { ACS_VALUE: VALUE },
    timeoutMs: TIMEOUT_MS,
    files: (FILES[shell] ?? []).map((file) => `${path}/${file}`),
  }
}

/** Without what every fish writes itself. */
function ownFiles({ path }: TestHome): Readonly<Record<string, string>> {
  const entries = Object.entries(readTree(path))
  return Object.fromEntries(entries.filter(([file]) => !/\/fish_(?:variables|history)$/.test(file)))
}

function containsPieceOf(secret: string, text: string): boolean {
  const pieces = Array.from({ length: secret.length - 7 }, (_, start) => secret.slice(start, start + 8))
  return pieces.some((piece) => text.includes(piece))
}
