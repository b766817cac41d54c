import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { testNodes } from './nodes.ts'
import { hasProgram } from './requirements.ts'

/** A program that loads `.env` files. */
export interface DotenvReader {
  readonly name: string
  /** Everything that it reads from the file, which is called `.env`. */
  read(file: string): Readonly<Record<string, string>>
}

/** What reads the files of `environment.d`, and so those of `EnvironmentFile=`. */
const SYSTEMD = '/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator'

/** A name that `hasProgram` asks for, and a reader that needs it. */
const fromDebian: readonly (readonly [program: string, version: string, reader: DotenvReader])[] = [
  ...(['sh', 'bash', 'zsh'] as const).map((shell): readonly [string, string, DotenvReader] => [
    shell,
    '-c:',
    {
      name: `${shell} that sources it`,
      // The environment is printed as it is, with a zero behind each entry, and not in the shell's own notation.
      read: (file) => entriesOf(run(shell, ['-c', 'set -a; . "$1"; exec env -0', shell, file], file)),
    },
  ]),
  [
    '/usr/bin/python3',
    '-cimport dotenv',
    {
      name: 'python-dotenv',
      read: (file) =>
        parse(
          run(
            '/usr/bin/python3',
            ['-c', 'import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))', file],
            file,
          ),
        ),
    },
  ],
  [
    'ruby',
    '-rdotenv',
    {
      name: 'dotenv for Ruby',
      read: (file) =>
        parse(run('ruby', ['-rdotenv', '-rjson', '-e', 'Dotenv.load(ARGV[0]); puts ENV.to_h.to_json', file], file)),
    },
  ],
  ['direnv', 'version', { name: 'direnv', read: (file) => parse(run('direnv', ['dotenv', 'json', file], file)) }],
  [
    SYSTEMD,
    '--help',
    {
      name: 'systemd',
      read: (file) => {
        const directory = join(dirname(file), '.config/environment.d')
        mkdirSync(directory, { recursive: true })
        copyFileSync(file, join(directory, 'a.conf'))
        const text = run(SYSTEMD, [], file)
        // It quotes what it prints as JSON does.
        const value = (printed: string): string => (printed.startsWith('"') ? (JSON.parse(printed) as string) : printed)
        return Object.fromEntries(
          [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', printed = '']) => [name, value(printed)]),
        )
      },
    },
  ],
  [
    'docker-compose',
    'version',
    {
      name: 'Docker Compose',
      read: (file) => {
        const compose = join(dirname(file), 'docker-compose.yml')
        writeFileSync(compose, "services:\n  a:\n    image: x\n    env_file: ['.env']\n")
        const text = run('docker-compose', ['-f', compose, 'config'], file)
        return Object.fromEntries(
          [...text.matchAll(/^ {6}(\w+): (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
        )
      },
    },
  ],
]

const NPM_READERS: Readonly<Record<string, string>> = {
  'dotenv 16': `console.log(JSON.stringify(require('dotenv-16').parse(fs.readFileSync(file))))`,
  'dotenv 17': `console.log(JSON.stringify(require('dotenv-17').parse(fs.readFileSync(file))))`,
  'Next.js': `console.log(JSON.stringify(require('@next/env').loadEnvConfig(dir, true, { info() {}, error() {} }).combinedEnv))`,
  Vite: `import('vite').then(({ loadEnv }) => console.log(JSON.stringify(loadEnv('development', dir, ''))))`,
}

/** Programs from npm that start another one, or a script, with what they have read. */
const NPM_RUNNERS: readonly (readonly [name: string, program: string, args: (file: string) => readonly string[]])[] = [
  ['Bun', '@oven/bun-linux-x64/bin/bun', () => ['-e', PRINT]],
  [
    'Deno',
    '@deno/linux-x64-glibc/deno',
    (file) => ['eval', `--env-file=${file}`, 'console.log(JSON.stringify(Deno.env.toObject()))'],
  ],
  ['env-cmd', '.bin/env-cmd', (file) => ['-f', file, '--', process.execPath, '-e', PRINT]],
  ['dotenvx', '.bin/dotenvx', (file) => ['run', '-q', '-f', file, '--', process.execPath, '-e', PRINT]],
]
const PRINT = 'console.log(JSON.stringify(process.env))'

/** Those from npm are in the directory that ACS_ENV_TEST_DOTENV_READERS names; CI has to name it. */
export function npmReaders(): readonly DotenvReader[] {
  const { ACS_ENV_TEST_DOTENV_READERS: directory = '', CI: inCi = '' } = process.env
  if (directory === '') {
    if (inCi !== '') throw new Error('ACS_ENV_TEST_DOTENV_READERS is missing; in CI it names a directory with them')
    console.warn('left out: programs from npm that read .env files; ACS_ENV_TEST_DOTENV_READERS names none')
    return []
  }
  const runners = NPM_RUNNERS.map(([name, program, args]) => ({
    name,
    read: (file: string) => parse(run(join(directory, program), args(file), file)),
  }))
  const scripts = Object.entries(NPM_READERS).map(([name, code]) => ({
    name,
    read: (file: string) => {
      const script = join(directory, `${name.replaceAll(/\W/g, '-')}.cjs`)
      const variables = `const fs = require('fs'), [file, dir] = process.argv.slice(2)`
      writeFileSync(script, `${variables}\n${code}\n`)
      return parse(run(process.execPath, [script, file, dirname(file)], file))
    },
  }))
  return [...scripts, ...runners]
}

/** Every Node that the tests know. */
export function nodeReaders(): readonly DotenvReader[] {
  return testNodes().map(({ version, path }) => ({
    name: `Node ${version}`,
    read: (file) => parse(run(path, [`--env-file=${file}`, '-p', 'JSON.stringify(process.env)'], file)),
  }))
}

/** Those that Debian has, and are installed. */
export function debianReaders(): readonly DotenvReader[] {
  return fromDebian.flatMap(([program, version, reader]) => (hasProgram(program, version) ? [reader] : []))
}

function run(program: string, args: readonly string[], file: string): string {
  const env = { PATH: process.env.PATH, HOME: dirname(file) }
  const { stdout, stderr, status } = spawnSync(program, args, { env, cwd: dirname(file), encoding: 'utf8', input: '' })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return stdout
}

function parse(json: string): Readonly<Record<string, string>> {
  return JSON.parse(json) as Readonly<Record<string, string>>
}

function entriesOf(environment: string): Readonly<Record<string, string>> {
  const entries = environment.split('\0').filter((entry) => entry !== '')
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}
