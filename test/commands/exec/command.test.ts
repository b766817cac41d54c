import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { hostileText } from '../../support/arbitraries/hostile-text.ts'
import { unusedPort } from '../../support/doubles/faulty-service.ts'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { inMinutes, storeValues } from '../../support/homes/stored-values.ts'
import { runInWorld } from '../../support/homes/world.ts'
import { BUILT, cleanEnvironment, runBuilt, type BuiltRun } from '../../support/programs/built.ts'

const CONNECTION_STRING = 'endpoint=https://contoso.communication.azure.com/;accesskey=a2V5'
const TOKEN = `eyJ.${"it's $TOKEN `x` \\".repeat(3)}`
const BOTH = {
  AZURE_COMMUNICATION_CONNECTION_STRING: CONNECTION_STRING,
  ACS_CONNECTION_STRING: CONNECTION_STRING,
  AZURE_COMMUNICATION_ACCESS_TOKEN: TOKEN,
}
/** Tells its arguments. */
const ECHO = 'process.stdout.write(JSON.stringify(process.argv.slice(2)))\n'
/** Takes longer to end after SIGTERM than those who lose patience give. */
const SLOW_TO_END = `
process.on('SIGTERM', () => setTimeout(() => console.log('saved') || process.exit(0), 6500))
setInterval(() => undefined, 1000)
console.log('ready')
`
/** Counts the signals it gets, and ends with 3 a moment after the first. */
const PATIENT = `
let count = 0
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(name, () => {
    count += 1
    if (count === 1) setTimeout(() => console.log(name + ' ' + count) || process.exit(3), 200)
  })
}
setInterval(() => undefined, 1000)
console.log('ready')
`

let home: TestHome
let echo: string
let patient: string
beforeAll(() => {
  home = makeHome()
  storeValues(home, {
    connectionString: CONNECTION_STRING,
    accessToken: TOKEN,
    expiresOn: inMinutes(60),
    endpoint: 'https://contoso.communication.azure.com/',
    furtherNames: ['ACS_CONNECTION_STRING'],
  })
  echo = home.write('echo.mjs', ECHO)
  patient = home.write('patient.mjs', PATIENT)
})
afterAll(() => home.remove())

const exec = (command: readonly string[], env: Record<string, string> = {}): Promise<BuiltRun> =>
  runBuilt(['exec', '--', ...command], { home: home.path, env })
const execHere = (command: readonly string[]) => runInWorld(['exec', '--', ...command], home.path)

/** The built program, running `command`. */
function start({ onTestFinished }: TestContext, command: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [BUILT, 'exec', '--', ...command], {
    env: cleanEnvironment(home.path),
    cwd: home.path,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('the environment of the command', () => {
  it('is ours with both values, and nothing else of it is changed', async () => {
    const env = { EMPTY: '', SPACES: ' a  b ', LINES: 'a\nb', ' odd name': '1', UNICODE: 'é日😀' }
    const { stdout, exitCode } = await exec(['cat', '/proc/self/environ'], env)
    const entries = stdout.split('\0').slice(0, -1)
    const seen = Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    )
    expect(seen).toEqual({ ...cleanEnvironment(home.path, env), ...BOTH })
    expect([exitCode, entries.length]).toEqual([0, Object.keys(seen).length])
  })

  it('has the stored token, whatever token there was', async () => {
    const env = { AZURE_COMMUNICATION_ACCESS_TOKEN: 'old', ACS_CONNECTION_STRING: 'old' }
    const print = 'printf "%s " "$AZURE_COMMUNICATION_ACCESS_TOKEN" "$ACS_CONNECTION_STRING"'
    expect((await exec(['sh', '-c', print], env)).stdout).toBe(`${TOKEN} ${CONNECTION_STRING} `)
  })
})

describe('the arguments of the command', () => {
  it.each([
    [['a b', "it's", '"', String.raw`\ \\ \n`, 'two\nlines', '', '$HOME', '`id`', '*', 'é日😀']],
    [['--', '-x', '--json', '--dry-run', '--help', '--version', '-y', '-', '--no-such-option', '--as=1']],
    [[]],
  ])('pass as they are: %j', async (args) => {
    const { stdout, stderr, exitCode } = await exec([process.execPath, echo, ...args])
    expect([JSON.parse(stdout), stderr, exitCode]).toEqual([args, '', 0])
  })

  it.each([
    [['--flag', '--json', '--dry-run', '--', '-x', '--', '']],
    [['--scope', 'chat', '--connection-string', 'x']],
    [[]],
  ])('pass as they are where "--" is left out: %j', async (args) => {
    const run = await runBuilt(['exec', process.execPath, echo, ...args], { home: home.path })
    expect([JSON.parse(run.stdout), run.stderr, run.exitCode]).toEqual([args, '', 0])
  })

  it('pass as they are, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText, { maxLength: 30 }), async (args) => {
        expect(JSON.parse((await exec([process.execPath, echo, ...args])).stdout)).toEqual(args)
      }),
      { numRuns: 4 },
    )
  })
})

