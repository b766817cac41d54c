import { existsSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { type NoDirectory, tryWithTemporaryDirectory } from '../files/temporary-directory.ts'
import type { SessionOptions, SessionResult } from '../system/session.ts'
import type { System } from '../system/system.ts'
import { isForeignHome } from './foreign-home.ts'
import { pathWord, quotePosix } from './posix-words.ts'
import { SHELL_DIRECTORY } from './session-environment.ts'
import type { Command, Opened } from './shell.ts'

/** What a shell is asked once it has read its start-up files. */
export interface Question {
  /**
   * A script for Node that calls `answer(text)` once; it has the shell's environment, and `words` in `process.argv`. It
   * is given a way to write commands that run the same script again, with other words.
   */
  readonly script: (commandWith: (words: readonly string[]) => string) => string
  /** Words of the shell's own language, such as `"$ZDOTDIR"`. */
  readonly words: readonly string[]
}

export interface Opening extends Omit<SessionOptions, 'workingDirectory' | 'inputFile' | 'calledAs'> {
  readonly program: string
  readonly home: string
  /** What makes it run a command. */
  readonly open: (command: Command) => Opened
  /** Also on standard input, without words, for a shell that another one replaces while it starts. */
  readonly alsoOnInput?: InputLines
}

/**
 * `behind-a-blank`: which keeps the lines out of the histories of shells. `as-they-are`: for xonsh, to which a blank in
 * front is an error.
 */
type InputLines = 'behind-a-blank' | 'as-they-are'

export type Asked =
  | { readonly kind: 'answered'; readonly answer: string; readonly result: SessionResult }
  /** The shell reached our command, but no answer came back: Node could not run in it. */
  | { readonly kind: 'unanswered'; readonly result: SessionResult }
  /** The shell did not reach our command. */
  | { readonly kind: 'not-reached'; readonly result: SessionResult }
  | NoDirectory

/**
 * Starts a shell and has it run a script of ours with the Node that we run on.
 *
 * The start-up files of another user are not run: nothing is started then.
 *
 * The answer is the target of symbolic links in a private directory. Unlike a pipe that survives `exec >file`, endless
 * output and closed descriptors, and unlike a file `ulimit -f 0`, `set -C` and a reader that sees only half of it.
 */
export async function askShell({ script, words }: Question, opening: Opening, system: System): Promise<Asked> {
  if (isForeignHome(opening.home, system))
    return { kind: 'not-reached', result: { kind: 'not-started', code: 'EPERM' } }
  return await tryWithTemporaryDirectory(SHELL_DIRECTORY, system, async (directory) => {
    const files = filesIn(directory)
    const commandWith = (others: readonly string[]): string =>
      [...WITHOUT_NODE_SETTINGS, quotePosix(files.node), quotePosix(files.reader), ...others].join(' ')
    const { program, open, alsoOnInput, home, ...options } = opening
    // A redirection needs no program and, where it makes an empty file, passes every limit on what may be written.
    // With the backslash it is no alias.
    const reached = `\\: >| ${quotePosix(files.reached)}`
    const { args, input = '', calledAs } = open({ words, script: (given) => `${reached}; ${commandWith(given)}` })
    const line = `${alsoOnInput === 'behind-a-blank' ? ' ' : ''}${pathWord(files.node)} ${pathWord(files.reader)}\n`
    const lines = alsoOnInput === undefined ? '' : line.repeat(INPUT_LINES)
    try {
      // In a directory whose name needs no quotes in most shells, whatever the path of this Node is.
      symlinkSync(system.self.nodePath, files.node)
      writeFileSync(files.reader, `${answerFunction(files.answer)}\n${script(commandWith)}`)
      if (input + lines !== '') writeFileSync(files.input, input + lines)
    } catch (error) {
      return { kind: 'no-directory', code: systemCode(error) }
    }
    const result = await system.runInSession(program, args, {
      ...options,
      workingDirectory: existsSync(home) ? home : '/',
      ...(input + lines !== '' && { inputFile: files.input }),
      ...(calledAs !== undefined && { calledAs }),
    })
    const answer = readAnswer(files.answer)
    if (answer !== undefined) return { kind: 'answered', answer, result }
    return { kind: existsSync(files.reached) ? 'unanswered' : 'not-reached', result }
  })
}

/**
 * Variables that start-up files set for Node, and that may stop it or slow it down. A prefix such as `NODE_OPTIONS=`
 * would fail where the variable is read-only.
 */
const WITHOUT_NODE_SETTINGS: readonly string[] = [
  '/usr/bin/env',
  ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_V8_COVERAGE', 'OPENSSL_CONF'].flatMap((name) => ['-u', name]),
]

/** More than one, since a start-up file may read a line. */
const INPUT_LINES = 20

/** The target of a link may have 1023 bytes on macOS and 4095 on Linux. */
const LINK_BYTES = 1000

function filesIn(directory: string) {
  const at = (name: string): string => join(directory, name)
  return { node: at('node'), reader: at('ask.cjs'), answer: at('answer'), input: at('input'), reached: at('reached') }
}

/** Defines `answer(text)`: its pieces first, and last their number, so that half an answer is none. */
function answerFunction(path: string): string {
  return `const answer = (text) => {
  const { symlinkSync } = require('fs')
  const path = ${JSON.stringify(path)}
  const pieces = Buffer.from(text).toString('base64').match(/.{1,${LINK_BYTES}}/g) || []
  pieces.forEach((piece, index) => symlinkSync(piece, path + index))
  symlinkSync(String(pieces.length), path)
}`
}

function readAnswer(path: string): string | undefined {
  try {
    const count = Number(readlinkSync(path))
    const pieces = Array.from({ length: count }, (_, index) => readlinkSync(path + index))
    return Buffer.from(pieces.join(''), 'base64').toString()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
