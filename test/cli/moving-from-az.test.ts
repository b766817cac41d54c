import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../src/args/parse.ts'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { ENTRA_APPLICATION, ENTRA_USER, makeEntraToken } from '../support/doubles/entra-token.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { cleanEnvironment } from '../support/programs/built.ts'
import { putOnPath } from '../support/programs/on-path.ts'

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/moving-from-az.md'), 'utf8')
/** In tables and in the text; the fences of blocks are three. */
const INLINE = [...PAGE.matchAll(/(?<!`)`(acs-env [^`\n]+)`(?!`)/g)].map(([, command = '']) => command)
const BLOCKS = [...PAGE.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block)
const OURS = BLOCKS.filter((block) => block.includes('acs-env'))
/** Takes the place of both programs: writes the arguments of ours down, each ended by a NUL. */
const STAND_INS = `
acs-env() { printf '%s\\0' "$@" >> "$HOME/arguments"; printf '\\n' >> "$HOME/arguments"; echo answer; }
az() { echo answer; }
`

let emulator: Emulator
let home: TestHome
let path: string
beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  home = makeHome()
  path = putOnPath(home)
  chmodSync(home.write('run-tests', '#!/bin/sh\necho "tested with $AZURE_COMMUNICATION_ACCESS_TOKEN"\n'), 0o755)
})
afterAll(async () => {
  await emulator.close()
  home.remove()
})

async function inBash(script: string): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const env = cleanEnvironment(home.path, {
    PATH: path,
    AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString,
    entra_token: makeEntraToken(),
    app: ENTRA_APPLICATION,
    oid: ENTRA_USER,
  })
  const child = spawn('bash', ['-c', script], { env, cwd: home.path, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<number | null>((settle) => child.once('close', settle))
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { exitCode, stdout, stderr }
}

/** The command lines of ours in a piece of shell, split by a real shell. */
async function commandLines(script: string): Promise<readonly (readonly string[])[]> {
  home.write('arguments', '')
  const user = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
  const { exitCode, stderr } = await inBash(`${STAND_INS}\nuser=${user}\n${script}`)
  expect([exitCode, stderr]).toEqual([0, ''])
  return home
    .read('arguments')
    .split('\0\n')
    .slice(0, -1)
    .map((line) => line.split('\0'))
}

describe('the page for those who come from az', () => {
  it('has commands and scripts', () => {
    expect(INLINE.length).toBeGreaterThan(15)
    expect(OURS).toHaveLength(3)
  })

  it('names every command of the identity group, and of issuing', () => {
    const named = new Set(INLINE.map((command) => parseNamed(command)))
    expect([...named]).toEqual(expect.arrayContaining(['user create', 'user delete', 'issue', 'revoke', 'teams-token']))
  })

  it.each(INLINE)('%s is understood', async (command) => {
    const lines = await commandLines(command)
    expect(lines).toHaveLength(1)
    for (const line of lines) expect(parseCommandLine(line)).toMatchObject({ named: true })
  })

  it.each(OURS)('every command of a script is understood:\n%s', async (script) => {
    const lines = await commandLines(script)
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(parseCommandLine(line)).toMatchObject({ named: true })
  })

  const counterparts = [...PAGE.matchAll(/^\| `az communication [^|]+\| `(acs-env [^`]+)` \|$/gm)].map(
    ([, command = '']) => command,
  )
  it.concurrent.each([...new Set(counterparts)])('%s runs as printed', async (command) => {
    const answersFirst = /^acs-env (?:user delete|revoke)/.test(command)
    const { exitCode, stdout, stderr } = await inBash(
      `user=$(acs-env user create) && ${command}${answersFirst ? ' --yes' : ''}`,
    )
    expect([exitCode, stdout === '']).toEqual([0, answersFirst])
    expect(stderr).not.toMatch(/^(error|warning)/m)
  })

  it('has a moved script that does the job and leaves no identity', async () => {
    const script = OURS.find((block) => block.startsWith('set -eu')) ?? ''
    const { exitCode, stdout } = await inBash(`${script}\necho "$user"`)
    const [, token = '', user = ''] = /^tested with (\S+)\n(8:acs:\S+)\n$/.exec(stdout) ?? []
    const { exp, iat, skypeid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      'exp' | 'iat' | 'skypeid',
      unknown
    >
    expect([exitCode, Number(exp) - Number(iat), `8:${String(skypeid)}`]).toEqual([0, 3600, user])
    expect((await inBash(`acs-env issue --scope chat --user '${user}'`)).exitCode).toBe(4)
  })

  it('has a shorter one, which stores and uses a token', async () => {
    const { exitCode, stdout } = await inBash(OURS.at(-1) ?? '')
    const token = home.read('.config/acs-env/access-token')
    expect([exitCode, stdout]).toEqual([0, `tested with ${token}\n`])
    expect(existsSync(join(home.path, '.bash_profile'))).toBe(true)
  })
})

function parseNamed(command: string): string {
  return parseCommandLine(command.replaceAll('"', '').split(' ').slice(1)).command
}
