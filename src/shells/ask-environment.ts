import { closeSync, constants, existsSync, openSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { type NoDirectory, tryWithTemporaryDirectory } from '../files/temporary-directory.ts'
import type { SessionResult } from '../system/session.ts'
import type { Environment, System } from '../system/system.ts'
import type { Opening } from './ask.ts'
import { quotePosix } from './posix-syntax.ts'

export type AskedEnvironment =
  /** What a program that is started from the shell gets, with the words that were asked for. It may hold secrets. */
  | { readonly kind: 'answered'; readonly environment: Environment; readonly result: SessionResult }
  /** The shell reached our command, but the environment did not come back whole: the system's `env` is an old one. */
  | { readonly kind: 'unanswered'; readonly result: SessionResult }
  /** The shell did not reach our command. */
  | { readonly kind: 'not-reached'; readonly result: SessionResult }
  /** The temporary directory takes no pipes. */
  | { readonly kind: 'no-pipe' }
  | NoDirectory

/** A pipe may hold as little as 16 KiB; a program that fills it waits until it is read. */
const READ_EVERY_MS = 20
const CHUNK_BYTES = 64 * 1024

/**
 * Starts a shell as a terminal does and reads the environment that it hands to programs, by `env -0`: this needs no
 * built-in of the shell, which a start-up file may have redefined, and no time to start Node.
 *
 * The environment comes through a named pipe in a private directory and is never on a disk. Unlike standard output the
 * pipe survives `exec >file`, closed descriptors and endless output, and unlike a file `ulimit -f 0` and `set -C`.
 *
 * @param words in the shell's own language, by their names in the answer
 */
export function askForEnvironment(
  words: Readonly<Record<string, string>>,
  { program, open, home, ...options }: Omit<Opening, 'alsoOnInput'>,
  system: System,
): Promise<AskedEnvironment> {
  return tryWithTemporaryDirectory('acs-env-shell-', system, async (directory) => {
    const at = (name: string): string => join(directory, name)
    const [pipe, reached, whole, inputFile] = [at('pipe'), at('reached'), at('whole'), at('input')]
    const endsAt = system.elapsedMs() + options.timeoutMs
    const reader = await openPipe(pipe, options, system)
    if (reader === undefined) return { kind: 'no-pipe' }
    const names = Object.keys(words)
    // A redirection needs no program and, where it makes an empty file, passes every limit on what may be written.
    // With the backslash it is no alias.
    const touch = (path: string): string => `\\: >| ${quotePosix(path)}`
    const { args, input, calledAs } = open({
      words: Object.values(words),
      script: (given) => {
        const assignments = names.map((name, index) => ` ${name}=${given[index]}`).join('')
        return `${touch(reached)}; /usr/bin/env -0${assignments} >| ${quotePosix(pipe)} && ${touch(whole)}`
      },
    })
    if (input !== undefined) writeFileSync(inputFile, input)
    const timer = setInterval(reader.read, READ_EVERY_MS)
    try {
      const result = await system.runInSession(program, args, {
        ...options,
        ...(input !== undefined && { inputFile }),
        ...(calledAs !== undefined && { calledAs }),
        timeoutMs: Math.max(1, endsAt - system.elapsedMs()),
        workingDirectory: existsSync(home) ? home : '/',
      })
      if (existsSync(whole)) return { kind: 'answered', environment: parse(reader.read()), result }
      return { kind: existsSync(reached) ? 'unanswered' : 'not-reached', result }
    } finally {
      clearInterval(timer)
      reader.close()
    }
  })
}

interface PipeReader {
  /** Takes what is there, without waiting, and returns everything so far. */
  readonly read: () => Buffer
  readonly close: () => void
}

async function openPipe(
  path: string,
  { timeoutMs, signal }: Pick<Opening, 'timeoutMs' | 'signal'>,
  system: System,
): Promise<PipeReader | undefined> {
  const made = await system.runInSession('mkfifo', ['-m', '600', path], {
    env: { PATH: '/usr/bin:/bin' },
    workingDirectory: '/',
    timeoutMs,
    signal,
  })
  if (made.kind !== 'exited' || made.exitCode !== 0) return undefined
  // Opened in this way, it does not wait for a writer.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const chunks: Buffer[] = []
  const read = (): Buffer => {
    for (;;) {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      const length = readNow(descriptor, chunk)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
    }
  }
  return { read, close: () => closeSync(descriptor) }
}

/** 0 where nothing is there yet, or nobody writes. */
function readNow(descriptor: number, chunk: Buffer): number {
  try {
    return readSync(descriptor, chunk)
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return 0
    throw error
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
