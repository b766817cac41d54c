import { isAbsolute, join } from 'node:path'
import { readOrdinaryFile } from '../files/read.ts'
import { askShell } from './ask.ts'
import { posixSyntax } from './posix-syntax.ts'
import { sessionEnvironment } from './session-environment.ts'
import type { Startup, StartupPlace } from './shell.ts'

const ASK_TIMEOUT_MS = 5_000

/**
 * The file that an interactive POSIX shell reads: the one that `ENV` names. Profiles set it, so a login shell is asked
 * where one of its files mentions it.
 *
 * @param usual what the shell reads where `ENV` is not set; undefined where that is nothing
 */
export async function findEnvironmentFile(
  usual: string | undefined,
  { home, program, system }: StartupPlace,
): Promise<string | undefined> {
  const files = ['/etc/profile', join(home, '.profile')]
  const isSet = system.env.ENV !== undefined
  if (!isSet && !files.some(speaksOfEnvironmentFile)) return usual
  const asked = await system.interruptible((signal) =>
    askShell(
      { script: () => 'answer(process.argv[2])', words: ['"${ENV-}"'] },
      {
        program,
        open: (command) => posixSyntax.open('login', command),
        env: sessionEnvironment(program, home, system),
        home,
        timeoutMs: ASK_TIMEOUT_MS,
        signal,
      },
      system,
    ),
  )
  const path = asked.kind === 'answered' ? asked.answer : ''
  return isAbsolute(path) ? path : usual
}

function speaksOfEnvironmentFile(path: string): boolean {
  try {
    return /\bENV\b/.test(readOrdinaryFile(path).toString('latin1'))
  } catch {
    return false
  }
}

/**
 * The start-up of a Korn shell: `~/.profile` when one logs in, and another file whenever it is interactive.
 *
 * @param usualName the name of that other file where `ENV` names none
 */
export async function startupWithEnvironmentFile(usualName: string, place: StartupPlace): Promise<Startup> {
  const profile = join(place.home, '.profile')
  const usual = join(place.home, usualName)
  const interactive = (await findEnvironmentFile(usual, place)) ?? usual
  return {
    loadPoints: [
      { kind: 'block', path: profile, readBy: ['login'], ifMissing: 'create', preamble: [] },
      { kind: 'block', path: interactive, readBy: ['login', 'interactive'], ifMissing: 'create', preamble: [] },
    ],
    files: [profile, interactive],
    starts: ['login', 'interactive'],
  }
}
