import type { Question } from '../shells/ask.ts'
import { allLoginShells } from '../shells/index.ts'
import type { LoginShell, Opened } from '../shells/shell.ts'
import type { SeenVariable, VariableState } from './outcome.ts'

/** What the reader says, in a shell that we opened or in another one that took its place. */
export interface ReaderAnswer {
  /** The name of the other one, as its process is called. */
  readonly by: string | undefined
  readonly variables: readonly SeenVariable[]
}

const STATES: readonly VariableState[] = ['same', 'other', 'missing', 'unexported']

/**
 * The question which variables a shell hands on to the programs it starts.
 *
 * @param digests by the variable's name, the SHA-256 of the value it should have; the values stay here
 * @param onPath programs without which there is no answer
 */
export async function readerQuestion(
  shell: LoginShell,
  digests: ReadonlyMap<string, string>,
  onPath: readonly string[],
): Promise<Question> {
  const all = await allLoginShells()
  const names = [...digests.keys()]
  const wordsOf = (inShell: LoginShell, first: string): readonly string[] => [
    first,
    // Without quotes an empty word would be none.
    ...names.map((name) => (inShell.family === 'posix' ? `"${inShell.setWord(name)}"` : inShell.setWord(name))),
  ]
  return {
    words: wordsOf(shell, ASKED),
    script: (commandWith) => {
      const others = all.flatMap((other) => {
        const opened = other.open('interactive', { words: wordsOf(other, OPENED_AGAIN), script: commandWith })
        return other.programs.map((program) => [program, opened] as const)
      })
      return readerScript([...digests], Object.fromEntries(others), onPath)
    },
  }
}

export function parseReaderAnswer(answer: string, names: readonly string[]): ReaderAnswer {
  // Written by the script below, in a directory that only we can write to.
  const { by, states } = JSON.parse(answer) as { readonly by?: string; readonly states: readonly number[] }
  return { by, variables: names.map((name, index) => ({ name, state: STATES[states[index] ?? -1] ?? 'missing' })) }
}

/** The first word tells the reader by whom it was started; without one it was read from standard input. */
const ASKED = 'asked'
const OPENED_AGAIN = 'opened-again'

/**
 * Where the script comes from standard input, the shell that took over runs it. That shell is not interactive, so one
 * that we know is opened once more, as a terminal would: with the name, the options and the environment that were handed
 * on to it, and its own files. Afterwards the shell that took over is ended, since it would go on reading.
 */
function readerScript(
  digests: readonly (readonly [name: string, digest: string])[],
  others: Readonly<Record<string, Opened>>,
  onPath: readonly string[],
): string {
  return `const { createHash } = require('crypto')
const { existsSync, readFileSync, readlinkSync } = require('fs')
const directories = (process.env.PATH || '').split(':')
const isOnPath = (program) => directories.some((directory) => existsSync(directory + '/' + program))
if (!${JSON.stringify(onPath)}.every(isOnPath)) process.exit()
const spawnSync = (...args) => require('child_process').spawnSync(...args)
const { env, ppid } = process
const [startedBy, ...set] = process.argv.slice(2)
const states = ${JSON.stringify(digests)}.map(([name, digest], index) => {
  if (env[name] === undefined) return set[index] ? ${STATES.indexOf('unexported')} : ${STATES.indexOf('missing')}
  const isSame = createHash('sha256').update(env[name]).digest('hex') === digest
  return isSame ? ${STATES.indexOf('same')} : ${STATES.indexOf('other')}
})
const attempt = (read) => { try { return read() } catch {} }
const parentName = () =>
  attempt(() => readFileSync('/proc/' + ppid + '/comm', 'utf8').trim()) ||
  attempt(() => spawnSync('/bin/ps', ['-o', 'comm=', '-p', ppid]).stdout.toString().trim()) ||
  'another program'
// It reads commands from its input, so all that it was given are options: unless it says where they end.
const optionsOf = (args) => (args.some((word) => /^--?$|^-[a-z]*[cs]/.test(word)) ? [] : args)
const commandLine = () =>
  attempt(() => readFileSync('/proc/' + ppid + '/cmdline', 'utf8').split('\\0').slice(0, -1)) ||
  attempt(() => spawnSync('/bin/ps', ['-o', 'args=', '-p', ppid]).stdout.toString().trim().split(' ')) ||
  []
const answerOnce = (by) => attempt(() => answer(JSON.stringify({ by, states })))
if (startedBy === ${JSON.stringify(ASKED)}) answerOnce()
else if (startedBy !== undefined) answerOnce(env.${OTHER_NAME})
else {
  const by = parentName()
  const others = new Map(Object.entries(${JSON.stringify(others)}))
  const name = by.slice(by.lastIndexOf('/') + 1).replace(/^-/, '')
  const opened = others.get(name)
  if (opened) {
    const own = attempt(() => readlinkSync('/proc/' + ppid + '/exe')) || ''
    // For a shell that is a script, this is its interpreter.
    const isScript = /\\/(?:python|perl|ruby|node)[^/]*$/.test(own)
    const program = isScript || own === '' ? by.replace(/^-/, '') : own
    const [argv0 = program, ...given] = isScript ? [] : commandLine()
    const stdio = [opened.input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore']
    const options = { argv0, stdio, input: opened.input, env: { ...env, ${OTHER_NAME}: by } }
    spawnSync(program, [...optionsOf(given), ...opened.args], options)
  }
  answerOnce(by)
  if (ppid > 1) process.kill(ppid, 'SIGKILL')
}`
}

/** Carries the other shell's name to the reader in it. */
const OTHER_NAME = 'ACS_ENV_HANDED_TO'
