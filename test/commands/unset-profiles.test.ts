import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import type { WorldRun } from '../support/homes/world.ts'
import { readInShell } from '../support/programs/login-shell.ts'

const OWN = '.config/acs-env'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const BEGIN = '# >>> acs-env >>>'
const END = '# <<< acs-env <<<'

async function setup(args: readonly string[] = []): Promise<void> {
  const run = await acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
}

const unset = (args: readonly string[] = []): Promise<WorldRun> => acs(['unset', ...args])

function edit(change: (text: string) => string): void {
  for (const name of ['.bash_profile', '.bashrc']) home.write(name, change(home.read(name)))
}

const indent = (text: string, by: string): string => text.replaceAll(/^(?=.)/gm, by)
const atMarkers = (text: string, change: (marker: string) => string): string =>
  text.replaceAll(/^# (?:>>>|<<<) acs-env (?:>>>|<<<)$/gm, change)

/** How editors and people leave the block. */
const edits: readonly (readonly [string, (text: string) => string])[] = [
  ['indented, in an if', (text) => `if [ -n "$HOME" ]; then\n${indent(text, '  ')}fi\n`],
  ['indented by tabs, in a function that is called', (text) => `load() {\n${indent(text, '\t')}}\nload\n`],
  ['with a blank behind its markers', (text) => atMarkers(text, (marker) => `${marker} `)],
  ['with tabs and blanks behind its markers', (text) => atMarkers(text, (marker) => `${marker}\t  `)],
  ['with a blank before its markers', (text) => atMarkers(text, (marker) => ` ${marker}`)],
  ['with two carriage returns behind its markers', (text) => atMarkers(text, (marker) => `${marker}\r\r`)],
  ['below other lines', (text) => `echo one >&2\n\n${text}`],
]

describe.each([[[]], [['--inline']]])('a block that was edited by hand, set up with %j', (args) => {
  it.each(edits)('goes away, and no shell has a value: %s', async (_, change) => {
    home.write('.bash_profile', 'export MINE=1\n')
    home.write('.bashrc', 'export MINE=1\n')
    await setup(args)
    edit((text) => {
      const start = text.indexOf(BEGIN)
      const end = text.indexOf(END) + END.length + 1
      return `${text.slice(0, start)}${change(text.slice(start, end))}${text.slice(end)}`
    })
    expect((await acs(['token'])).stdout).toMatch(/^eyJ/)
    const run = await unset()
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('Removed.')])
    expect(`${home.read('.bash_profile')}${home.read('.bashrc')}`).not.toMatch(/acs-env|accesskey|eyJ/)
    // What is around it is still a script that a shell can read.
    const { values } = readInShell('bash', ['-l', '-c'], home.path, ['MINE', TOKEN, CONNECTION_STRING])
    expect(values).toEqual(['1', undefined, undefined])
    expect(existsSync(join(home.path, OWN))).toBe(false)
  })
})

describe('values that stay in a profile', () => {
  const withoutMarkers = (text: string): string => text.replaceAll(/^.*acs-env.*\n/gm, '')
  const leftovers: readonly (readonly [string, (text: string) => string])[] = [
    ['without the markers', withoutMarkers],
    ['without the markers, indented', (text) => `if true; then\n${indent(withoutMarkers(text), '  ')}fi\n`],
    ['the token alone', (text) => text.match(/^export AZURE_COMMUNICATION_ACCESS_TOKEN=.*\n/m)?.[0] ?? ''],
    ['the connection string alone', (text) => text.match(/^export AZURE_COMMUNICATION_CONN.*\n/m)?.[0] ?? ''],
    ['copied out of the block', (text) => `${withoutMarkers(text)}${text}`],
    ['with blanks behind the values', (text) => withoutMarkers(text).replaceAll("'\n", "'  \n")],
  ]
  it.each(leftovers)('are reported; unset fails, and keeps its record of them: %s', async (_, change) => {
    await setup(['--inline'])
    edit(change)
    const run = await unset()
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([
      1,
      '',
      expect.stringMatching(
        /^error: Line \d+ of ~\/\.bash\w+ sets AZURE_\w+ to the stored value, outside the block\.\n/,
      ),
    ])
    expect(home.list()).toContain(`${OWN}/state.json`)
    edit((text) => text.replaceAll(/^[ ]*export AZURE_.*\n/gm, ''))
    expect((await unset()).exitCode).toBe(0)
    expect(home.list()).not.toContain(OWN)
  })

  it('that are the user’s own are reported, without failing', async () => {
    await setup()
    home.write('.bashrc', `${home.read('.bashrc')}export ${CONNECTION_STRING}='${emulator.connectionString}'\n`)
    const run = await unset()
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      expect.stringMatching(/^note: line 1 of ~\/\.bashrc names AZURE_COMMUNICATION_CONNECTION_STRING/m),
    ])
  })
})

