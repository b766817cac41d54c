import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'

/** @typedef {import('./programs.mjs').NodeProgram} NodeProgram */

export const ROOT = resolve(import.meta.dirname, '../..')
export const BUILT = join(ROOT, 'dist/cli.cjs')
const TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/

/** Everything that is measured has its files below this directory. */
export const scratch = mkdtempSync(join(tmpdir(), 'acs-env-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/**
 * An environment with nothing of the developer's in it: NODE_EXTRA_CA_CERTS alone makes Node 20 start three times slower.
 *
 * @param {string} home
 * @param {Readonly<Record<string, string>>} [more]
 */
export function cleanEnvironment(home, more = {}) {
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  return { PATH: path, HOME: home, TMPDIR: tmpdir(), LANG: 'C.UTF-8', SHELL: '/bin/bash', ...more }
}

let homes = 0

/**
 * A new home with a profile of about 10 KB.
 *
 * @param {string} [profile] its name
 */
export function makeHome(profile = '.bash_profile') {
  homes += 1
  const home = join(scratch, `home-${homes}`)
  mkdirSync(home)
  writeFileSync(join(home, profile), profileOf(10_000))
  return home
}

/**
 * The profile of somebody who has had it for years, of this many bytes.
 *
 * @param {number} bytes
 */
export function profileOf(bytes) {
  const parts = []
  let length = 0
  for (let index = 0; length < bytes; index += 1) {
    const part = [
      `# Project ${index}: "quotes" and it's comments`,
      `export PROJECT_${index}="$HOME/src/project ${index}"`,
      `alias p${index}='cd "$PROJECT_${index}" && git status --short'`,
      `if [ -r "$PROJECT_${index}/.env" ]; then`,
      `  . "$PROJECT_${index}/.env"`,
      'fi',
      `work_on_${index}() {`,
      `  local branch=$(git branch --show-current 2>/dev/null)`,
      `  case $branch in main|master) echo "on $branch";; *) return 1;; esac`,
      '}',
      `export PATH="$PATH:$HOME/tools/${index}/bin"`,
      '',
      '',
    ].join('\n')
    parts.push(part)
    length += part.length
  }
  const text = parts.join('').slice(0, bytes)
  // Cut at the last blank line and filled up again, so that nothing stands open at the end.
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1)
  return Buffer.from(`${whole}${'#'.repeat(bytes - whole.length - 1)}\n`)
}

/** The token that is stored in a home. @param {string} home */
export function requireStored(home) {
  requireToken(readFileSync(join(home, '.config/acs-env/access-token'), 'utf8'))
  const connectionString = readFileSync(join(home, '.config/acs-env/connection-string'), 'utf8')
  if (!/^endpoint=https:.*;accesskey=/.test(connectionString)) throw new Error('No connection string is stored.')
  const profile = readFileSync(join(home, '.bash_profile'), 'utf8')
  if (!profile.includes('# >>> acs-env >>>\n')) throw new Error('The profile has no block.')
}

/** @param {string} text */
export function requireToken(text) {
  if (!TOKEN.test(text.trim())) throw new Error(`This is no token: ${text.slice(0, 20)}`)
}

/**
 * The Node that runs this, and those of other versions that ACS_ENV_TEST_NODES names.
 *
 * @returns {readonly [NodeProgram, ...NodeProgram[]]}
 */
export function benchNodes() {
  const named = (process.env.ACS_ENV_TEST_NODES ?? '').split(delimiter).filter((path) => path !== '')
  const first = nodeAt(process.execPath)
  const others = named.map(nodeAt).filter(({ major }) => major !== first.major)
  return [first, ...others.filter(({ major }, index) => others.findIndex((node) => node.major === major) === index)]
}

/** @param {string} path @returns {NodeProgram} */
function nodeAt(path) {
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
  return { path, version, major: Number.parseInt(version.slice(1), 10) }
}

/**
 * Whether a program is there and does this without an error.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 */
export function works(program, args, env = cleanEnvironment(scratch)) {
  return spawnSync(program, args, { stdio: 'ignore', env }).status === 0
}
