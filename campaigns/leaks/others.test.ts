import { execFileSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, type TestContext } from 'vitest'
import { ENTRA_APPLICATION, ENTRA_USER } from '../../test/support/doubles/entra-token.ts'
import { makeHome, readTree, type TestHome } from '../../test/support/homes/home.ts'
import { cleanEnvironment, runBuilt } from '../../test/support/programs/built.ts'
import { runInTerminal } from '../../test/support/programs/pty.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { LOOK_PIPE, makeKey } from './fixture.ts'
import { makeToken, startMarkedService } from './marked-service.ts'
import { markSecrets, type Marks } from './marks.ts'
import { runTraced, type TracedRun } from './trace.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TEAMS = ['teams-token', '--client', ENTRA_APPLICATION, '--aad-user', ENTRA_USER]

describe.skipIf(!hasProgram('strace', '-V'))('programs that bring a service of their own', () => {
  it('the emulator shows its key as the answer, and tokens to who asks for them', async (context) => {
    const { home, directory } = makePlace(context)
    const key = makeKey()
    const connection: string[] = []
    const tokens: string[] = []
    const run = await runTraced(['emulator', '--access-key', key, '--https', '--json', '--verbose'], {
      directory,
      workingDirectory: home.path,
      env: { ...cleanEnvironment(home.path), TMPDIR: directory },
      onStart: (child) =>
        void useEmulator(child, directory).then(({ connectionString, token }) => {
          connection.push(connectionString)
          tokens.push(token)
        }),
    })
    expect(connection[0]).toContain(key)
    const places = placesOf(run, markSecrets({ key, token: tokens[0] ?? '' }), directory)
    // Over https it is not visible on the network either.
    expect(places).toEqual(['key → arguments of node', 'key → stdout'])
  })

  it('the demo keeps its secrets in its own home', async (context) => {
    const { home, directory } = makePlace(context)
    const run = await runTraced(['demo', '--verbose'], {
      directory,
      workingDirectory: home.path,
      env: { ...cleanEnvironment(home.path), TMPDIR: directory },
    })
    expect(run.stderr).toContain('That was all.')
    const written = (name: string): string =>
      run.traces.find(({ place }) => place.includes(`/.${name}.acs-env-`))?.bytes.toString() ?? ''
    const key = written('connection-string').replace(/^.*accesskey=/, '')
    expect(key).toHaveLength(88)
    const found = placesOf(run, markSecrets({ key, token: written('access-token') }), directory)
    const places = [
      ...new Set(found.map((line) => line.replace(/acs-env-shell-\w+\/pipe-\d+(?:, public)?$/, LOOK_PIPE))),
    ]
    // The terminals that it opens have them, and so has what they start.
    expect(places.toSorted()).toEqual([
      'key → a pipe',
      'key → demo/.config/acs-env/connection-string',
      'key → environment of env',
      'key → the pipe of a look',
      'token → demo/.config/acs-env/access-token',
      'token → environment of env',
      'token → the pipe of a look',
      'token → the service',
    ])
  })
})

describe('what is typed into a terminal', () => {
  it.each([
    [
      'a connection string',
      ['setup', '--no-verify', '--connection-string-stdin', '--scope', 'chat'],
      '? Connection string',
      130,
    ],
    ['an access token', ['setup', '--no-verify', '--access-token-stdin'], '? Access token', 130],
    ['an Entra token', [...TEAMS, '--aad-token-stdin'], '? Entra token', 0],
  ])('is not shown: %s', async (name, args, question, exitCode) => {
    const home = makeHome()
    const key = makeKey()
    const typedToken = makeToken()
    const service = await startMarkedService(undefined, [])
    const connectionString = `endpoint=${service.endpoint};accesskey=${key}`
    const env = name === 'an Entra token' ? { AZURE_COMMUNICATION_CONNECTION_STRING: connectionString } : {}
    const run = runInTerminal(args, { home: home.path, nodePath: process.execPath, env })
    await run.waitFor(question)
    run.type(`${name === 'a connection string' ? connectionString : typedToken}\r`)
    if (exitCode === 130) {
      await run.waitFor('? Go ahead?')
      run.press('ctrl-c')
    }
    expect((await run.exit()).exitCode).toBe(exitCode)
    const marks = markSecrets({ key, 'typed token': typedToken })
    expect(marks.find(Buffer.from(run.raw()))).toEqual([])
    expect(marks.find(Buffer.from(run.text()))).toEqual([])
    expect(Object.values(readTree(home.path)).join('')).not.toContain(key)
    await service.close()
    home.remove()
  })
})