describe('a value that the user has set anew', () => {
  const OLD = `export ${TOKEN}="old"\n`
  const valueOf = (): string | undefined => readInShell('bash', ['-l', '-c'], home.path, [TOKEN]).values[0]

  const anew: readonly (readonly [string, (text: string) => string, string])[] = [
    ['the file replaced', () => `export ${TOKEN}="new"\n`, 'new'],
    ['in other quotes', () => `export ${TOKEN}='old'\n`, 'old'],
    ['declared', () => `a=1\ndeclare -x ${TOKEN}=new\n`, 'new'],
    ['computed', () => `export ${TOKEN}="$(echo new)"\n`, 'new'],
    ['before the block', (text) => `export ${TOKEN}=new\n${text}`, 'new'],
    ['before the block, with a comment', (text) => `export ${TOKEN}="new" # mine\n${text}`, 'new'],
    ['behind the block', (text) => `${text}export ${TOKEN}=new\n`, 'new'],
  ]
  it.each(anew)('is not followed by the older one: %s', async (_, change, value) => {
    home.write('.bash_profile', `a=0\n${OLD}`)
    await setup()
    home.write('.bash_profile', change(home.read('.bash_profile')))
    const dry = await unset(['--dry-run'])
    expect(dry.stdout).not.toContain('own export returns')
    const run = await unset()
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      expect.stringMatching(/^warning: ~\/\.bash_profile sets anew what acs-env took over from it/m),
    ])
    expect([home.read('.bash_profile').includes(OLD), valueOf()]).toEqual([false, value])
  })

  it.each(anew)('nor after another setup: %s', async (_, change, value) => {
    home.write('.bash_profile', `a=0\n${OLD}`)
    await setup()
    home.write('.bash_profile', change(home.read('.bash_profile')))
    await setup()
    expect((await unset()).exitCode).toBe(0)
    expect([home.read('.bash_profile').includes(OLD), valueOf()]).toEqual([false, value])
  })

  it.each([
    ['unrelated lines were added', (text: string) => `one=1\n${text}two=2\n`],
    ['it is used', (text: string) => `${text}echo "$${TOKEN}" > /dev/null\n`],
    ['it is set for one command alone', (text: string) => `${text}  ${TOKEN}=x true\n`],
    ['another one is set', (text: string) => `${text}export ${TOKEN}_2=x\n`],
    ['it is in a comment', (text: string) => `# export ${TOKEN}=x\n${text}`],
  ])('keeps no older one from returning where %s', async (_, change) => {
    home.write('.bash_profile', `a=0\n${OLD}`)
    await setup()
    home.write('.bash_profile', change(home.read('.bash_profile')))
    expect((await unset()).exitCode).toBe(0)
    expect(home.read('.bash_profile')).toContain(OLD)
  })
})

