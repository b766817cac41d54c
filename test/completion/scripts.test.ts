import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandTable, type CommandDefinition } from '../../src/args/commands.ts'
import { commonOptions } from '../../src/args/options.ts'
import { completions, type CompletionShell } from '../../src/completion/index.ts'
import { COMPLETION_SHELLS, completedCommands } from '../../src/completion/vocabulary.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { cleanEnvironment, runBuilt } from '../support/programs/built.ts'
import { runInTerminal } from '../support/programs/pty.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const FIRST = ['setup', 'refresh', 'status', 'unset', 'token', 'user', 'help']
const SCOPES = ['chat', 'chat.join', 'chat.join.limited', 'voip', 'voip.join']

let home: TestHome
const scripts = new Map<CompletionShell, string>()
beforeAll(() => {
  home = makeHome()
  for (const shell of COMPLETION_SHELLS) {
    scripts.set(shell, home.write(`completion.${shell}`, completions[shell](completedCommands())))
  }
  // fish offers nothing for a command that is not there, and zsh asks where it is.
  home.write('bin/acs-env', '#!/bin/sh\n')
  execFileSync('chmod', ['755', join(home.path, 'bin/acs-env')])
})
afterAll(() => home.remove())

const environment = (): NodeJS.ProcessEnv =>
  cleanEnvironment(home.path, { PATH: `${home.path}/bin:${process.env.PATH ?? ''}`, TERM: 'xterm' })
const scriptOf = (shell: CompletionShell): string => scripts.get(shell) ?? ''

interface Line {
  /** The words before the one at the cursor, and that one. */
  readonly words: readonly string[]
  readonly offered: readonly string[]
  readonly missing?: readonly string[]
}

const LINES: readonly Line[] = [
  { words: [''], offered: FIRST },
  { words: ['st'], offered: ['status'], missing: ['setup'] },
  { words: ['--'], offered: ['--scope', '--connection-string-stdin', '--json'], missing: ['--port'] },
  { words: ['refresh', '--if'], offered: ['--if-expires-within'], missing: ['--json'] },
  { words: ['status', '--'], offered: ['--json'], missing: ['--scope'] },
  { words: ['setup', '--scope', ''], offered: SCOPES, missing: ['refresh'] },
  { words: ['--shell', ''], offered: ['bash', 'zsh'], missing: ['setup'] },
  { words: ['env', '--format', 'p'], offered: ['powershell'], missing: ['json'] },
  { words: ['env', '--format', 'json', '--q'], offered: ['--quiet'] },
  { words: ['setup', '--user', 'token', '--no-'], offered: ['--no-token', '--no-verify', '--no-color'] },
  { words: ['user', ''], offered: ['create', 'delete'], missing: ['setup'] },
  { words: ['user', 'delete', '--y'], offered: ['--yes'], missing: ['--scope'] },
  { words: ['completion', ''], offered: ['bash', 'zsh', 'fish', 'powershell'] },
  { words: ['help', 're'], offered: ['refresh', 'revoke'] },
]

function expectLine(found: readonly string[], { offered, missing = [] }: Line): void {
  expect(found).toEqual(expect.arrayContaining([...offered]))
  for (const word of missing) expect(found).not.toContain(word)
}

describe.each(COMPLETION_SHELLS)('the completion script for %s', (shell) => {
  it('is printed whole', async () => {
    const { stdout, exitCode } = await runBuilt(['completion', shell], { home: home.path })
    expect([exitCode, stdout]).toEqual([0, completions[shell](completedCommands())])
  })

  it('has every option of every command', () => {
    const script = completions[shell](completedCommands())
    const names = Object.values<CommandDefinition>(commandTable).flatMap(({ options }) => options)
    for (const name of new Set([...names, ...commonOptions])) {
      expect(script).toMatch(new RegExp(shell === 'fish' ? ` -l ${name}\\b` : `--${name}\\b`))
    }
  })

  it('has ASCII alone, which no code page changes', () => {
    expect(completions[shell](completedCommands())).toMatch(/^[\n -~]*$/)
  })
})

