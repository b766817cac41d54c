import { describe, it } from 'vitest'
import { runInSession } from '../../src/system/session.ts'
import { emulator } from '../support/homes/emulator-and-home.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { processesAtHome } from '../support/homes/look-process.ts'
import { runInWorld } from '../support/homes/world.ts'
import { hasProgram } from '../support/programs/requirements.ts'

/** For the look and the trace together, and a moment between two calls on a busy machine. */
const LIMIT_MS = 10_000 + 500

const cases = [
  ['bash', 'it is deaf', "trap '' TERM HUP INT\nsleep 60"],
  ['bash', 'its jobs have sessions and groups of their own', 'setsid sleep 61 &\nset -m\nsleep 62 &\nsleep 63'],
  ['bash', 'a job behind it says something later', '{ sleep 0.5; :; } &\nsleep 60'],
  ['zsh', 'a job behind it says something later', '{ sleep 0.5; : } & # later\nsleep 60'],
  ['zsh', 'what it starts keeps its output', 'setsid yes >&2 &\nsleep 60'],
] as const

const FILES = { bash: '.bashrc', zsh: '.zshrc', sh: '.profile', ksh: '.profile', mksh: '.profile' }

/**
 * Runs setup, and returns how many programs it has started in sessions of their own, and how long they had together: the
 * question for the start-up files, where there is one, and what comes after the values were stored.
 */
async function setUpTimed(shell: keyof typeof FILES, home: TestHome) {
  const sessions: { readonly program: string; readonly begins: number; readonly deadline: number; ends: number }[] = []
  const run = await runInWorld(['setup', '--yes', '--connection-string-stdin', '--shell', shell], home.path, {
    input: emulator.connectionString,
    runInSession: (program, args, options) => {
      const begins = performance.now()
      const session = { program, begins, deadline: begins + options.timeoutMs, ends: 0 }
      sessions.push(session)
      return runInSession(program, args, options).finally(() => {
        session.ends = performance.now()
      })
    },
  })
  // The look begins with its pipes.
  const first = sessions.findIndex(({ program }) => program === 'mkfifo')
  const [questions, looks] = [sessions.slice(0, first), sessions.slice(first)]
  const askedMs = questions.reduce((sum, { begins, ends }) => sum + ends - begins, 0)
  const lookedMs = Math.max(...looks.map(({ deadline }) => deadline)) - Math.min(...looks.map(({ begins }) => begins))
  return { run, sessions: sessions.length, wholeMs: askedMs + lookedMs }
}

describe('a shell that is too slow', { concurrent: true }, () => {
  it.for(cases)('%s is given up in time, and nothing of it lives on: %s', async ([shell, , text], { expect }) => {
    if (!hasProgram(shell)) return
    const home = makeHome()
    home.write(FILES[shell], `:\n${text}\n`)
    if (shell === 'bash') home.write('.bash_profile', '. ~/.bashrc\n')
    const { run, sessions, wholeMs } = await setUpTimed(shell, home)
    // Two pipes, two looks, two traces, and their parsers.
    expect(sessions).toBeGreaterThanOrEqual(6)
    expect(wholeMs).toBeLessThan(LIMIT_MS)
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(/not ready within 10 s; it was in line \d+ of ~\/\.(?:bash|zsh)rc \(sleep\)/)
    await expect.poll(() => processesAtHome(home.path)).toEqual([])
    home.remove()
  })

  it.for(['sh', 'ksh', 'mksh'] as const)(
    '%s is, where it was asked for its files before',
    async (shell, { expect }) => {
      if (!hasProgram(shell)) return
      const home = makeHome()
      home.write(FILES[shell], 'ENV=~/.environment; export ENV\nsleep 60\n')
      const { run, wholeMs } = await setUpTimed(shell, home)
      expect(wholeMs).toBeLessThan(LIMIT_MS)
      expect(run.exitCode).toBe(0)
      expect(run.stderr).toMatch(/not ready within [45] s; it was in line \d+ of ~\/\.profile \(sleep\)/)
      await expect.poll(() => processesAtHome(home.path)).toEqual([])
      home.remove()
    },
  )
})
