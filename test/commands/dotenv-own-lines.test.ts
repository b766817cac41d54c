import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { readTree } from '../support/homes/home.ts'
import { done, inProject, setup } from '../support/homes/project.ts'
import type { WorldOptions } from '../support/homes/world.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const OWN = '.config/acs-env'
const NOTES = `${OWN}/restore-dotenv.json`
const OTHER = `endpoint=https://other.communication.azure.com/;accesskey=${'a'.repeat(88)}`

const given = ['--connection-string']
const write = (text: string): string => home.write('project/.env', Buffer.from(text))
const text = (): string => readFileSync(join(home.path, 'project/.env'), 'utf8')
const hasNotes = (): boolean => home.list().includes(NOTES)

/** A `.env` file, and what setup is asked for besides. */
const forms: readonly (readonly [string, string, ...string[]])[] = [
  ['a token', `A=1\n${TOKEN}=mine # from the portal\nB=2\n`],
  ['a token of another identity', `${TOKEN}=eyJhbGciOiJub25lIn0.eyJza3lwZWlkIjoiYWNzOjEifQ.sig\n`],
  ['both', `${CONNECTION_STRING}='${OTHER}'\nA=1\n${TOKEN}="mine"\n`],
  ['tabs, export and blanks around the sign', `\texport\t${TOKEN} = "mine"\t# c\n`],
  ['no line ending at the end', `A=1\n${TOKEN}=mine`],
  ['no line ending behind another line', `${TOKEN}=mine\nA=1`],
  ['the line endings of Windows', `A=1\r\n${TOKEN}=mine\r\n`],
  ['several lines of one name', `${TOKEN}=1\nA=1\n${TOKEN}=2\n\n# c\n${TOKEN}=3\n${CONNECTION_STRING}=x\n`],
  ['a value over several lines', `A=1\n${TOKEN}="one\ntwo"\n`],
  ['a byte order mark', `\uFEFF${TOKEN}=mine\nA=1\n`],
  ['what only dotenv reads', `${TOKEN}: mine\nA=1\n`],
  ['no value', `${TOKEN}=\n`],
  ['a line that is taken out', `${CONNECTION_STRING}='${OTHER}'\nA=1\n`, '--token-only'],
  ['a further name', `ACS='${OTHER}'\nA=1\n`, '--as', 'ACS'],
]