describe('the standard streams of the command', () => {
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex')

  it.each([
    ['output', ['cat'], 'stdout'],
    ['error', ['sh', '-c', 'cat >&2'], 'stderr'],
  ] as const)('carry 20 MB of binary data from its input to its standard %s', async (_, command, stream) => {
    const child = spawn(process.execPath, [BUILT, 'exec', '--', ...command], { env: cleanEnvironment(home.path) })
    const data = randomBytes(20 * 1024 * 1024)
    child.stdin.end(data)
    const [output, error] = await Promise.all([buffer(child.stdout), buffer(child.stderr)])
    const [received, other] = stream === 'stdout' ? [output, error] : [error, output]
    expect([digest(received), other.length]).toEqual([digest(data), 0])
  })

  it('carry big data to a slow reader behind a warning of our own', async () => {
    const warned = makeHome()
    const port = await unusedPort()
    const endpoint = `http://127.0.0.1:${port}/`
    const connectionString = `endpoint=${endpoint};accesskey=a2V5`
    storeValues(warned, { connectionString, endpoint, accessToken: TOKEN, expiresOn: inMinutes(5), userId: '8:acs:a' })
    const child = spawn(process.execPath, [BUILT, 'exec', '--', 'sh', '-c', 'head -c 3000000 /dev/zero >&2'], {
      env: cleanEnvironment(warned.path),
    })
    await once(child.stderr, 'readable')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const error = await buffer(child.stderr)
    expect(error.toString('latin1')).toMatch(/^warning: the token is good for .*\n\0/)
    expect(error.length - error.indexOf('\n') - 1).toBe(3_000_000)
    warned.remove()
  })

  it('are open as ours are: a command that reads nothing does not wait', async () => {
    expect(await exec(['sh', '-c', 'read -r line; echo "$?:$line"'])).toMatchObject({ stdout: '1:\n', exitCode: 0 })
  })

  it('end the command when the reader goes away, as in any pipe', async () => {
    const script = `'${process.execPath}' '${BUILT}' exec -- yes | head -n 1; echo "\${PIPESTATUS[0]}"`
    const child = spawn('bash', ['-c', script], { env: cleanEnvironment(home.path), stdio: ['ignore', 'pipe', 'pipe'] })
    expect([await text(child.stdout), await text(child.stderr)]).toEqual([
      `y\n${128 + constants.signals.SIGPIPE}\n`,
      '',
    ])
  })
})

describe('the exit code', () => {
  it('is the one of the command, each from 0 to 255', async () => {
    const codes = Array.from({ length: 256 }, (_, code) => code)
    const seen: number[] = []
    // A few at a time: one after the other takes longer than a test may on a busy machine.
    for (let from = 0; from < codes.length; from += 8) {
      const runs = codes.slice(from, from + 8).map((code) => execHere(['sh', '-c', `exit ${code}`]))
      seen.push(...(await Promise.all(runs)).map(({ exitCode }) => exitCode))
    }
    expect(seen).toEqual(codes)
  })

  it.concurrent.each([0, 1, 70, 126, 255])('is the one of the process too: %i', async (code) => {
    expect(await exec(['sh', '-c', `exit ${code}`])).toMatchObject({ exitCode: code, signal: null, stderr: '' })
  })

  it.each(['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGINT', 'SIGUSR1', 'SIGPIPE'] as const)(
    'is 128 and the number for a command that %s ended',
    async (signal) => {
      const run = await execHere(['sh', '-c', `kill -${signal.slice(3)} $$`])
      expect(run).toEqual({ exitCode: 128 + constants.signals[signal], stdout: '', stderr: '' })
    },
  )

  it.each([
    ['a name that is nowhere', () => 'no-such-command', 127],
    ['a path that is not there', () => join(home.path, 'missing/command'), 127],
    ['an empty name', () => '', 127],
    ['a directory', () => home.path, 126],
    ['a file without permission to run', () => echo, 126],
    ['a path below a file', () => join(echo, 'command'), 126],
  ] satisfies [string, () => string, number][])('tells %s, in a sentence', async (_, program, exitCode) => {
    const run = await exec([program(), TOKEN])
    expect([run.exitCode, run.stdout]).toEqual([exitCode, ''])
    expect(run.stderr).toMatch(
      /^error: (The command "[^\n]*" was not found|"[^\n]*" cannot be run \(\w+\))\.\nhint: .*\?\n$/,
    )
    expect(run.stderr).not.toContain(TOKEN)
    const text = await runBuilt(['exec', program(), '--json'], { home: home.path })
    expect(text.stderr).toMatch(/^error: /)
    const json = await runBuilt(['exec', '--json', program()], { home: home.path })
    expect([json.exitCode, json.stdout]).toEqual([exitCode, ''])
    const code = exitCode === 127 ? 'command_not_found' : 'command_not_runnable'
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code } })
  })

  it('is the one of a script without a first line that names a shell', async () => {
    const script = home.write('script', 'exit 9\n')
    chmodSync(script, 0o755)
    expect((await exec([script])).exitCode).toBe(9)
  })
})

