import type { OtherShell, PosixShell } from '../../shells/shell.ts'
import type { System } from '../../system/system.ts'

/**
 * Whether statements parse; nothing of them is run. `no-parser`: the shell is not there, or it did not answer in time. They
 * are put into a function, so `}` and its `{` in the wrong order do parse.
 */
export type Parses = (statements: Buffer) => Promise<boolean | 'no-parser'>

const ANSWER_TIMEOUT_MS = 5_000
/** For everything that one parser is asked. */
const TOTAL_TIMEOUT_MS = 10_000
/** The same where it is asked about more than a person writes: a generated profile is not worth a longer wait. */
const LARGE_TOTAL_TIMEOUT_MS = 3_000
const LARGE_BYTES = 256 * 1024

/**
 * Asks a shell's own parser. The statements go through a pipe, byte for byte: they may hold a secret.
 *
 * They are the body of a function. At the top level zsh, although it is told to run nothing, expands the words of
 * statements, and a `!` before one of them turns the exit code round.
 *
 * @param program the shell's path, or a name to be found on PATH
 */
export function parserOf(
  shell: Pick<PosixShell, 'family' | 'parses'> | Pick<OtherShell, 'family'>,
  program: string,
  system: Pick<System, 'run' | 'env' | 'elapsedMs'>,
): Parses {
  // Variables such as BASH_ENV, SHELLOPTS and POSIXLY_CORRECT would change what is read, or how. The locale decides which
  // bytes are one character.
  const isPassedOn = (name: string): boolean => name === 'PATH' || name === 'LANG' || name.startsWith('LC_')
  const env = Object.fromEntries(Object.entries(system.env).filter(([name]) => isPassedOn(name)))
  if (shell.family === 'other') return async () => 'no-parser'
  let spentMs = 0
  return async (statements) => {
    const remainingMs = (statements.length > LARGE_BYTES ? LARGE_TOTAL_TIMEOUT_MS : TOTAL_TIMEOUT_MS) - spentMs
    if (remainingMs <= 0) return 'no-parser'
    const startedMs = system.elapsedMs()
    const timeoutMs = Math.min(ANSWER_TIMEOUT_MS, remainingMs)
    const input = Buffer.concat([Buffer.from('f() { :\n'), statements, Buffer.from('\n}\n')])
    const result = await system.run(program, shell.parses, { input, env, timeoutMs })
    spentMs += system.elapsedMs() - startedMs
    return result.kind === 'exited' ? result.exitCode === 0 : 'no-parser'
  }
}
