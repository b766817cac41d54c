import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../src/args/parse.ts'
import { emulator } from '../support/homes/emulator-and-home.ts'
import { makeHome } from '../support/homes/home.ts'
import { cleanEnvironment, runBuilt } from '../support/programs/built.ts'
import { putOnPath } from '../support/programs/on-path.ts'
import { snippetsIn } from './pages.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PYTHON = '/usr/bin/python3'
/** Write down what acs-env would be started with, and keep every other program from doing anything. */
const STAND_INS = `
acs-env() { { [ $# -eq 0 ] || printf '%s\\0' "$@"; echo; } >> "$RECORD"; }
npx() { while [[ $1 == --* ]]; do shift; done; if [[ $1 == acs-env* ]]; then shift; acs-env "$@"; fi; }
npm() { :; }; docker() { :; }; kubectl() { :; }; curl() { :; }; source() { :; }; az() { :; }; tmux() { :; }; sudo() { :; }
command_not_found_handle() { :; }
`

async function argumentsOf(script: string): Promise<readonly (readonly string[])[]> {
  const home = makeHome()
  try {
    const record = home.write('record', '')
    const env = { ...cleanEnvironment(home.path), RECORD: record, ENDPOINT: 'https://contoso.example' }
    await promisify(execFile)('bash', ['-c', `cd "$HOME"\n${STAND_INS}${script}`], { env, timeout: 20_000 })
    const lines = readFileSync(record, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => line.split('\0').slice(0, -1))
  } finally {
    home.remove()
  }
}

describe('what a page says to type', () => {
  // Snippets that wait for a program run below; those like a profile, or about moving a script, have tests of their
  // own.
  const scripts = snippetsIn('sh').filter(
    ({ page, code }) =>
      /(?:^|[ (])acs-env(?= |$)/m.test(code) && !/until |>>> acs-env/.test(code) && page !== 'docs/moving-from-az.md',
  )

  it.each(scripts)('is a command line of acs-env: $page, $code', async ({ code }) => {
    const found = await argumentsOf(code)
    expect(found.length).toBeGreaterThan(0)
    for (const args of found) expect(() => parseCommandLine(args)).not.toThrow()
  })

  const lines = snippetsIn('yaml', 'json', 'crontab').flatMap(({ page, code }) =>
    [...code.matchAll(/(?<=^| ")(?:.*[ :] )?((?:npx --yes )?acs-env [^"\n]*)/gm)].map(([, command = '']) => ({
      page,
      command,
    })),
  )
  it.each(lines)('is a command line of acs-env: $page, $command', async ({ command }) => {
    const [args = []] = await argumentsOf(command)
    expect(() => parseCommandLine(args)).not.toThrow()
  })

  it.each(snippetsIn('json'))('is JSON: $page', ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow()
  })
})

describe('a program on a page', () => {
  let token = ''
  beforeAll(async () => {
    const { stdout } = await runBuilt(
      ['issue', '--scope', 'chat', '--connection-string', emulator.connectionString],
      {},
    )
    token = stdout.trim()
  })

  async function output(program: string, args: readonly string[]): Promise<string> {
    const home = makeHome()
    try {
      const env = cleanEnvironment(home.path, {
        AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString,
        AZURE_COMMUNICATION_ACCESS_TOKEN: token,
        PATH: putOnPath(home),
      })
      // Packages are found from the working directory on.
      const { stdout } = await promisify(execFile)(program, [...args], { env, cwd: ROOT, timeout: 60_000 })
      return stdout
    } finally {
      home.remove()
    }
  }

  it.each(snippetsIn('js'))('runs: $page', async ({ code }) => {
    expect(await output(process.execPath, ['--input-type=module', '--eval', code])).toBe('true\n')
  })

  const hasPython = spawnSync(PYTHON, ['-c', 'import azure.communication.chat']).status === 0
  if (!hasPython && process.env.CI) throw new Error('python3-azure is missing; in CI nothing may be left out')
  it.skipIf(!hasPython).each(snippetsIn('python'))('runs: $page', async ({ code }) => {
    expect(await output(PYTHON, ['-c', code])).toBe('True\n')
  })

  const whole = snippetsIn('sh').filter(({ code }) => code.includes('acs-env emulator --json'))
  it.each(whole)('runs with the emulator: $page', async ({ code }) => {
    const home = makeHome()
    try {
      const env = cleanEnvironment(home.path, { PATH: putOnPath(home) })
      const options = { env, cwd: home.path, timeout: 60_000 }
      const { stdout } = await promisify(execFile)('bash', ['-c', code], options)
      expect(stdout).toBe('true\n')
    } finally {
      home.remove()
    }
  })
})
