import { existsSync, writeFileSync } from 'node:fs'
import type { SessionResult } from '../system/session.ts'
import type { Environment, System } from '../system/system.ts'
import type { Opening } from './ask.ts'
import type { NamedPipe } from './named-pipes.ts'
import { pathWord } from './posix-words.ts'

export type AskedEnvironment =
  /** What a program that is started from the shell gets, with the words that were asked for. It may hold secrets. */
  | { readonly kind: 'answered'; readonly environment: Environment; readonly result: SessionResult }
  /** The shell reached our command, but the environment did not come back whole: the system's `env` is an old one. */
  | { readonly kind: 'unanswered'; readonly result: SessionResult }
  /** The shell did not reach our command. */
  | { readonly kind: 'not-reached'; readonly result: SessionResult }

/** A pipe may hold as little as 16 KiB; a program that fills it waits until it is read. */
const READ_EVERY_MS = 20

/**
 * Starts a shell as a terminal does and reads the environment that it hands to programs, by `env -0`: this needs no
 * built-in of the shell, which a start-up file may have redefined, and no time to start Node.
 *
 * The environment comes through a named pipe in a private directory and is never on a disk. Unlike standard output the
 * pipe survives `exec >file`, closed descriptors and endless output, and unlike a file `ulimit -f 0` and `set -C`.
 *
 * @param words in the shell's own language, by their names in the answer
 * @param pipe of this shell alone
 */
export async function askForEnvironment(
  words: Readonly<Record<string, string>>,
  { program, open, home, ...options }: Omit<Opening, 'alsoOnInput'>,
  pipe: NamedPipe,
  system: System,
): Promise<AskedEnvironment> {
  const beside = (name: string): string => `${pipe.path}-${name}`
  const [reached, whole, inputFile] = [beside('reached'), beside('whole'), beside('input')]
  const names = Object.keys(words)
  // A redirection needs no program and, where it makes an empty file, passes every limit on what may be written.
  // With the backslash it is no alias. No quotes: after a `$(` without an end in ~/.bashrc they crash bash 5.2 here, and
  // not at a prompt.
  const touch = (path: string): string => `\\: >| ${pathWord(path)}`
  const { args, input, calledAs } = open({
    words: Object.values(words),
    script: (given) => {
      const assignments = names.map((name, index) => ` ${name}=${given[index]}`).join('')
      return `${touch(reached)}; /usr/bin/env -0${assignments} >| ${pathWord(pipe.path)} && ${touch(whole)}`
    },
  })
  if (input !== undefined) writeFileSync(inputFile, input)
  const timer = setInterval(pipe.read, READ_EVERY_MS)
  try {
    const result = await system.runInSession(program, args, {
      ...options,
      ...(input !== undefined && { inputFile }),
      ...(calledAs !== undefined && { calledAs }),
      workingDirectory: existsSync(home) ? home : '/',
    })
    if (existsSync(whole)) return { kind: 'answered', environment: parse(pipe.read()), result }
    return { kind: existsSync(reached) ? 'unanswered' : 'not-reached', result }
  } finally {
    clearInterval(timer)
  }
}

function parse(environment: Buffer): Environment {
  return Object.fromEntries(
    environment
      .toString()
      .split('\0')
      .map((entry) => {
        const equals = entry.indexOf('=')
        return [entry.slice(0, equals), entry.slice(equals + 1)]
      }),
  )
}