describe("the lines of a .env file that give way to acs-env's", () => {
  it.each(forms)('return with unset: %s', async (_, before, ...options) => {
    write(before)
    const tree = readTree(home.path)
    await setup(['--dotenv', '.env', ...options])
    expect([hasNotes(), text() === before]).toEqual([true, false])
    await done(['refresh', ...given, emulator.connectionString])
    await setup(['--dotenv', '.env', ...options])
    await done(['unset'])
    expect(readTree(home.path)).toEqual(tree)
    await setup(['--dotenv', '.env', ...options])
    await done(['unset', '--dotenv', '.env'])
    expect([readTree(home.path), home.list().includes(OWN)]).toEqual([tree, false])
  })

  it('return where setup used the connection string in them', async () => {
    write(`A=1\nexport ${CONNECTION_STRING}="${emulator.connectionString}"\n`)
    const tree = readTree(home.path)
    expect((await done(['setup', '--no-verify', '--dotenv', '.env'])).stderr).not.toContain('which is replaced')
    expect(text()).toContain(`export ${CONNECTION_STRING}='${emulator.connectionString}'`)
    const { stderr } = await done(['unset'])
    expect(stderr).toContain(`~/project/.env has your ${CONNECTION_STRING} again.`)
    expect(readTree(home.path)).toEqual(tree)
  })

  it('return where a renewal was the first to know of the file', async () => {
    const { stdout: token } = await done(['issue', '--scope', 'chat', ...given, emulator.connectionString])
    write(`${CONNECTION_STRING}='${emulator.connectionString}'\n${TOKEN}=${token}`)
    const tree = readTree(home.path)
    await done(['refresh', '--dotenv', '.env'])
    await done(['refresh'])
    await done(['unset'])
    expect(readTree(home.path)).toEqual(tree)
  })

  it('return to their files, beside the variables of new shells', async () => {
    home.write('project/.env', `${TOKEN}=one\n`)
    home.write('project/second.env', `A=1\n${TOKEN}=two\n`)
    const tree = readTree(home.path)
    await setup([])
    await setup()
    await setup(['--dotenv', 'second.env'])
    await done(['unset', '--dotenv', 'second.env'])
    expect([home.read('project/second.env'), hasNotes()]).toEqual([`A=1\n${TOKEN}=two\n`, true])
    await done(['unset'])
    expect(readTree(home.path)).toEqual(tree)
  })

  it('return to the place of ours where other lines have changed since', async () => {
    write(`A=1\n${TOKEN}=1\nB=2\n${TOKEN}=2 # mine\n`)
    await setup()
    write(text().replace('A=1\n', '# new\n').replace('B=2', 'B=3'))
    await done(['unset'])
    expect(text()).toBe(`# new\nB=3\n${TOKEN}=1\n${TOKEN}=2 # mine\n`)
  })

  it('return at the end where nothing is left of ours', async () => {
    write(`${TOKEN}=mine\nA=1\n`)
    await setup()
    write('A=2')
    const { stderr } = await done(['unset'])
    expect([text(), stderr]).toEqual([
      `A=2\n${TOKEN}=mine\n`,
      expect.stringContaining(`~/project/.env has your ${TOKEN} again.`),
    ])
  })

  it('do not return where they were set anew since, and unset says so', async () => {
    write(`${TOKEN}=older\n`)
    await setup()
    write(text().replace(/=eyJ.*/, '=newer'))
    const { stderr } = await done(['unset'])
    expect([text(), hasNotes()]).toEqual([`${TOKEN}=newer\n`, false])
    expect(stderr).toContain(
      `~/project/.env sets ${TOKEN} anew; the older line that acs-env took over does not return.`,
    )
  })

  it('are the newer ones where setup comes again', async () => {
    write(`A=1\n${TOKEN}=older\n${CONNECTION_STRING}='${OTHER}'\n`)
    await setup()
    write(text().replace(/=eyJ.*/, '=newer'))
    await setup()
    await done(['unset'])
    expect(text()).toBe(`A=1\n${TOKEN}=newer\n${CONNECTION_STRING}='${OTHER}'\n`)
  })

  it('stay in our directory where nobody can tell where they go', async () => {
    write(`${TOKEN}=mine\n`)
    await setup()
    write('A="no end\n')
    const { stderr } = await done(['unset'])
    expect(stderr).toContain('Nobody can tell where the lines go that acs-env took over from ~/project/.env;')
    expect([text(), home.list().includes(NOTES)]).toEqual(['A="no end\n', true])
    write('')
    await done(['unset'])
    expect([text(), home.list()]).toEqual([`${TOKEN}=mine\n`, ['.config', 'project', 'project/.env']])
  })

  it('stay there where the file is gone, until it is back', async () => {
    const path = write(`${TOKEN}=mine\nA=1\n`)
    await setup()
    renameSync(path, `${path}.away`)
    const { stderr } = await done(['unset'])
    expect(stderr).toContain(
      '~/project/.env does not exist any more; the lines that acs-env took over from it stay in ~/.config/acs-env/restore-dotenv.json.',
    )
    expect(home.list().filter((name) => name.startsWith(OWN))).toEqual([OWN, `${OWN}/.gitignore`, NOTES])
    renameSync(`${path}.away`, path)
    await done(['unset'])
    expect([text(), hasNotes()]).toEqual([`${TOKEN}=mine\nA=1\n`, false])
  })

  it('stay there where a directory is in the place of the file', async () => {
    const path = write(`${TOKEN}=mine\n`)
    await setup()
    rmSync(path)
    mkdirSync(path)
    const { stderr } = await done(['unset'])
    expect(stderr).toContain('~/project/.env is no file any more; the lines that acs-env took over from it stay in')
    rmSync(path, { recursive: true })
    write('')
    await done(['unset'])
    expect([text(), hasNotes()]).toEqual([`${TOKEN}=mine\n`, false])
  })

  it('stay there, out of every repository, where the file is gone and several resources go', async () => {
    const other = await startEmulator({ port: 0 })
    try {
      const path = write(`${TOKEN}=mine\n`)
      await setup([])
      await done(['setup', '--no-verify', '--name', 'staging', ...given, other.connectionString])
      await done(['use', 'default'])
      await setup()
      rmSync(path)
      await done(['unset', '--all'])
      expect(home.list().filter((name) => name.startsWith(OWN))).toEqual([OWN, `${OWN}/.gitignore`, NOTES])
    } finally {
      await other.close()
    }
  })

  it('are those of the new file where the earlier one is gone', async () => {
    const path = write(`${TOKEN}=mine\nA=1\n`)
    await setup()
    rmSync(path)
    await done(['unset'])
    const { stdout: token } = await done(['issue', '--scope', 'chat', ...given, emulator.connectionString])
    write(`B=1\n${TOKEN}=${token}`)
    await setup()
    await done(['unset'])
    expect(text()).toBe(`B=1\n${TOKEN}=${token}`)
  })

  it('are those of a new file with the values of another resource', async () => {
    const path = write(`${CONNECTION_STRING}=older\nA=1\n`)
    await setup()
    rmSync(path)
    await done(['unset'])
    write(`${CONNECTION_STRING}='${OTHER}'\nA=1\n`)
    const { stderr } = await done(['unset'])
    expect(text()).toBe(`${CONNECTION_STRING}='${OTHER}'\nA=1\n`)
    expect(stderr).toContain(`sets ${CONNECTION_STRING} anew; the older line that acs-env took over does not return.`)
  })

  it('come back beside a new key that the user has put into the place of ours', async () => {
    write(`${CONNECTION_STRING}='${emulator.connectionString}'\n${TOKEN}=mine\n`)
    await done(['setup', '--no-verify', '--dotenv', '.env'])
    const rotated = emulator.connectionString.replace(/accesskey=.*/, `accesskey=${'b'.repeat(86)}==`)
    write(text().replace(emulator.connectionString, rotated))
    await done(['unset'])
    expect(text()).toBe(`${CONNECTION_STRING}='${rotated}'\n${TOKEN}=mine\n`)
  })

  it('do not come to be ours in a file with which the project was moved', async () => {
    write(`${TOKEN}=mine\n`)
    await setup()
    renameSync(join(home.path, 'project/.env'), join(home.path, 'project/moved.env'))
    await setup(['--dotenv', 'moved.env'])
    await done(['unset'])
    expect([home.read('project/moved.env'), JSON.stringify(JSON.parse(home.read(NOTES)))]).toEqual([
      '',
      expect.stringContaining(`${TOKEN}=mine`),
    ])
  })

  it('are not older values of ours that come back with a copy of the file', async () => {
    const before = `${TOKEN}=mine\nX=1\n`
    write(before)
    await setup()
    const copy = text()
    await done(['refresh'])
    await done(['refresh'])
    write(copy)
    await done(['refresh'])
    write(copy)
    await done(['unset'])
    expect(text()).toBe(before)
  })

  it.each([
    ['in place of ours', (file: string, key: string) => file.replace(emulator.connectionString, key)],
    ['below ours', (file: string, key: string) => `${file}${CONNECTION_STRING}='${key}'\n`],
  ])('a new key of the same resource stays: %s', async (_, change) => {
    write('X=1\n')
    await setup()
    const rotated = emulator.connectionString.replace(/accesskey=.*/, `accesskey=${'b'.repeat(86)}==`)
    write(change(text(), rotated))
    const { stderr } = await done(['unset'])
    expect(text()).toBe(`X=1\n${CONNECTION_STRING}='${rotated}'\n`)
    expect(stderr).toContain(`has a ${CONNECTION_STRING} that is not of acs-env; it stays.`)
  })

  it('leave no token of ours beside a key of the user that a renewal left alone', async () => {
    write('X=1\n')
    await setup([])
    await setup()
    write(text().replace(emulator.connectionString, OTHER))
    await done(['refresh'])
    await done(['unset'])
    expect(text()).toBe(`X=1\n${CONNECTION_STRING}='${OTHER}'\n`)
  })

  it.each([
    ['another encoding', (file: string) => Buffer.from(`${file}N=\xe9\n`, 'latin1')],
    ['UTF-16', (file: string) => Buffer.from(`\uFEFF${file}`, 'utf16le')],
    ['a lone carriage return', (file: string) => Buffer.from(`${file}N=a\rb\n`)],
  ])('are nothing to guess in what is no text any more: %s', async (_, change) => {
    write(`${TOKEN}=mine\n`)
    await setup()
    const ours = text()
    home.write('project/.env', change(ours))
    const tree = readTree(home.path)
    for (const args of [['unset'], ['unset', '--dotenv', '.env']]) {
      const run = await acs(args, inProject())
      expect([run.exitCode, run.stderr]).toEqual([
        1,
        expect.stringMatching(/no text in UTF-8 any more[^]*\nhint: save it/),
      ])
      expect(readTree(home.path)).toEqual(tree)
    }
    write(ours)
    await done(['unset'])
    expect(text()).toBe(`${TOKEN}=mine\n`)
  })

  it('another resource by another name does not take the place of the one in the file', async () => {
    const other = await startEmulator({ port: 0 })
    try {
      await setup()
      const tree = readTree(home.path)
      const args = ['setup', '--no-verify', '--name', 'two', '--dotenv', '.env', ...given, other.connectionString]
      const run = await acs(args, inProject())
      expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('is stored already')])
      expect(readTree(home.path)).toEqual(tree)
    } finally {
      await other.close()
    }
  })

  it('are not the values in a copy of the file', async () => {
    write('A=1\n')
    await setup()
    home.write('project/copy.env', text())
    await done(['refresh'])
    await setup(['--dotenv', 'copy.env'])
    await done(['unset'])
    expect([text(), home.read('project/copy.env')]).toEqual(['A=1\n', 'A=1\n'])
  })

  const renewals: readonly (readonly [string, readonly string[]])[] = [
    ['refresh', ['refresh']],
    ['a setup of the profile', ['setup', '--no-verify']],
    ['another setup', ['setup', '--no-verify', '--dotenv', '.env']],
  ]
  it.each(renewals)('are noted where they were written after the setup: %s', async (_, args) => {
    write('A=1\n')
    await setup([])
    await setup()
    write(text().replace(/=eyJ.*/, '=newer # mine'))
    const { stderr } = await done(args)
    expect(stderr).toContain(`.env had another ${TOKEN}, which is replaced; unset gives it back.`)
    expect(text()).toMatch(/=eyJ\S+ # mine$/m)
    await done(['refresh'])
    await done(['unset'])
    expect(text()).toBe(`A=1\n${TOKEN}=newer # mine\n`)
  })

  it('are the newer ones, and setup says that the older ones do not return', async () => {
    write(`${TOKEN}=older\n`)
    await setup()
    write(`${text()}${TOKEN}=newer\n`)
    const { stderr } = await setup()
    expect(stderr).toContain(`.env sets ${TOKEN} anew; the older line that acs-env took over does not return.`)
    await done(['unset'])
    expect(text()).toBe(`${TOKEN}=newer\n`)
  })

  it('keep what looks like a byte order mark in the middle of a file', async () => {
    write(`A=1\n\uFEFF${TOKEN}=mine\n`)
    await setup()
    await done(['unset'])
    expect(text()).toBe(`A=1\n\uFEFF${TOKEN}=mine\n`)
  })

  it('are refused where they are too large to be noted', async () => {
    write(`${TOKEN}=${'\\'.repeat(9_000_000)}\n`)
    const before = readTree(home.path)
    const run = await acs(['setup', '--dotenv', '.env', ...given, emulator.connectionString], inProject())
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('too large to be noted')])
    expect(readTree(home.path)).toEqual(before)
  })

  it('come back in their order, quickly, however many there are', async () => {
    const before = Array.from({ length: 20_000 }, (_, index) => `A${index}=1\n${TOKEN}=${index}\n`).join('')
    write(before)
    await setup()
    const started = performance.now()
    await done(['unset'])
    expect([text() === before, performance.now() - started < 10_000]).toEqual([true, true])
  })

  it('leave nothing behind where a forgotten file alone gets them', async () => {
    write(`${TOKEN}=mine\n`)
    await setup()
    renameSync(join(home.path, 'project/.env'), join(home.path, 'project/away.env'))
    await done(['unset'])
    renameSync(join(home.path, 'project/away.env'), join(home.path, 'project/.env'))
    await done(['unset', '--dotenv', '.env'])
    expect([text(), home.list().includes(OWN)]).toEqual([`${TOKEN}=mine\n`, false])
  })

  it('are private, and nowhere else', async () => {
    write(`${TOKEN}=my-secret\n`)
    await setup()
    expect((statSync(join(home.path, NOTES)).mode & 0o777).toString(8)).toBe('600')
    expect(home.read(`${OWN}/.gitignore`)).toBe('*\n')
    const holders = Object.entries(readTree(home.path)).filter(([, contents]) => contents.includes('my-secret'))
    expect(holders.map(([path]) => path)).toEqual([join(home.path, NOTES)])
  })

  it.each([
    ['refresh', ['refresh']],
    ['a setup of the profile', ['setup', '--no-verify']],
    ['another file', ['setup', '--no-verify', '--dotenv', 'second.env']],
  ])('are made private again, with the .gitignore back in its place: %s', async (_, args) => {
    write(`${TOKEN}=mine\n`)
    await setup([])
    await setup()
    chmodSync(join(home.path, NOTES), 0o644)
    rmSync(join(home.path, OWN, '.gitignore'))
    await done(args)
    expect((statSync(join(home.path, NOTES)).mode & 0o777).toString(8)).toBe('600')
    expect(home.read(`${OWN}/.gitignore`)).toBe('*\n')
    await done(['unset'])
    expect(text()).toBe(`${TOKEN}=mine\n`)
  })

  it('are shown in a dry run, which changes nothing', async () => {
    write(`${TOKEN}=mine\n`)
    await setup()
    const tree = readTree(home.path)
    const { stdout } = await done(['unset', '--dry-run'])
    expect(stdout).toContain(`    - ${TOKEN}\n    - ${CONNECTION_STRING}\n    + your own ${TOKEN} returns\n`)
    expect([stdout.includes('mine'), readTree(home.path)]).toEqual([false, tree])
  })

  it('return on Windows', async () => {
    const registry = makeWindowsRegistry()
    const world: WorldOptions = {
      platform: 'win32',
      env: { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` },
      run: async (program, ...rest) =>
        program === 'git' ? { kind: 'not-started', code: 'ENOENT' } : registry.run(program, ...rest),
    }
    write(`A=1\r\n${TOKEN}=mine\r\n`)
    const tree = readTree(home.path)
    await setup(['--dotenv', '.env'], world)
    expect(home.list()).toContain('Local/acs-env/restore-dotenv.json')
    await done(['unset'], world)
    expect([readTree(home.path), home.list()]).toEqual([tree, ['project', 'project/.env']])
  })
})

describe('after a run that was killed, or a loss', () => {
  const before = `A=1\nexport ${CONNECTION_STRING}="mine=…"\n${TOKEN}=mine\n`

  it('before the file was written: setup and unset come to the same', async () => {
    write(before)
    const tree = readTree(home.path)
    await setup()
    write(before)
    await setup()
    await done(['unset'])
    expect(readTree(home.path)).toEqual(tree)
  })

  it('the own connection string that was just given back stays', async () => {
    write(`${CONNECTION_STRING}="${emulator.connectionString}"\n`)
    const given = text()
    const tree = readTree(home.path)
    await done(['setup', '--no-verify', '--dotenv', '.env'])
    write(given)
    await done(['unset'])
    expect(readTree(home.path)).toEqual(tree)
  })

  it('of the notes alone, left behind, the next unset makes an end', async () => {
    write(before)
    const tree = readTree(home.path)
    await setup()
    const notes = home.read(NOTES)
    await done(['unset'])
    home.write(NOTES, notes)
    await done(['unset'])
    expect(readTree(home.path)).toEqual(tree)
  })

  it.each([
    ['unset', []],
    ['unset --dotenv', ['--dotenv', '.env']],
  ])('of the state, %s gives the lines back', async (_, options) => {
    write(before)
    const tree = readTree(home.path)
    await setup()
    rmSync(join(home.path, OWN, 'state.json'))
    await done(['unset', ...options])
    expect(text()).toBe(before)
    rmSync(join(home.path, OWN), { recursive: true, force: true })
    expect(readTree(home.path)).toEqual(tree)
  })

  it('of the state, another setup does not take our lines for theirs', async () => {
    write(before)
    await setup()
    rmSync(join(home.path, OWN, 'state.json'))
    await setup()
    await done(['unset'])
    expect(text()).toBe(before)
  })

  it('of the state, what was added to the file since stays', async () => {
    write(before)
    await setup()
    rmSync(join(home.path, OWN, 'state.json'))
    write(`${text()}B=1\n`)
    await setup()
    await done(['unset'])
    expect(text()).toBe(`${before}B=1\n`)
  })

  it('of the state, further names are known', async () => {
    write('FOO=mine\nA=1\n')
    await setup(['--dotenv', '.env', '--as', 'FOO'])
    rmSync(join(home.path, OWN, 'state.json'))
    await done(['unset'])
    expect(text()).toBe('FOO=mine\nA=1\n')
  })

  it('of the state, the file gets its permissions back', async () => {
    chmodSync(write(`${TOKEN}=mine\n`), 0o644)
    await setup()
    rmSync(join(home.path, OWN, 'state.json'))
    await setup()
    await done(['unset'])
    expect((statSync(join(home.path, 'project/.env')).mode & 0o777).toString(8)).toBe('644')
  })

  it('of the notes, unset takes our lines out', async () => {
    write(before)
    await setup()
    rmSync(join(home.path, NOTES))
    await done(['unset'])
    expect(text()).toBe('A=1\n')
  })

  const line = { name: TOKEN, text: `${TOKEN}=mine\n`, offset: 0 }
  const noteOf = (lines: readonly unknown[], rest: unknown = 'x', fields: object = {}): string =>
    JSON.stringify({
      version: 1,
      files: { '~/project/.env': { lines, rest, names: [TOKEN], written: [], ...fields } },
    })
  it.each([
    ['no JSON', '{'],
    ['no files', '{"version":1}'],
    ['nothing of a file', JSON.stringify({ version: 1, files: { '~/project/.env': null } })],
    ['no fingerprint', noteOf([line], 1)],
    ['a second line', noteOf([{ ...line, text: `${TOKEN}=mine\nPATH=/evil\n` }])],
    ['another name', noteOf([{ ...line, text: 'PATH=/evil\n' }])],
    ['a comment', noteOf([{ ...line, text: `# c\n${TOKEN}=mine\n` }])],
    ['an open quote', noteOf([{ ...line, text: `${TOKEN}="\n` }])],
    ['a place before the file', noteOf([{ ...line, offset: -1 }])],
    ['no names', noteOf([line], 'x', { names: undefined })],
    ['a mode for all', noteOf([line], 'x', { mode: 0o7777 })],
    ['a later version', '{"version":2,"files":{}}'],
  ])('notes that cannot be understood are an error: %s', async (_, contents) => {
    write(`${TOKEN}=mine\n`)
    await setup()
    writeFileSync(join(home.path, NOTES), contents)
    const tree = readTree(home.path)
    for (const args of [
      ['unset'],
      ['unset', '--dotenv', '.env'],
      ['setup', '--no-verify', '--dotenv', '.env', ...given, emulator.connectionString],
    ]) {
      const run = await acs(args, inProject())
      expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/cannot be understood|later version/)])
    }
    expect(readTree(home.path)).toEqual(tree)
  })

  it('what a later release has added to the notes is kept', async () => {
    write(`${TOKEN}=mine\n`)
    home.write('project/second.env', `${TOKEN}=two\n`)
    await setup()
    writeFileSync(join(home.path, NOTES), home.read(NOTES).replace('{', '{ "added": 1,'))
    await setup(['--dotenv', 'second.env'])
    expect(JSON.parse(home.read(NOTES))).toHaveProperty('added', 1)
  })
})
