import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { hasOpenssl, type CertificateOptions } from '../../support/doubles/certificate.ts'
import { startConnectProxy } from '../../support/doubles/connect-proxy.ts'
import { issues, startRemoteService } from '../../support/doubles/remote-service.ts'
import {
  findingsOf,
  hasPieceOf,
  makeDoctorBench,
  setUpTemplate,
  type DoctorBench,
  type DoctorDocument,
} from '../../support/homes/doctor-bench.ts'
import { readTree, type TestHome } from '../../support/homes/home.ts'
import { processesAtHome } from '../../support/homes/look-process.ts'
import { ACCESS_TOKEN } from '../../support/homes/shell-block.ts'
import { runInWorld } from '../../support/homes/world.ts'
import { BUILT, cleanEnvironment, runBuilt } from '../../support/programs/built.ts'
import { runInTerminal } from '../../support/programs/pty.ts'
import { hasProgram } from '../../support/programs/requirements.ts'

const IN_ORDER = /^✓ Everything is in order \(\d+ checks\)\.\n$/

let emulator: Emulator
let template: TestHome
let bench: DoctorBench

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  template = await setUpTemplate(emulator.connectionString)
})
afterAll(async () => {
  template.remove()
  await emulator.close()
})
beforeEach(() => {
  bench = makeDoctorBench(emulator.connectionString, template)
})
afterEach(() => bench.remove())

describe('the built doctor', () => {
  it('has one line for a healthy home, soon after the shells, and leaves it as it was', async () => {
    bench.setUp()
    const before = readTree(bench.home.path)
    const run = await runBuilt(['doctor'], { home: bench.home.path, env: bench.env })
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(IN_ORDER), stderr: '' })
    expect(readTree(bench.home.path)).toEqual(before)
    // Two shells and two times Node in them, side by side, and Node itself.
    const node = await runBuilt(['--version'], { home: bench.home.path })
    expect(run.elapsedMs / node.elapsedMs).toBeLessThan(20)
  })

  it.runIf(hasProgram('tmux', '-V'))('asks a real tmux server', async () => {
    bench.setUp()
    const directory = join(bench.home.path, 'tmux')
    mkdirSync(directory)
    chmodSync(directory, 0o700)
    const env = { ...bench.env, TMUX_TMPDIR: directory }
    const tmux = (...args: readonly string[]): string =>
      execFileSync('tmux', [...args], {
        env: cleanEnvironment(bench.home.path, { ...env, [ACCESS_TOKEN]: 'old' }),
        encoding: 'utf8',
      })
    tmux('new-session', '-d', 'sleep 600')
    const args = ['doctor', '--offline', '--no-shell']
    const run = await runBuilt(args, { home: bench.home.path, env })
    const [, cure = ''] = /: (tmux set-environment .*)/.exec(run.stdout) ?? []
    tmux(...cure.split(' ').slice(1))
    const cured = await runBuilt(args, { home: bench.home.path, env })
    tmux('kill-server')
    expect(run.stdout).toMatch(/^! The tmux server has another value in AZURE_COMMUNICATION_ACCESS_TOKEN/m)
    expect(cured.stdout).not.toContain('tmux server')
  })

  it.runIf(hasOpenssl())('judges a certificate that is trusted and yet not accepted', async () => {
    bench.setUp()
    const kinds: readonly (readonly [CertificateOptions, RegExp])[] = [
      [{ validity: 'ended' }, /has expired \(CERT_HAS_EXPIRED\)/],
      [{ validity: 'to come' }, /is not valid yet \(CERT_NOT_YET_VALID\)/],
      [{ names: 'DNS:other.example' }, /is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)/],
    ]
    const proxy = await startConnectProxy()
    const found = await Promise.all(
      kinds.map(async ([options]) => {
        const home = makeDoctorBench(emulator.connectionString, template)
        home.setUp()
        const service = await startRemoteService(issues, options)
        home.pointTo(`https://${service.host}/`)
        const { certificatePath } = service.certificate
        const env = { ...home.env, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificatePath }
        const run = await runBuilt(['doctor', '--no-shell', '--json'], { home: home.home.path, env })
        await service.close()
        await home.remove()
        return findingsOf(JSON.parse(run.stdout) as DoctorDocument).filter(({ id }) => id.startsWith('network.'))
      }),
    )
    await proxy.close()
    for (const [index, [, message]] of kinds.entries()) {
      expect(found[index]).toMatchObject([
        { id: 'network.tls', level: 'error', message: expect.stringMatching(message) },
      ])
    }
  })

  it('is cancelled by Ctrl+C, and leaves no process and no directory', async () => {
    bench.setUp()
    bench.home.write('.bashrc', `trap '' TERM\nset -m\nsleep 61 &\n: > ~/is-running\nsleep 62\n`)
    const temporary = join(bench.home.path, 'temporary')
    mkdirSync(temporary)
    const env = cleanEnvironment(bench.home.path, { ...bench.env, TMPDIR: temporary })
    const child = spawn(process.execPath, [BUILT, 'doctor', '--offline'], { env, stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await expect.poll(() => readdirSync(bench.home.path), { timeout: 20_000 }).toContain('is-running')
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    await expect.poll(() => processesAtHome(bench.home.path)).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  })
})

