import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readValuePosix } from '../../src/shells/posix-syntax.ts'
import { blamedLines } from '../support/homes/blamed-lines.ts'
import { makeHome, readTree } from '../support/homes/home.ts'
import { buildLookProcesses, giveHome, type LookProcesses, type RunAs } from '../support/homes/look-process.ts'
import { TESTED_SHELLS, type TestedShell } from '../support/homes/start-up-files.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const VALUE = 'a-value-that-nobody-is-to-see=='
const TIMEOUT_MS = 20_000

const FILES: Record<TestedShell, string> = {
  bash: '.bashrc',
  zsh: '.zshrc',
  dash: '.shrc',
  ksh: '.kshrc',
  mksh: '.mkshrc',
}
const BLOCK = ['# >>> acs-env >>>', ...readValuePosix('ACS_VALUE', '~/value'), '# <<< acs-env <<<'].join('\n')

const IS_ROOT = process.getuid?.() === 0

let processes: LookProcesses

beforeAll(async () => {
  processes = await buildLookProcesses()
})

afterAll(() => processes.remove())

describe.each(TESTED_SHELLS.filter((shell) => hasProgram(shell, '-c')))('%s', (shell) => {
  // As root bash takes nothing for its trace from the environment.
  const users: readonly RunAs[] = IS_ROOT && shell === 'bash' ? ['this user', 'a plain user'] : ['this user']

  it.each(users)('is traced to the line by %s', async (user) => {
    const main = FILES[shell]
    const cases = blamedLines
      .filter(({ shells }) => shells.includes(shell))
      .map(({ name, text, others = {}, message }) => {
        const home = makeHome()
        home.write('value', VALUE)
        home.write(main, `${text.replace('BLOCK', BLOCK)}\n`)
        for (const [file, contents] of Object.entries(others)) home.write(file, contents)
        giveHome(home.path, user)
        return {
          name,
          home,
          message: message.replaceAll('MAIN', `~/${main}`).replaceAll('SHELL', shell === 'dash' ? 'sh' : shell),
        }
      })
    const before = cases.map(({ home }) => readTree(home.path))

    const runs = await processes.run(
      cases.map(({ home: { path } }) => ({
        home: path,
        program: shell,
        starts: ['interactive'],
        env: shell === 'dash' ? { ENV: `${path}/.shrc` } : {},
        expected: { ACS_VALUE: VALUE },
        timeoutMs: TIMEOUT_MS,
        files: [`${path}/.zshenv`, `${path}/${main}`],
      })),
      user,
    )

    const messages = cases.map(({ name }, index) => [
      name,
      ...(runs[index]?.findings ?? []).map(({ message }) => message),
    ])
    expect(messages).toEqual(cases.map(({ name, message }) => [name, message]))
    expect(cases.map(({ home }) => readTree(home.path))).toEqual(before)
    expect(containsPieceOf(VALUE, JSON.stringify(runs))).toBe(false)
    for (const { home } of cases) home.remove()
  })
})

function containsPieceOf(secret: string, text: string): boolean {
  const pieces = Array.from({ length: secret.length - 7 }, (_, start) => secret.slice(start, start + 8))
  return pieces.some((piece) => text.includes(piece))
}
