import { isAbsolute, join } from 'node:path'
import { readOrdinaryFile } from '../files/read.ts'
import { LOGIN_SHELL_PROGRAMS } from '../shell-names.ts'
import { askShell } from './ask.ts'
import { posixSyntax } from './posix-syntax.ts'
import { sessionEnvironment } from './session-environment.ts'
import type { LoadPoint, PosixShell, ShellStart, StartupPlace, Unanswered } from './shell.ts'

const ASK_TIMEOUT_MS = 5_000

export const zsh: PosixShell = {
  name: 'zsh',
  programs: LOGIN_SHELL_PROGRAMS.zsh,
  ...posixSyntax,
  profileNames: ['.zshrc', '.zshenv', '.zprofile', '.zlogin'],
  parses: ['-f', '-n'],
  // After `${NAME:?}` in a start-up file zsh ends where it is to run one command, and goes on to its prompt.
  openPrompt: (start) => [...(start === 'login' ? ['-l'] : []), '-o', 'histignorespace', '-i'],
  startup: async (place) => {
    const directories = await Promise.all([findDotDirectory('login', place), findDotDirectory('interactive', place)])
    const [login, interactive] = directories
    if (typeof login !== 'string') return login
    if (typeof interactive !== 'string') return interactive
    const { home } = place
    const below = (directory: string): readonly string[] =>
      ['.zshenv', '.zprofile', '.zshrc', '.zlogin'].map((name) => join(directory, name))
    const point = (directory: string, readBy: readonly ShellStart[]): LoadPoint => ({
      kind: 'block',
      path: join(directory, '.zshrc'),
      readBy,
      ifMissing: 'create',
      preamble: [],
    })
    return {
      loadPoints:
        login === interactive
          ? [point(login, ['login', 'interactive'])]
          : [point(login, ['login']), point(interactive, ['interactive'])],
      files: [...new Set([join(home, '.zshenv'), ...below(login), ...below(interactive), join(home, '.zprofile')])],
      starts: ['login', 'interactive'],
    }
  },
}

/**
 * The directory of `.zshrc`: what an interactive zsh, started in this way, makes of `ZDOTDIR`. Start-up files set it,
 * often without exporting it, and some only in a login shell.
 */
async function findDotDirectory(
  start: ShellStart,
  { home, program, system }: StartupPlace,
): Promise<string | Unanswered> {
  const env = sessionEnvironment(program, home, system)
  const given = env.ZDOTDIR !== undefined && isAbsolute(env.ZDOTDIR) ? env.ZDOTDIR : undefined
  const startFiles = [
    ...['.zshenv', '.zprofile', '.zlogin'].flatMap((name) => [home, given ?? home].map((from) => join(from, name))),
    ...['/etc', '/etc/zsh'].flatMap((from) => ['zshenv', 'zprofile'].map((name) => join(from, name))),
  ]
  // zsh is started only where there is something to find out: it takes longer than all the rest.
  if (!startFiles.some(maySetDotDirectory)) return given ?? home
  const asked = await system.interruptible((signal) =>
    askShell(
      { script: () => 'answer(process.argv[2])', words: ['"${ZDOTDIR-}"'] },
      {
        program,
        open: (command) => posixSyntax.open(start, command),
        env,
        home,
        timeoutMs: ASK_TIMEOUT_MS,
        signal,
      },
      system,
    ),
  )
  if (asked.kind === 'not-reached' && asked.result.kind === 'timed-out') {
    return { unanswered: `zsh did not start within ${ASK_TIMEOUT_MS / 1000} seconds` }
  }
  const directory = asked.kind === 'answered' ? asked.answer : ''
  return isAbsolute(directory) && !/[\r\n]/.test(directory) ? directory : (given ?? home)
}

/** By itself, or in another file that it reads. */
function maySetDotDirectory(path: string): boolean {
  try {
    return /ZDOTDIR|^(?:[^#\n]*[\s;&|({])?(?:\.|source|eval)[ \t]/m.test(readOrdinaryFile(path).toString('latin1'))
  } catch {
    return false
  }
}
