import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi, type TestContext } from 'vitest'
import { hasOpenssl, makeCertificate } from '../support/doubles/certificate.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { BUILT, cleanEnvironment, runBuilt, type BuiltRun } from '../support/programs/built.ts'

const CONNECTION_STRING = /^endpoint=http:\/\/127\.0\.0\.1:\d+\/;accesskey=[A-Za-z0-9+/]{86}==$/
const ACCESS_KEY = Buffer.from('an access key of the test').toString('base64')

interface Announcement {
  readonly connection_string: string
  readonly endpoint: string
  readonly ca_file?: string
}

/** The command while it runs. */
interface Running {
  readonly stdout: () => string
  readonly stderr: () => string
  /** What the first line says. */
  readonly connectionString: string
  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<{ exitCode: number | null; elapsedMs: number }>
}

describe.concurrent('acs-env emulator', () => {
  it('prints the connection string alone on standard output', async (context) => {
    const home = newHome(context)
    const emulator = await run(context, home, [])
    await emulator.stop('SIGINT')
    expect(emulator.stdout()).toBe(`${emulator.connectionString}\n`)
    expect(emulator.connectionString).toMatch(CONNECTION_STRING)
    const [, endpoint = ''] = /endpoint=([^;]+)/.exec(emulator.connectionString) ?? []
    expect(emulator.stderr()).toBe(
      `Listening on ${endpoint} (this machine alone); Ctrl+C stops it.\n` +
        'In another terminal, run this and paste the connection string:\n\n' +
        '  acs-env issue --scope chat --connection-string-stdin\n',
    )
    expect(home.list()).toEqual([])
  })

  it('prints one document with --json', async (context) => {
    const emulator = await run(context, newHome(context), ['--json'])
    await emulator.stop('SIGINT')
    expect(emulator.stdout().split('\n')).toHaveLength(2)
    expect(JSON.parse(emulator.stdout())).toEqual({
      connection_string: expect.stringMatching(CONNECTION_STRING),
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    })
    expect(emulator.stderr()).toBe('')
  })

  it('says nothing more with --quiet', async (context) => {
    const emulator = await run(context, newHome(context), ['--quiet'])
    await emulator.stop('SIGINT')
    expect(emulator.stdout()).toMatch(/^endpoint=.*\n$/)
    expect(emulator.stderr()).toBe('')
  })

  it('prints commands that run as printed for someone who came by npx', async (context) => {
    const home = newHome(context)
    const emulator = await run(context, home, [], { npm_command: 'exec' })
    await vi.waitFor(() => expect(emulator.stderr()).toMatch(/^ {2}npx acs-env .*\n/m))
    const [, command = ''] = /^ {2}npx acs-env (.*)\n/m.exec(emulator.stderr()) ?? []
    const issued = await runBuilt(command.split(' '), { home: home.path, env: SHELL, input: emulator.connectionString })
    await emulator.stop('SIGINT')
    expect(issued).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ/) })
  })

  it('issues a token of its own to everyone who asks', async (context) => {
    const home = newHome(context)
    const { connectionString } = await run(context, home, [])
    const answers = await Promise.all([issue(home, connectionString), issue(home, connectionString)])
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(new Set(answers.map(({ stdout }) => stdout.trim())).size).toBe(2)
    for (const { stdout } of answers) expect(stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  it('listens on the port it is given, and on no other address', async (context) => {
    const port = await freePort()
    const emulator = await run(context, newHome(context), ['--port', String(port), '--access-key', ACCESS_KEY])
    expect(emulator.connectionString).toBe(`endpoint=http://127.0.0.1:${port}/;accesskey=${ACCESS_KEY}`)
    // Another listener on another address of this machine: refused if the emulator had taken all of them.
    const other = createServer()
    other.listen(port, '127.0.0.2')
    await once(other, 'listening')
    other.close()
  })

  it('accepts the access key it is given, and no other', async (context) => {
    const home = newHome(context)
    const { connectionString } = await run(context, home, ['--access-key', ACCESS_KEY])
    expect(await issue(home, connectionString)).toMatchObject({ exitCode: 0 })
    const wrong = connectionString.replace(ACCESS_KEY, Buffer.from('another key').toString('base64'))
    expect(await issue(home, wrong)).toMatchObject({ exitCode: 4, stdout: '' })
  })

  it('is the same resource again with the same access key, but has forgotten its identities', async (context) => {
    const home = newHome(context)
    const args = ['--port', String(await freePort()), '--access-key', ACCESS_KEY]
    const first = await run(context, home, args)
    const before = userOf(await issue(home, first.connectionString, ['--json']))
    expect(await issue(home, first.connectionString, ['--user', before])).toMatchObject({ exitCode: 0 })
    await first.stop('SIGTERM')

    const second = await run(context, home, args)
    expect(second.connectionString).toBe(first.connectionString)
    const after = userOf(await issue(home, second.connectionString, ['--json']))
    expect(after.split('_')[0]).toBe(before.split('_')[0])
    expect(after).not.toBe(before)
    expect(await issue(home, second.connectionString, ['--user', before])).toMatchObject({ exitCode: 4, stdout: '' })
  })

  it('makes setup take a new identity, and say so, after a restart with the same access key', async (context) => {
    const home = newHome(context)
    const args = ['--port', String(await freePort()), '--access-key', ACCESS_KEY]
    const setup = ['setup', '--no-verify', '--yes', '--json', '--connection-string-stdin']
    const first = await run(context, home, args)
    const before = await runBuilt(setup, { home: home.path, env: SHELL, input: first.connectionString })
    await first.stop('SIGTERM')
    await run(context, home, args)
    const after = await runBuilt(['setup', '--no-verify', '--yes', '--json'], { home: home.path, env: SHELL })
    expect([before.exitCode, after.exitCode]).toEqual([0, 0])
    expect(userOf(after)).not.toBe(userOf(before))
    expect(after.stderr).toContain(`${userOf(before)} is not, or no longer, an identity of this resource`)
  })

  it.for(['SIGINT', 'SIGTERM'] as const)('stops within a second on %s, with 0', async (signal, context) => {
    const home = newHome(context)
    const emulator = await run(context, home, [])
    // By then it has the key that it signs with: making one cannot be interrupted, and may take longer.
    expect(await issue(home, emulator.connectionString)).toMatchObject({ exitCode: 0 })
    const { port } = new URL(/endpoint=([^;]+)/.exec(emulator.connectionString)?.[1] ?? '')
    const client = connect(Number(port), '127.0.0.1').on('error', () => undefined)
    await once(client, 'connect')
    const { exitCode, elapsedMs } = await emulator.stop(signal)
    client.destroy()
    expect(exitCode).toBe(0)
    expect(elapsedMs).toBeLessThan(1000)
    // The port is free again.
    const next = createServer()
    next.listen(Number(port), '127.0.0.1')
    await once(next, 'listening')
    next.close()
  })

  it('says that a port is in use, and what to do', async (context) => {
    const taken = createServer()
    taken.listen(0, '127.0.0.1')
    await once(taken, 'listening')
    context.onTestFinished(() => void taken.close())
    const { port } = taken.address() as AddressInfo
    expect(await runToEnd(context, ['--port', String(port)])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `error: Port ${port} is in use.\nhint: choose another with --port, or leave it out\n`,
    })
  })

  it.for(['65536', '-1', '80a', '1e3', '0x50', '8484.5', ' 80', ''])('refuses %j as a port', async (port, context) => {
    const result = await runToEnd(context, [`--port=${port}`])
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toMatch(/^error: The value of --port is (?:not a port|empty)\.\nhint: .+\n$/)
  })

  it.for(['not base64!', 'c2Vj=', 'c2Vjc', '===='])('refuses %j as an access key, unrepeated', async (key, context) => {
    const result = await runToEnd(context, [`--access-key=${key}`])
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toMatch(/^error: The value of --access-key is not base64\.\nhint: make one with: openssl /)
    expect(result.stderr).not.toContain(key)
  })

  it.for([
    ['an unknown option', ['--prot', '80'], '"emulator" has no option --prot.', 'did you mean --port?'],
    ['an option of another command', ['--scope', 'chat'], '"emulator" has no option --scope.', 'emulator --help'],
    ['a port without a number', ['--port'], '--port needs a value.', 'write --port PORT'],
    ['a word too many', ['start'], '"start" is one argument too many.', '--help" lists what there is'],
    ['a certificate alone', ['--certificate-file', 'a.pem'], '--certificate-file and --key-file belong', 'give both'],
    ['a key alone', ['--key-file', 'a.pem'], '--certificate-file and --key-file belong', 'give both'],
  ] as const)('refuses %s', async ([, args, sentence, hint], context) => {
    const result = await runToEnd(context, args)
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toContain(`error: ${sentence}`)
    expect(result.stderr).toContain(hint)
  })

  it.for([
    [[], 'Would listen on 127.0.0.1, a free port.\n'],
    [['--port', '8484'], 'Would listen on 127.0.0.1, port 8484.\n'],
    [['--json'], '{"dry_run":true,"host":"127.0.0.1","port":null}\n'],
    [['--json', '--port', '8484', '--https'], '{"dry_run":true,"host":"127.0.0.1","port":8484}\n'],
  ] as const)('only says what it would do with --dry-run %j', async ([args, said], context) => {
    expect(await runToEnd(context, ['--dry-run', ...args])).toMatchObject({ exitCode: 0, stdout: said, stderr: '' })
  })
})

