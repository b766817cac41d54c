import { createHash } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readValuePosix } from '../../src/shells/posix-syntax.ts'
import { blamedLines } from '../support/homes/blamed-lines.ts'
import { findingsOf, hasPieceOf, type DoctorResult } from '../support/homes/doctor-bench.ts'
import type { DoctorHome, DoctorRun } from '../support/homes/doctor-runner.ts'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import {
  buildCaseProcesses,
  giveHome,
  processesAtHome,
  type CaseProcesses,
  type RunAs,
} from '../support/homes/look-process.ts'
import { ACCESS_TOKEN } from '../support/homes/shell-block.ts'
import { startUpFiles, type Expectation } from '../support/homes/start-up-files.ts'
import { inMinutes } from '../support/homes/stored-values.ts'
import { hasProgram, WHOLE_TABLES } from '../support/programs/requirements.ts'

const VALUE = 'a-value-that-nobody-is-to-see=='
const STORE = '.config/acs-env'
const FILES = { bash: ['.bash_profile', '.bashrc'], zsh: ['.zshrc'] } as const
type TestedShell = keyof typeof FILES
const BLOCK = [
  '# >>> acs-env >>>',
  ...readValuePosix(ACCESS_TOKEN, `~/${STORE}/access-token`),
  '# <<< acs-env <<<',
].join('\n')
const IS_ROOT = process.getuid?.() === 0
/** For a shell on a busy machine, and for one that would not come to an end. */
const [LONG, SHORT] = ['20s', '2s']

let processes: CaseProcesses<DoctorHome, DoctorRun>

beforeAll(async () => {
  processes = await buildCaseProcesses('doctor-runner.ts')
})
afterAll(() => processes.remove())

const users = (as: RunAs): RunAs => (IS_ROOT ? as : 'this user')

/** A quarter of a table, unless all is wanted: what the looks find is tested with all of it, in every shell. */
const partFor = <Row>(shell: TestedShell, table: readonly Row[]): readonly Row[] =>
  WHOLE_TABLES ? table : table.filter((_, index) => index % 4 === (shell === 'bash' ? 0 : 1))

const hasShells = ['bash', 'zsh', 'fish'].map((shell) => hasProgram(shell)).every(Boolean)

// Where bash runs as root it takes nothing for its trace from the environment.
const USUAL: readonly [TestedShell, RunAs][] = [
  ['bash', 'this user'],
  ['zsh', users('a plain user')],
]
const OTHERS: readonly [TestedShell, RunAs][] = [
  ['bash', users('a plain user')],
  ['zsh', 'this user'],
]

describe.runIf(hasShells).each<[TestedShell, RunAs]>(WHOLE_TABLES ? [...USUAL, ...OTHERS] : [...USUAL])(
  'in %s, as %s, the doctor',
  { timeout: WHOLE_TABLES ? 3_600_000 : 240_000 },
  (shell, user) => {
    it('names the line that is to blame', async () => {
      const lines = partFor(shell, blamedLines).filter(({ shells }) => shells.includes(shell))
      const runs = await examineHomes(shell, user, lines)
      expect(runs.map(({ document }, index) => [lines[index]?.name, ...messagesOf(document)])).toEqual(
        lines.map(({ name, message }) => [name, ...expectedMessages(message, shell)]),
      )
      expect(runs.map(({ exitCode }) => exitCode)).toEqual(lines.map(() => 3))
    })

    it('judges what the shell makes of its start-up files', async () => {
      const files = partFor(shell, startUpFiles).flatMap((file) => {
        const expected = file.butIn?.[shell] ?? file.expected
        return expected === 'left out' ? [] : [{ ...file, expected }]
      })
      const runs = await examineHomes(shell, user, files)
      expect(
        runs.map(({ exitCode, document }, index) => [files[index]?.name, exitCode, ...levelsOf(document)]),
      ).toEqual(
        files.map(({ name, expected }) => {
          const level = levelFor(expected)
          return [name, level === 'error' ? 3 : 0, level, level]
        }),
      )
    })
  },
)