describe('a profile that was made for the block, where the record is gone', () => {
  const losses: readonly (readonly [string, () => void | Promise<void>])[] = [
    ['restore.json', () => rmSync(join(home.path, OWN, 'restore.json'))],
    ['the directory', () => rmSync(join(home.path, OWN), { recursive: true })],
    ['both records', () => ['restore.json', 'state.json'].forEach((name) => rmSync(join(home.path, OWN, name)))],
    [
      'restore.json, and setup ran again',
      async () => {
        rmSync(join(home.path, OWN, 'restore.json'))
        await setup()
      },
    ],
    [
      'restore.json, and the block was indented',
      () => {
        rmSync(join(home.path, OWN, 'restore.json'))
        home.write('.bash_profile', indent(home.read('.bash_profile'), '  '))
      },
    ],
    [
      'all of ~/.config',
      () => {
        rmSync(join(home.path, '.config'), { recursive: true })
        mkdirSync(join(home.path, '.config'))
      },
    ],
  ]

  it.each(losses)('goes, so that bash reads ~/.profile again: %s', async (_, lose) => {
    home.write('.profile', 'export FROM_PROFILE=kept\n')
    await setup()
    await lose()
    expect((await unset()).exitCode).toBe(0)
    expect(home.list()).not.toContain('.bash_profile')
    expect(readInShell('bash', ['-l', '-c'], home.path, ['FROM_PROFILE', TOKEN]).values).toEqual(['kept', undefined])
  })

  it.each(losses)('keeps the hand-over where it has other lines: %s', async (_, lose) => {
    home.write('.profile', 'export FROM_PROFILE=kept\n')
    await setup()
    await lose()
    home.write('.bash_profile', `${home.read('.bash_profile')}export MINE=1\n`)
    expect((await unset()).exitCode).toBe(0)
    const names = ['FROM_PROFILE', 'MINE', TOKEN]
    expect(readInShell('bash', ['-l', '-c'], home.path, names).values).toEqual(['kept', '1', undefined])
  })
})

describe('values in a profile that somebody has made something else of', () => {
  const exportsOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('export AZ'))
  const block = /^# >>> acs-env >>>\n[^]*?# <<< acs-env <<<\n/m
  const changes: readonly (readonly [string, (text: string) => string])[] = [
    ['commented out', (text) => text.replace(block, (all) => indent(all, '# '))],
    ['commented out, without the markers', (text) => indent(text.replaceAll(/^# .*acs-env.*\n/gm, ''), '#')],
    ['in one line', (text) => `${exportsOf(text).join('; ')}\n`],
    ['in double quotes', (text) => `${exportsOf(text).join('\n').replaceAll("'", '"')}\n`],
    [
      'declared in another way',
      (text) =>
        `${exportsOf(text)
          .join('\n')
          .replaceAll(/^export/gm, 'declare -x')}\n`,
    ],
    ['under other names', (text) => `${exportsOf(text).join('\n').replaceAll('AZURE_COMMUNICATION', 'MY')}\n`],
    [
      'copied to other names, beside the block',
      (text) => `${exportsOf(text).join('\n').replaceAll('AZURE', 'MY')}\n${text}`,
    ],
  ]
  it.each(changes)('are named by their lines: %s', async (_, change) => {
    home.write('.bashrc', 'export MINE=1\n')
    await setup(['--inline', '--rc-file', '.bashrc'])
    home.write('.bashrc', change(home.read('.bashrc')))
    const { exitCode, stdout, stderr } = await unset()
    expect([exitCode, home.read('.bashrc')]).toEqual([0, expect.stringMatching(/accesskey=[^]*eyJ/)])
    const named = [...stderr.matchAll(/^warning: line (\d+) of ~\/\.bashrc still has the stored (.*?);/gm)]
    const lines = home.read('.bashrc').split('\n')
    expect(named.map(([, line, what]) => [what, lines[Number(line) - 1]])).toEqual([
      ['connection string', expect.stringContaining('accesskey=')],
      ['access token', expect.stringContaining('eyJ')],
    ])
    expect(stderr).not.toContain('not of acs-env')
    expect(stdout + stderr).not.toMatch(/accesskey=|eyJ/)
  })

  it.each([
    ['of another resource', 'export MINE="endpoint=https://other.communication.azure.com/;accesskey=bWluZQ=="\n'],
    ['another token', 'export MINE="eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln"\n'],
    ['a name alone', '# export AZURE_COMMUNICATION_ACCESS_TOKEN=\n'],
  ])('are not taken for those of the user: %s', async (_, text) => {
    home.write('.bashrc', text)
    await setup(['--inline', '--rc-file', '.bashrc'])
    const run = await unset()
    expect([run.exitCode, run.stderr, home.read('.bashrc')]).toEqual([
      0,
      expect.not.stringContaining('still has'),
      text,
    ])
  })
})