describe.concurrent('acs-env emulator without openssl', () => {
  it('says what is missing, and leaves nothing behind', async (context) => {
    const home = newHome(context)
    home.write('tmp/keep', '')
    const env = { PATH: join(home.path, 'tmp'), TMPDIR: join(home.path, 'tmp') }
    const result = await runBuilt(['emulator', '--https'], { home: home.path, env })
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(result.stderr).toBe(
      'error: The openssl command, which makes the certificate, is not there.\n' +
        'hint: install openssl 1.1.1 or newer, or give --certificate-file and --key-file\n',
    )
    expect(home.list()).toEqual(['tmp', 'tmp/keep'])
  })

  it('leaves nothing behind when it is stopped while the certificate is being made', async (context) => {
    const home = newHome(context)
    const tool = home.write('tools/openssl', '#!/bin/sh\n: > "$HOME/started"\nexec sleep 1\n')
    chmodSync(tool, 0o755)
    home.write('tmp/keep', '')
    const env = { PATH: `${dirname(tool)}:${process.env.PATH}`, TMPDIR: join(home.path, 'tmp') }
    const child = spawn(process.execPath, [BUILT, 'emulator', '--https'], { env: cleanEnvironment(home.path, env) })
    context.onTestFinished(() => void child.kill('SIGKILL'))
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    await vi.waitFor(() => expect(home.list()).toContain('started'), { timeout: 10_000 })
    expect(readdirSync(join(home.path, 'tmp'))).toHaveLength(2)
    child.kill('SIGTERM')
    await once(child, 'close')
    expect(child.exitCode).toBe(130)
    expect(output).toEqual({ stdout: '', stderr: 'Cancelled; nothing was changed.\n' })
    expect(readdirSync(join(home.path, 'tmp'))).toEqual(['keep'])
  })

  it('says that a temporary directory is missing', async (context) => {
    const home = newHome(context)
    const result = await runBuilt(['emulator', '--https'], { home: home.path, env: { TMPDIR: `${home.path}/none` } })
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(result.stderr).toContain(`error: ${home.path}/none/acs-env-… could not be created`)
  })

  it('says which certificate file is not there', async (context) => {
    const args = ['--certificate-file', 'none.pem', '--key-file', 'none-either.pem']
    const result = await runToEnd(context, args)
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(result.stderr).toMatch(/^error: \/.*\/none\.pem could not be read: /)
  })
})

