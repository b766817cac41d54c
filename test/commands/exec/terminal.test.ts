import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { inMinutes, storeValues } from '../../support/homes/stored-values.ts'
import { testNodes } from '../../support/programs/nodes.ts'
import { putOnPath } from '../../support/programs/on-path.ts'
import { runInTerminal, type PtyRun } from '../../support/programs/pty.ts'

/** Counts the interrupts it gets, and ends with 3 a moment after the first. */
const PATIENT = `
let count = 0
process.on('SIGINT', () => {
  count += 1
  if (count === 1) setTimeout(() => console.log('interrupts: ' + count + '.') || process.exit(3), 300)
})
setInterval(() => undefined, 1000)
console.log('is ready')
`
/** Numbers the signals that a terminal sends. */
const COUNTING = `
let count = 0
for (const name of ['SIGINT', 'SIGQUIT']) process.on(name, () => console.log('signal ' + ++count + '.'))
process.on('SIGTERM', () => console.log('got ' + count + '.') || process.exit(4))
setInterval(() => undefined, 1000)
setTimeout(() => console.log('below ' + process.ppid + '.\\nis ready'), 300)
`
/** Works on when there is a file `step`, and reads a line once it is in the foreground again. */
const READER = `
echo is ready
until [ -e step ]; do sleep 0.05; done
echo went on
until set -- $(cat /proc/$$/stat) && [ "$5" = "$8" ]; do sleep 0.05; done
read -r line
echo "got $line"
exit 5
`
/** What bash says in front of a command line. What is typed is echoed, so it never has what is waited for. */
const PROMPT = 'prompt> '

describe.concurrent.each(testNodes())('exec in a terminal on Node $version', ({ path: nodePath }) => {
  function start(
    { onTestFinished }: TestContext,
    args: (home: TestHome) => readonly string[],
  ): { home: TestHome; run: PtyRun } {
    const home = makeHome()
    storeValues(home, {
      connectionString: 'endpoint=https://contoso.communication.azure.com/;accesskey=a2V5',
      accessToken: 'eyJ.token',
      expiresOn: inMinutes(60),
    })
    home.write('patient.mjs', PATIENT)
    home.write('counting.mjs', COUNTING)
    home.write('reader.sh', READER)
    home.write('sleeper.sh', 'echo is ready; exec sleep 30\n')
    home.write('rc', `PS1='${PROMPT}'\n`)
    const env = { PATH: putOnPath(home), NODE: nodePath }
    const run = runInTerminal(['exec', '--', ...args(home)], { home: home.path, nodePath, env })
    onTestFinished(() => {
      run.kill('SIGKILL')
      home.remove()
    })
    return { home, run }
  }
  const patient = (home: TestHome): readonly string[] => [nodePath, join(home.path, 'patient.mjs')]
  const shell = (home: TestHome): readonly string[] => ['bash', '--rcfile', join(home.path, 'rc'), '-i']

  it('hands Ctrl+C to the command once, and ends as the command does', async (context) => {
    const { run } = start(context, patient)
    await run.waitFor('is ready')
    run.press('ctrl-c')
    await run.waitFor('interrupts: 1.')
    expect((await run.exit()).exitCode).toBe(3)
  })

  it('ends with 130 where Ctrl+C ends the command', async (context) => {
    const { run } = start(context, () => ['sh', '-c', 'echo is ready; exec sleep 30'])
    await run.waitFor('is ready')
    run.press('ctrl-c')
    expect((await run.exit()).exitCode).toBe(130)
  })

  it('hands Ctrl+C on once also where the standard input is a file', async (context) => {
    const { run } = start(context, shell)
    await run.waitFor(PROMPT)
    run.type('acs-env exec -- "$NODE" patient.mjs < /dev/null; echo "code: $?"\r')
    await run.waitFor('is ready')
    run.press('ctrl-c')
    await run.waitFor('interrupts: 1.')
    await run.waitFor('code: 3')
    run.type('exit 0\r')
    expect((await run.exit()).exitCode).toBe(0)
  })

  it('hands Ctrl+C on once also where no stream is the terminal', async (context) => {
    const { home, run } = start(context, shell)
    await run.waitFor(PROMPT)
    run.type('acs-env exec -- "$NODE" patient.mjs < /dev/null > said 2>&1; cat said\r')
    await context.expect
      .poll(() => home.list().includes('said') && home.read('said'), { timeout: 20_000 })
      .toContain('is ready')
    run.press('ctrl-c')
    await run.waitFor('interrupts: 1.')
    run.type('exit 0\r')
    expect((await run.exit()).exitCode).toBe(0)
  })

  it.for(['INT', 'QUIT'])('passes on a SIG%s that was sent to it alone in the background', async (name, context) => {
    const { run } = start(context, shell)
    await run.waitFor(PROMPT)
    run.type('acs-env exec -- sh -c \'echo is "ready"; exec sleep 30\' &\r')
    await run.waitFor('is ready')
    run.type(`kill -${name} $!; wait $!; echo "code: $?"\r`)
    await run.waitFor(`code: ${name === 'INT' ? 130 : 131}`)
    run.type('exit 0\r')
    expect((await run.exit()).exitCode).toBe(0)
  })

  it('hands on a signal that was sent to it alone in the foreground, and each once, 30 times', async (context) => {
    const { run } = start(context, (home) => [nodePath, join(home.path, 'counting.mjs')])
    await run.waitFor('is ready')
    const selfId = Number(/below (\d+)\./.exec(run.text())?.[1])
    for (let count = 1; count <= 30; count += 1) {
      if (count % 2 === 0) run.press('ctrl-c')
      else process.kill(selfId, count % 3 === 0 ? 'SIGQUIT' : 'SIGINT')
      await run.waitFor(`signal ${count}.`)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    process.kill(selfId, 'SIGTERM')
    await run.waitFor('got 30.')
    expect((await run.exit()).exitCode).toBe(4)
  })

  it('is a terminal to the command', async (context) => {
    const { run } = start(context, () => ['sh', '-c', 'test -t 0 && test -t 1 && test -t 2 && stty size'])
    await run.waitFor('24 80')
    expect((await run.exit()).exitCode).toBe(0)
  })

  it('stops, goes on and takes input again under job control', async (context) => {
    const { home, run } = start(context, shell)
    await run.waitFor(PROMPT)
    run.type('acs-env exec -- sh reader.sh\r')
    await run.waitFor('is ready')
    run.type('\u001A')
    await run.waitFor('Stopped')
    await run.waitFor(PROMPT)
    run.type('bg\r')
    await run.waitFor('acs-env exec')
    home.write('step', '')
    await run.waitFor('went on')
    run.type('fg\r')
    await run.waitFor('acs-env exec')
    run.type('hello\r')
    await run.waitFor('got hello')
    run.type('echo "code: $?"\r')
    await run.waitFor('code: 5')
    run.type('exit 0\r')
    expect((await run.exit()).exitCode).toBe(0)
  })

  it('is the whole session of a shell', async (context) => {
    const { run } = start(context, shell)
    await run.waitFor(PROMPT)
    run.type('echo "token: $AZURE_COMMUNICATION_ACCESS_TOKEN"\r')
    await run.waitFor('token: eyJ.token')
    await run.waitFor(PROMPT)
    run.type('sh sleeper.sh\r')
    await run.waitFor('is ready')
    run.press('ctrl-c')
    await run.waitFor(PROMPT)
    run.type('exit 7\r')
    expect((await run.exit()).exitCode).toBe(7)
  })
})