async function examineHomes(
  shell: TestedShell,
  user: RunAs,
  files: readonly {
    readonly text: string
    readonly others?: Readonly<Record<string, string>>
    readonly expected?: Expectation
  }[],
): Promise<readonly DoctorRun[]> {
  const homes = files.map(({ text, others = {} }) => makeStoredHome(shell, text, others, user))
  const before = homes.map(({ path }) => readTree(path))
  const runs = await processes.run(
    homes.map(({ path }, index) => ({
      home: path,
      shell: `/bin/${shell}`,
      timeout: files[index]?.expected === 'too slow' ? SHORT : LONG,
    })),
    user,
  )
  expect(homes.map(({ path }) => readTree(path))).toEqual(before)
  await expect.poll(() => homes.flatMap(({ path }) => processesAtHome(path))).toEqual([])
  for (const home of homes) home.remove()
  expect(hasPieceOf(VALUE, JSON.stringify(runs))).toBe(false)
  return runs
}

function makeStoredHome(
  shell: TestedShell,
  text: string,
  others: Readonly<Record<string, string>>,
  user: RunAs,
): TestHome {
  const home = makeHome()
  const named = (script: string): string =>
    script
      .replaceAll('ACS_VALUE', ACCESS_TOKEN)
      // A name that is put together.
      .replace('name=ACS\n', 'name=AZURE_COMMUNICATION_ACCESS\n')
      .replace('${name}_VALUE', '${name}_TOKEN')
  home.write(`${STORE}/access-token`, VALUE)
  home.write(
    `${STORE}/state.json`,
    JSON.stringify({
      version: 1,
      shell,
      profiles: FILES[shell].map((file) => `~/${file}`),
      variables: [{ name: ACCESS_TOKEN, value: 'access-token' }],
      expires_on: inMinutes(60).toISOString(),
      token_digest: `sha256:${createHash('sha256').update(VALUE).digest('hex')}`,
    }),
  )
  for (const file of FILES[shell]) home.write(file, `${named(text).replace('BLOCK', BLOCK)}\n`)
  for (const [file, contents] of Object.entries(others)) home.write(file, named(contents))
  giveHome(home.path, user)
  makePrivate(home)
  return home
}

function makePrivate(home: TestHome): void {
  chmodSync(`${home.path}/${STORE}`, 0o700)
  chmodSync(`${home.path}/${STORE}/access-token`, 0o600)
}

function shellFindings(document: DoctorRun['document']): readonly DoctorResult[] {
  return findingsOf(document).filter(({ id }) => id.startsWith('shell.'))
}

/** The messages as the report shows them: a finding about both kinds of shells appears once. */
function messagesOf(document: DoctorRun['document']): readonly string[] {
  return [...new Set(shellFindings(document).map(({ message }) => message))]
}

function levelsOf({ checks }: DoctorRun['document']): readonly string[] {
  return ['shell.login', 'shell.tab'].map((id) => checks.find((check) => check.id === id)?.level ?? 'none')
}

/** A line of another file is one thing to cure, by whichever start-up file the shell came there. */
function expectedMessages(message: string, shell: TestedShell): readonly string[] {
  const messages = FILES[shell].map((file) => expectedMessage(message, shell, file))
  const isElsewhere = message.includes(', read by ')
  return isElsewhere ? messages.slice(0, 1).map((text) => text.replace(/^A new login shell/, 'A new shell')) : messages
}

function expectedMessage(message: string, shell: TestedShell, file: string): string {
  const inFile = message
    .replaceAll('MAIN', `~/${file}`)
    .replaceAll('SHELL', shell)
    .replaceAll('ACS_VALUE', ACCESS_TOKEN)
  const subject = 'A new shell that is not a login shell'
  if (file === '.zshrc') return inFile.replace(subject, 'A new shell')
  return file === '.bash_profile' ? inFile.replace(subject, 'A new login shell') : inFile
}

/** What a shell that could not be looked at has is not known. */
function levelFor(expected: Expectation): 'ok' | 'warning' | 'error' {
  if (expected === 'too slow' || expected === 'could not look') return 'warning'
  return /^(?:to \S+: )?same$/.test(expected) ? 'ok' : 'error'
}