describe.skipIf(!hasOpenssl()).concurrent('acs-env emulator over TLS', () => {
  it('makes a certificate that acs-env trusts through NODE_EXTRA_CA_CERTS, and removes it', async (context) => {
    const home = newHome(context)
    home.write('tmp/keep', '')
    const emulator = await run(context, home, ['--https', '--json'], { TMPDIR: join(home.path, 'tmp') })
    const { connection_string, endpoint, ca_file = '' } = JSON.parse(emulator.stdout()) as Announcement
    expect(endpoint).toMatch(/^https:\/\/localhost:\d+\/$/)
    expect(connection_string).toMatch(/^endpoint=https:\/\/localhost:\d+\/;accesskey=/)
    expect(ca_file).toMatch(/\/tmp\/acs-env-\w+\/ca\.pem$/)

    const trusting = await issue(home, connection_string, [], { NODE_EXTRA_CA_CERTS: ca_file })
    expect(trusting).toMatchObject({ exitCode: 0 })
    expect(trusting.stdout).toMatch(/^eyJ/)
    expect(await issue(home, connection_string)).toMatchObject({ exitCode: 1, stdout: '' })

    expect(existsSync(ca_file)).toBe(true)
    expect(await emulator.stop('SIGINT')).toMatchObject({ exitCode: 0 })
    expect(existsSync(dirname(ca_file))).toBe(false)
    expect(home.list()).toEqual(['tmp', 'tmp/keep'])
  })

  it('tells people which file to trust', async (context) => {
    const emulator = await run(context, newHome(context), ['--https'])
    await emulator.stop('SIGTERM')
    expect(emulator.stdout()).toBe(`${emulator.connectionString}\n`)
    expect(emulator.stderr()).toMatch(/^ {2}its certificate: NODE_EXTRA_CA_CERTS=\/.*\/ca\.pem$/m)
    expect(emulator.stderr()).toContain(
      '\nIn another terminal, set that variable, run this and paste the connection string:\n',
    )
  })

  it('uses the certificate it is given, by a path relative to where it is started', async (context) => {
    const home = newHome(context)
    const { certificatePath } = makeCertificate(home.path)
    const args = ['--certificate-file', 'certificate.pem', '--key-file', 'key.pem', '--json']
    const emulator = await run(context, home, args)
    const { connection_string, ca_file } = JSON.parse(emulator.stdout()) as Announcement
    expect(ca_file).toBe(certificatePath)
    expect(await issue(home, connection_string, [], { NODE_EXTRA_CA_CERTS: certificatePath })).toMatchObject({
      exitCode: 0,
    })
    await emulator.stop('SIGTERM')
    expect(home.list()).toEqual(['certificate.pem', 'key.pem'])
  })

  it.for([
    ['a key that belongs to another certificate', 'certificate.pem', 'other/key.pem'],
    ['the two the wrong way round', 'key.pem', 'certificate.pem'],
    ['a certificate that is none', 'rubbish.pem', 'key.pem'],
    ['an empty certificate', 'empty.pem', 'key.pem'],
    ['an empty key', 'certificate.pem', 'empty.pem'],
  ] as const)('refuses %s', async ([, certificate, key], context) => {
    const home = newHome(context)
    home.write('rubbish.pem', 'rubbish')
    home.write('other/empty', '')
    home.write('empty.pem', '')
    makeCertificate(home.path)
    makeCertificate(join(home.path, 'other'))
    const args = ['emulator', '--certificate-file', certificate, '--key-file', key]
    expect(await runBuilt(args, { home: home.path })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr:
        'error: The certificate and the key cannot be used together.\n' +
        'hint: both are PEM files, the key belongs to the certificate and has no passphrase\n',
    })
  })
})

