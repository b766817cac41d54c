import { builtin } from './builtin.ts'

/** A process beside the command, in the same process group, that reports which signals it gets. */
export interface SignalWitness {
  /**
   * Settles when every signal that reached the group before this call has been reported.
   *
   * @returns false where there is no witness, so that nothing is known
   */
  hasReported(): Promise<boolean>
  /** Ends it. */
  end(): void
}

/**
 * Reports each signal by name, and answers each line with that line. A trap runs before the next command, so what came
 * before a question is reported before its answer. A trap also ends `read`: in dash with the status of an end of input.
 */
const SCRIPT = `
for name in HUP INT QUIT TERM ALRM USR1 USR2 WINCH CONT TSTP TTIN TTOU; do trap "echo $name; trapped=1" $name; done
echo ready
while trapped=; read -r line && echo "$line" || [ "$trapped" ]; do :; done
`
/** A signal in the middle of a question makes the shell lose what it has read of it: then it is asked again. */
const ANSWER_MS = 250
const ATTEMPTS = 8
/** It can be ended before its traps are set, by a signal to the group; another takes its place. */
const MAX_STARTS = 5

/**
 * Starts the witness. Only a shell is needed, and it ends with this process, whose pipe it reads.
 *
 * @param report gets each signal that reaches the process group
 * @param begin called once it reports
 */
export function startSignalWitness(report: (signal: NodeJS.Signals) => void, begin: () => void): SignalWitness {
  let starts = 0
  let questions = 0
  /** Set once there is none, or none is wanted any more. */
  const state = { isOver: false }
  let answered = 0
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const resume of waiting) resume()
  }
  let shell = start()

  function start(): { ask(question: number): void; end(): void } {
    starts += 1
    // No environment: it would hold the user's secrets, and a shell would read files that it names.
    const child = builtin('node:child_process').spawn('/bin/sh', ['-c', SCRIPT], {
      env: {},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const { stdin, stdout } = child
    let rest = ''
    stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (/^[A-Z\d]*[A-Z][A-Z\d]*$/.test(line)) report(`SIG${line}` as NodeJS.Signals)
        else if (/^\d+$/.test(line)) answered = Number(line)
        else if (line === 'ready') begin()
      }
      wake()
    })
    // What was asked of one that has ended.
    stdin.on('error', () => undefined)
    child.once('error', () => {
      state.isOver = true
      wake()
    })
    child.once('exit', (_code, signal) => {
      if (state.isOver) return
      if (signal !== null) report(signal)
      if (signal !== null && starts < MAX_STARTS) shell = start()
      else state.isOver = true
      wake()
    })
    child.unref()
    // Pipes are sockets, which have this too: only the command keeps us running.
    for (const stream of [stdin, stdout]) (stream as unknown as { unref(): void }).unref()
    return {
      ask: (question) => void stdin.write(`${question}\n`),
      end: () => {
        stdin.destroy()
        stdout.destroy()
        child.kill('SIGKILL')
      },
    }
  }

  return {
    hasReported: async () => {
      questions += 1
      const question = questions
      for (let attempt = 0; attempt < ATTEMPTS && !state.isOver; attempt += 1) {
        shell.ask(question)
        if (await isTrueInTime(() => state.isOver || answered >= question, waiting)) return !state.isOver
      }
      return false
    },
    end: () => {
      state.isOver = true
      shell.end()
      wake()
    },
  }
}

/** Looks whenever somebody resumes what is waiting, for as long as an answer may take. */
function isTrueInTime(condition: () => boolean, waiting: Set<() => void>): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isTrue: boolean): void => {
      clearTimeout(timer)
      waiting.delete(look)
      resolve(isTrue)
    }
    const look = (): void => {
      if (condition()) settle(true)
    }
    const timer = setTimeout(() => settle(condition()), ANSWER_MS)
    waiting.add(look)
    look()
  })
}
