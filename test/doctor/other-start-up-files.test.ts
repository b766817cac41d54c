import { createHash } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropInText } from '../../src/profile/drop-in.ts'
import { fish } from '../../src/shells/other/fish.ts'
import { tcsh } from '../../src/shells/other/tcsh.ts'
import { findingsOf, hasPieceOf } from '../support/homes/doctor-bench.ts'
import type { DoctorHome, DoctorRun } from '../support/homes/doctor-runner.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { buildCaseProcesses, giveHome, type CaseProcesses, type RunAs } from '../support/homes/look-process.ts'
import {
  fishBlamedLines,
  NOTHING_WRONG,
  type OtherBlamedLine,
  tcshBlamedLines,
} from '../support/homes/other-blamed-lines.ts'
import { ACCESS_TOKEN } from '../support/homes/shell-block.ts'
import { inMinutes } from '../support/homes/stored-values.ts'
import { installedOtherShells } from '../support/programs/other-shells.ts'
import { WHOLE_TABLES } from '../support/programs/requirements.ts'

const VALUE = 'a-value-that-nobody-is-to-see=='
const STORE = '.config/acs-env'
const TABLES = {
  fish: { shell: fish, rows: fishBlamedLines, main: '.config/fish/config.fish' },
  tcsh: { shell: tcsh, rows: tcshBlamedLines, main: '.tcshrc' },
} as const
type Table = (typeof TABLES)[keyof typeof TABLES]
const DROP_IN = '.config/fish/conf.d/acs-env.fish'

let processes: CaseProcesses<DoctorHome, DoctorRun>

beforeAll(async () => {
  processes = await buildCaseProcesses('doctor-runner.ts')
})
afterAll(() => processes.remove())

/** A fifth of the table, unless all is wanted; without names that are put together, which are other ones here, and what is in order. */
function someOf(rows: readonly OtherBlamedLine[]): readonly OtherBlamedLine[] {
  const usable = rows.filter(({ name, message }) => !/pieces|nowhere|pattern/.test(name) && message !== NOTHING_WRONG)
  return WHOLE_TABLES ? usable : usable.filter((_, index) => index % 5 === 0)
}

const IS_ROOT = process.getuid?.() === 0

/** One that is installed in a place of the tests' own is for nobody else. */
const usersOf = (program: string): readonly RunAs[] => {
  if (!IS_ROOT || !program.startsWith('/usr/')) return ['this user']
  return WHOLE_TABLES ? ['a plain user', 'this user'] : ['a plain user']
}

const installed = installedOtherShells().flatMap(({ title, name, program }) =>
  name === 'fish' || name === 'tcsh'
    ? usersOf(program).map((user) => ({ title, program, user, table: TABLES[name] }))
    : [],
)

describe.each(installed)('in $title, as $user, the doctor', ({ program, user, table }) => {
  it('names the line that is to blame', { timeout: WHOLE_TABLES ? 3_600_000 : 240_000 }, async () => {
    const rows = someOf(table.rows)
    const homes = rows.map(({ files }) => makeStoredHome(table, files))
    for (const { path } of homes) giveHome(path, user)
    const runs = await processes.run(
      homes.map(({ path }) => ({ home: path, shell: program, timeout: '20s' })),
      user,
    )

    const messages = runs.map(({ document }, index) => {
      const own = findingsOf(document).filter(({ id }) => id.startsWith('shell.'))
      return [rows[index]?.name, ...new Set(own.map(({ message }) => message))]
    })
    expect(messages).toEqual(rows.map(({ name, message }) => [name, inBothStarts(message)]))
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(rows.map(() => 3))
    expect(hasPieceOf(VALUE, JSON.stringify(runs))).toBe(false)
    for (const home of homes) home.remove()
  })
})

function makeStoredHome({ shell, main }: Table, files: OtherBlamedLine['files']): TestHome {
  const home = makeHome()
  const lines = shell.readValue(ACCESS_TOKEN, `~/${STORE}/access-token`)
  const block = ['# >>> acs-env >>>', ...lines, '# <<< acs-env <<<'].join('\n')
  const hasBlock = Object.values(files).some((text) => text.includes('BLOCK\n'))
  if (!hasBlock) home.write(DROP_IN, dropInText(lines))
  for (const [file, text] of Object.entries(files)) {
    home.write(
      file,
      text.replaceAll('ACS_VALUE', ACCESS_TOKEN).replace('BLOCK', () => block),
    )
  }
  home.write(`${STORE}/access-token`, VALUE)
  home.write(
    `${STORE}/state.json`,
    JSON.stringify({
      version: 1,
      shell: shell.name,
      profiles: [`~/${hasBlock ? main : DROP_IN}`],
      ...(hasBlock && shell.name === 'fish' && { rc_file: `~/${main}` }),
      variables: [{ name: ACCESS_TOKEN, value: 'access-token' }],
      expires_on: inMinutes(60).toISOString(),
      token_digest: `sha256:${createHash('sha256').update(VALUE).digest('hex')}`,
    }),
  )
  chmodSync(`${home.path}/${STORE}`, 0o700)
  chmodSync(`${home.path}/${STORE}/access-token`, 0o600)
  return home
}

function inBothStarts(message: string): string {
  return message.replaceAll('ACS_VALUE', ACCESS_TOKEN).replace('A new shell that is not a login shell', 'A new shell')
}