const SHELL = { SHELL: '/bin/bash' }

function newHome({ onTestFinished }: TestContext): TestHome {
  const home = makeHome()
  onTestFinished(home.remove)
  return home
}

/** Starts the command and waits for its first line. */
async function run(
  { onTestFinished }: TestContext,
  home: TestHome,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn(process.execPath, [BUILT, 'emulator', ...args], {
    env: cleanEnvironment(home.path, env),
    cwd: home.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  const closed = once(child, 'close')
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text
      if (output.stdout.includes('\n')) resolve()
    })
    child.once('close', () => reject(new Error(`It ended:\n${output.stderr}`)))
  })
  return {
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    connectionString: output.stdout.trim(),
    stop: async (signal) => {
      const started = performance.now()
      child.kill(signal)
      await closed
      return { exitCode: child.exitCode, elapsedMs: performance.now() - started }
    },
  }
}

/** For what must not start: it would run until the test is over, and fail it. */
function runToEnd(context: TestContext, args: readonly string[]): Promise<BuiltRun> {
  return runBuilt(['emulator', ...args], { home: newHome(context).path, signal: context.signal })
}

function issue(
  home: TestHome,
  connectionString: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<BuiltRun> {
  return runBuilt(['issue', '--scope', 'chat', '--connection-string', connectionString, ...args], {
    home: home.path,
    env,
  })
}

function userOf({ stdout }: BuiltRun): string {
  return (JSON.parse(stdout) as { user_id: string }).user_id
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