describe('at a terminal', () => {
  it('leaves keys that were typed ahead, and the modes of the terminal, to the user', async () => {
    bench.setUp()
    bench.home.write('.bashrc', `stty -echo raw </dev/tty\nread -r key </dev/tty\n${bench.home.read('.bashrc')}`)
    const script = 'echo ready; stty -g; "$@"; stty -g; IFS= read -r line; echo "read:$line:"'
    const run = runInTerminal([], {
      home: bench.home.path,
      nodePath: process.execPath,
      env: bench.env,
      program: ['/bin/bash', '-c', script, 'bash', process.execPath, BUILT, 'doctor', '--offline', '--no-color'],
    })
    await run.waitFor('ready')
    run.type('typed ahead\r')
    await run.waitFor('read:typed ahead:')
    const [before, after] = run.text().match(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm) ?? []
    expect(run.text()).toContain('✓ Everything is in order (')
    expect(after).toBe(before)
    await run.exit()
  })

  it('is not stopped when it runs in the background', async () => {
    bench.setUp()
    bench.home.write('.bashrc', `stty sane </dev/tty\nread -r key </dev/tty\n${bench.home.read('.bashrc')}`)
    const script = 'set -m; "$@" > ~/examined 2> ~/said & wait $!; echo "ended:$?:"; jobs'
    const run = runInTerminal([], {
      home: bench.home.path,
      nodePath: process.execPath,
      env: bench.env,
      program: ['/bin/bash', '-c', script, 'bash', process.execPath, BUILT, 'doctor', '--offline'],
    })
    await run.waitFor('ended:0:')
    await run.exit()
    expect(run.text()).not.toContain('Stopped')
    expect(bench.home.read('examined')).toContain('Everything is in order (')
  })
})

describe('the command', () => {
  it('is refused in a shell that was opened to be looked at', async () => {
    const run = await runInWorld(['doctor'], bench.home.path, { env: { ACS_ENV_DOCTOR: '1' } })
    expect(run).toMatchObject({ exitCode: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error: This shell was itself opened by acs-env to be looked at\.\nhint: /)
  })

  it('says how to begin where nothing is stored, and opens nothing', async () => {
    const { stdout, exitCode, document } = await bench.examine(['--offline'], {
      env: { AZURE_COMMUNICATION_CONNECTION_STRING: '', [ACCESS_TOKEN]: '', npm_command: 'exec' },
    })
    expect([exitCode, document.shells]).toEqual([3, []])
    expect(stdout).toMatch(
      /^✗ Nothing is stored yet\.\n {4}Store it: acs-env setup\n1 problem; \d+ other checks are fine\.\n$/,
    )
    expect(bench.home.list()).toEqual([])
  })

  it('asks nothing of the network with --offline', async () => {
    bench.setUp()
    const connections: unknown[] = []
    const service = createServer((socket) => {
      connections.push(socket)
      socket.destroy()
    })
    await new Promise<void>((settle) => service.listen(0, '127.0.0.1', settle))
    bench.pointTo(`http://127.0.0.1:${(service.address() as AddressInfo).port}/`)
    const { document } = await bench.examine(['--offline', '--no-shell'])
    expect(connections).toEqual([])
    expect(document.checks.filter(({ id }) => id.startsWith('network.')).map(({ level }) => level)).toEqual(
      Array.from({ length: 6 }, () => 'skipped'),
    )
    await bench.examine(['--no-shell'])
    expect(connections.length).toBeGreaterThan(0)
    await new Promise((settle) => service.close(settle))
  })

  it('tells a program which shells it opened, and what they have', async () => {
    bench.setUp()
    bench.home.write('.bashrc', `${bench.home.read('.bashrc')}unset ${ACCESS_TOKEN}\n`)
    const { document, json } = await bench.examine(['--offline'])
    const variables = (state: string) => [
      { name: 'AZURE_COMMUNICATION_CONNECTION_STRING', state: 'same' },
      { name: ACCESS_TOKEN, state },
    ]
    expect(document.shells).toEqual([
      { shell: 'bash', start: 'login', outcome: 'ready', ms: expect.any(Number), variables: variables('same') },
      {
        shell: 'bash',
        start: 'interactive',
        outcome: 'ready',
        ms: expect.any(Number),
        variables: variables('missing'),
      },
    ])
    expect(Object.keys(document)).toEqual(['healthy', 'problems', 'warnings', 'checks', 'shells'])
    for (const check of document.checks) expect(Object.keys(check)).toEqual(['id', 'level', 'message', 'where', 'cure'])
    expect(hasPieceOf(bench.token, json)).toBe(false)
  })

  it('names once what is so in both kinds of shells', async () => {
    bench.setUp()
    bench.home.write('.bash_profile', '. ~/.bashrc\n')
    bench.home.write('.bashrc', `${bench.home.read('.bashrc')}unset ${ACCESS_TOKEN}\n`)
    const { stdout, document } = await bench.examine(['--offline'])
    expect(findingsOf(document).map(({ id }) => id)).toEqual(['store.loading', 'shell.login', 'shell.tab'])
    expect(stdout.match(/~\/\.bashrc removes/g)).toHaveLength(1)
    expect(document.problems).toBe(2)
  })

  it.each(['0', '6m', 'soon', '-1s'])('takes no --timeout %s', async (timeout) => {
    const run = await runInWorld(['doctor', `--timeout=${timeout}`], bench.home.path)
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toMatch(/^error: The value of --timeout is not a time that is possible\.\nhint: write 10s/)
  })
})