describe.skipIf(!hasProgram('bash'))('in bash', () => {
  it('the script parses and passes shellcheck', () => {
    expect(spawnSync('bash', ['-n', scriptOf('bash')]).status).toBe(0)
    if (!hasProgram('shellcheck')) return
    // SC2207: bash 3.2 has nothing better than splitting the words of compgen.
    const { status, stdout } = spawnSync('shellcheck', ['-s', 'bash', '-e', 'SC2207', scriptOf('bash')])
    expect([stdout.toString(), status]).toEqual(['', 0])
  })

  const complete = (words: readonly string[]): readonly string[] =>
    execFileSync(
      'bash',
      [
        '--norc',
        '-c',
        '. "$0"; COMP_WORDS=(acs-env "$@"); COMP_CWORD=$#; _acs_env; printf "%s\\n" "${COMPREPLY[@]}"',
        scriptOf('bash'),
        ...words,
      ],
      { encoding: 'utf8', env: environment(), cwd: home.path },
    ).split('\n')

  it.each(LINES)('offers what fits: $words', (line) => expectLine(complete(line.words), line))

  it('completes the value behind an equals sign, of which bash makes a word', () => {
    expectLine(complete(['setup', '--scope', '=', 'ch']), { words: [], offered: ['chat'], missing: ['voip'] })
    expectLine(complete(['setup', '--scope', '=']), { words: [], offered: SCOPES })
    expectLine(complete(['--shell', '=', 'zsh', 'st']), { words: [], offered: ['status'] })
  })

  it('offers the next scope of a list, and commands behind exec', () => {
    expectLine(complete(['issue', '--scope', 'chat', 'v']), { words: [], offered: ['voip'] })
    expectLine(complete(['exec', 'ech']), { words: [], offered: ['echo'] })
    expect(complete(['exec', '--', 'cat', '--s'])).toEqual(['', ''])
  })
})

describe.skipIf(!hasProgram('fish'))('in fish', () => {
  it('the script parses', () => expect(spawnSync('fish', ['-n', scriptOf('fish')]).status).toBe(0))

  it('offers what fits', () => {
    const lines = LINES.map(({ words }) => ['acs-env', ...words].join(' '))
    const questions = lines.map((line) => `echo "== $(complete -C '${line}' | string collect)"`).join('\n')
    const answer = execFileSync('fish', ['--no-config', '-c', `source ${scriptOf('fish')}\n${questions}`], {
      encoding: 'utf8',
      env: environment(),
      cwd: home.path,
    })
    const found = answer.split('== ').slice(1)
    expect(found).toHaveLength(LINES.length)
    for (const [index, line] of LINES.entries()) {
      const words = (found[index] ?? '').split('\n').map((row) => row.split('\t')[0] ?? '')
      expectLine(words, line)
    }
  })
})

describe.skipIf(!hasProgram('zsh'))('in zsh', () => {
  it('the script parses', () => expect(spawnSync('zsh', ['-n', scriptOf('zsh')]).status).toBe(0))

  it('offers what fits, in a terminal', async () => {
    const run = startShell(['zsh', '-f', '-i'])
    run.type(`PS1='ready> '; autoload -Uz compinit; compinit -u -D; source ${scriptOf('zsh')}; LISTMAX=1000\r`)
    await run.waitFor('ready> ')
    run.type('acs-env completion f\t')
    await run.waitFor('fish')
    run.type('\u0015acs-env refresh --if\t')
    await run.waitFor('--if-expires-within')
    run.type('\u0015acs-env user del\t')
    await run.waitFor('user delete')
    run.type('\u0015acs-env --scope chat.join.l\t')
    await run.waitFor('chat.join.limited')
    run.type('\u0015acs-env sta\t')
    await run.waitFor('status')
    run.type('\u0015exit\r')
    expect((await run.exit()).exitCode).toBe(0)
  })
})

describe.each([
  ['bash', ['bash', '--norc', '-i']],
  ['zsh', ['zsh', '-f', '-i']],
  ['fish', ['fish', '--no-config', '-i']],
] as const)('what was typed in %s', (shell, program) => {
  it.skipIf(!hasProgram(shell))('is completed without being run', async () => {
    const run = startShell(program)
    const load = shell === 'zsh' ? 'autoload -Uz compinit; compinit -u -D; ' : ''
    run.type(`${load}source ${scriptOf(shell)}; echo lo''aded\r`)
    await run.waitFor('loaded')
    // Unquoted, zsh itself expands on TAB.
    const unquoted = shell === 'bash' ? ['token $(touch run)', 'token "`touch run`"'] : []
    for (const typed of ["token '$(touch run)'", "--scope '`touch run`'", "exec '$(touch run)' ", ...unquoted]) {
      run.type(`acs-env ${typed}\t\t\u0015`)
    }
    run.type(`echo d''one\r`)
    await run.waitFor('done')
    run.type('exit\r')
    await run.exit()
    expect(existsSync(join(home.path, 'run'))).toBe(false)
  })
})

function startShell(program: readonly string[]): ReturnType<typeof runInTerminal> {
  return runInTerminal([], {
    home: home.path,
    nodePath: process.execPath,
    program,
    env: { PATH: environment().PATH ?? '' },
  })
}