describe("npm's own log", () => {
  it('has the command line, of which we warn, and nothing of standard input', async (context) => {
    const { home, directory } = makePlace(context)
    const env = {
      ...cleanEnvironment(home.path),
      NPM_CONFIG_CACHE: join(directory, 'cache'),
    }
    const npm = (args: readonly string[], cwd: string): void =>
      void execFileSync('npm', args, { cwd, env, stdio: 'pipe' })
    npm(['pack', '--ignore-scripts', '--pack-destination', directory], ROOT)
    const tarball = readdirSync(directory).find((file) => file.endsWith('.tgz')) ?? ''
    home.write('package.json', '{"private":true}')
    npm(['install', '--offline', join(directory, tarball)], home.path)
    const npx = (args: string, input: string): string => {
      const script = `npx --no-install acs-env issue --scope chat ${args}; echo "ended:$?"`
      return execFileSync('sh', ['-c', `{ ${script}; } 2>&1`], { cwd: home.path, env, input, encoding: 'utf8' })
    }
    const isLogged = (key: string): boolean =>
      markSecrets({ key }).find(Buffer.from(Object.values(readTree(join(directory, 'cache'))).join('\n'), 'latin1'))
        .length > 0
    const unreachable = (key: string): string => `endpoint=http://127.0.0.1:9/;accesskey=${key}`

    const [piped, given] = [makeKey(), makeKey()]
    const fromInput = npx('--connection-string-stdin', unreachable(piped))
    expect(fromInput).toMatch(/error: .* refused the connection\.\nhint: .*\nended:1/)
    expect(isLogged(piped)).toBe(false)

    const byOption = npx(`--connection-string '${unreachable(given)}'`, '')
    expect(byOption).toMatch(/^warning: npm keeps this command line, with the secret in it, in its log/m)
    expect(byOption).toMatch(/ended:1/)
    expect(markSecrets({ given }).find(Buffer.from(byOption.replaceAll(/^npm .*$/gm, '')))).toEqual([])
    // Were it not so any more, the warning and the README would have to go.
    expect(isLogged(given)).toBe(true)
  })
})

function makePlace({ onTestFinished }: TestContext): { readonly home: TestHome; readonly directory: string } {
  const home = makeHome()
  const directory = join(dirname(home.path), 'run')
  mkdirSync(directory)
  onTestFinished(home.remove)
  return { home, directory }
}

/** Waits for the emulator under strace, has it issue a token, and ends it. */
async function useEmulator(
  strace: ChildProcess,
  directory: string,
): Promise<{ readonly connectionString: string; readonly token: string }> {
  const said = (): string => readFileSync(join(directory, 'stdout'), 'utf8')
  for (let turn = 0; turn < 600 && !said().includes('\n'); turn += 1) await sleep(100)
  try {
    const { connection_string: connectionString, ca_file: certificate } = JSON.parse(said()) as Record<string, string>
    const { stdout } = await runBuilt(['issue', '--scope', 'chat', '--connection-string-stdin'], {
      input: connectionString ?? '',
      env: { NODE_EXTRA_CA_CERTS: certificate ?? '' },
    })
    return { connectionString: connectionString ?? '', token: stdout.trim() }
  } finally {
    const child = readFileSync(`/proc/${strace.pid}/task/${strace.pid}/children`, 'utf8').trim().split(' ')[0]
    process.kill(Number(child), 'SIGTERM')
  }
}

/** Where which secret was seen, without what differs from run to run. */
function placesOf(run: TracedRun, marks: Marks, directory: string): readonly string[] {
  const lines = run.traces.flatMap(({ place, bytes }) =>
    marks.find(bytes).map((name) => {
      const told = place
        .replace(`${directory}/`, '')
        .replace(/^acs-env-demo-\w+/, 'demo')
        .replace(/\/\.([^/]+)\.acs-env-[\da-f]{12}$/, '/$1')
        .replace(/^network to 127\.0\.0\.1:\d+$/, 'the service')
      return `${name} → ${told}${run.publicFiles.has(place) ? ', public' : ''}`
    }),
  )
  return [...new Set(lines)].toSorted()
}