describe('a signal', () => {
  it.concurrent.for(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2', 'SIGQUIT'] as const)(
    '%s reaches the command once, and how that ends is how we end',
    async (signal, context) => {
      const child = start(context, [process.execPath, patient])
      await once(child.stdout, 'data')
      child.kill(signal)
      const said = text(child.stdout)
      const [exitCode] = (await once(child, 'exit')) as [number]
      expect([await said, exitCode]).toEqual([`${signal} 1\n`, 3])
    },
  )

  it.concurrent.for(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2'] as const)(
    '%s that ends the command gives 128 and its number',
    async (signal, context) => {
      const child = start(context, ['sh', '-c', 'echo ready; exec sleep 30'])
      await once(child.stdout, 'data')
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([128 + constants.signals[signal], null])
    },
  )

  it.concurrent('leaves the command the time it takes to end', async (context) => {
    const child = start(context, [process.execPath, home.write('slow.mjs', SLOW_TO_END)])
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const said = text(child.stdout)
    expect([await once(child, 'exit'), await said]).toEqual([[0, null], 'saved\n'])
  })

  it('leaves the input of the command as it is', async (context) => {
    const child = start(context, ['sh', '-c', 'echo ready; cat'])
    await once(child.stdout, 'data')
    for (const signal of ['SIGCONT', 'SIGWINCH'] as const) child.kill(signal)
    await new Promise((resolve) => setTimeout(resolve, 200))
    child.stdin.end('still read\n')
    const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect([said, complaints]).toEqual(['still read\n', ''])
  })
})

describe.runIf(process.platform === 'linux')('in a directory that is gone', () => {
  /** The built program in a directory that the shell around it removes first. */
  const execInGone = (args: readonly string[]): Promise<BuiltRun> => {
    const under = ['sh', '-c', 'mkdir gone; cd gone; rmdir ../gone; exec "$@"', 'sh']
    return runBuilt(['exec', ...args], { home: home.path, under })
  }

  it('runs the command there', async () => {
    const run = await execInGone(['--', 'readlink', '/proc/self/cwd'])
    expect(run).toMatchObject({ exitCode: 0, stdout: `${home.path}/gone (deleted)\n`, stderr: '' })
  })

  it('runs the command of --connection-string-command too', async () => {
    const run = await execInGone(['--connection-string-command', `echo '${CONNECTION_STRING}'`, '--', 'echo', 'done'])
    expect(run).toMatchObject({ exitCode: 0, stdout: 'done\n', stderr: '' })
  })

  it('is cancelled there as elsewhere', async () => {
    const run = await execInGone([
      '--connection-string-command',
      'kill -INT $PPID; exec sleep 30',
      '--',
      'echo',
      'done',
    ])
    expect(run).toMatchObject({ exitCode: 130, stdout: '', stderr: 'Cancelled; nothing was changed.\n' })
  })

  it('says so where the command cannot be started', async () => {
    const run = await execInGone(['--', 'no-such-command'])
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toBe('error: The current directory does not exist any more.\nhint: change to another one\n')
  })
})

describe('what cannot be run', () => {
  it.each([
    [['exec']],
    [['exec', '--']],
    [['exec', '--scope', 'chat']],
    [['exec', '--no-such-option', '--', 'true']],
    [['exec', '--no-such-option', 'true']],
    [['exec', '--scope', 'chat', 'true']],
  ])('%j is wrong usage', async (args) => {
    const run = await runInWorld(args, home.path)
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(/^error: .*\nhint: .*\n$/)
  })

  it('says how to begin where nothing is stored, and runs nothing', async () => {
    const empty = makeHome()
    const run = await runBuilt(['exec', '--', 'touch', 'was-run'], { home: empty.path })
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error: Nothing is stored yet\.\nhint: begin with "acs-env setup"/)
    expect(empty.list()).toEqual([])
    empty.remove()
  })

  it('runs nothing with --dry-run', async () => {
    const run = await runBuilt(['exec', '--dry-run', '--', 'touch', 'was-run'], { home: home.path })
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(run.stdout).toMatch(/^Would run touch /)
    const forPrograms = await runBuilt(['exec', '--dry-run', '--json', '--', 'touch', 'was-run'], { home: home.path })
    expect([JSON.parse(forPrograms.stdout), forPrograms.stderr]).toEqual([{ dry_run: true }, ''])
    expect(home.list()).not.toContain('was-run')
  })
})
