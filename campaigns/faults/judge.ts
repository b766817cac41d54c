import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestHome } from '../../test/support/homes/home.ts'
import type { Resources } from '../../test/support/homes/resources.ts'
import { readInShell } from '../../test/support/programs/login-shell.ts'

/** Everything in a home: contents and permissions by path. */
export type Snapshot = ReadonlyMap<string, string>

const NAMES = ['AZURE_COMMUNICATION_CONNECTION_STRING', 'AZURE_COMMUNICATION_ACCESS_TOKEN'] as const
const TOKEN = /eyJ[\w-]*(?:\.[\w-]*)*/g
const TEMPORARY = /(?:^|\/)\.[^/]+\.acs-env-[\da-f]{12}$/
const TOKEN_FILE = '.config/acs-env/access-token'

/** Looks at homes and says what is wrong with them. */
export interface Judge {
  snapshot(home: TestHome): Snapshot
  /** What differs from the only right state, a line each. */
  differences(home: TestHome, wanted: Snapshot): readonly string[]
  /** Between two states: every file is the one or the other, or on its way; the values belong together. */
  unfinished(home: TestHome, states: readonly Snapshot[], leftovers: boolean): readonly string[]
  /** What new shells see of two resources, a line each. */
  mismatch(home: TestHome): readonly string[]
  /** The token that is stored in a file or in the profile's block; undefined for none. */
  token(home: TestHome): string | undefined
}

export function createJudge({ resourceOf, isPair }: Resources): Judge {
  const describeToken = (token: string): string => {
    // Cut short, it has no three parts, no JSON or too short a signature.
    const [, , signature = ''] = token.split('.')
    try {
      return signature.length === 342 ? `TOKEN(${resourceOf(token)})` : token
    } catch {
      return token
    }
  }
  const normalized = (text: string): string =>
    text
      .replaceAll(TOKEN, describeToken)
      .replaceAll(/sha256:[\da-f]{64}/g, 'DIGEST')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/(8:acs:)[\da-f-]{36}_[\da-f-]{36}/g, '$1ID')
      .replace(/ +"created_directories": \[[^\]]*\],\n/, '')
      // When new shells were looked at, and which files there were, is of no home but its own.
      .replace(/^ {2}"seen": \{[^]*?^ {2}\},\n/m, '')
      // The digests of what a run that broke off has written are among those of the next one.
      .replaceAll(/ +"written": \[[^\]]*\],?\n/g, '')
      // What runs in this process has none.
      .replace(/ +"account_shell": "[^"]*",\n/, '')
      .replace(/ +"accounts_file": \{[^}]*\},\n/, '')
  const snapshot: Judge['snapshot'] = (home) =>
    new Map(
      home.list().map((name) => {
        const path = join(home.path, name)
        const stats = lstatSync(path)
        const mode = (stats.mode & 0o7777).toString(8)
        return [name, stats.isDirectory() ? `directory ${mode}` : `${mode} ${normalized(readFileSync(path, 'latin1'))}`]
      }),
    )
  const mismatch: Judge['mismatch'] = (home) =>
    ['-l', '-i'].flatMap((kind) => {
      const { values } = readInShell('bash', [kind, '-c'], home.path, NAMES)
      return isPair(values) ? [] : [`bash ${kind} sees a pair of two resources: ${values.map(resourceOf).join()}`]
    })
  return {
    snapshot,
    mismatch,
    differences: (home, wanted) => {
      const found = snapshot(home)
      return [...new Set([...found.keys(), ...wanted.keys()])]
        .filter((name) => found.get(name) !== wanted.get(name))
        .map((name) => `${name}: ${shorten(found.get(name))} instead of ${shorten(wanted.get(name))}`)
    },
    unfinished: (home, states, leftovers) => {
      const wrong: string[] = []
      for (const [name, contents] of snapshot(home)) {
        const isLeftover = TEMPORARY.test(name) || /acs-env\/lock(?:\.clearing)?$/.test(name)
        if (isLeftover) {
          if (!leftovers) wrong.push(`${name} is left over`)
          if (!contents.startsWith('600 ') && /eyJ|accesskey=(?!b2xk)/.test(contents)) wrong.push(`${name} is readable`)
        } else if (!states.some((state) => isAtMost(contents, state.get(name)))) {
          wrong.push(`${name} is neither old nor new: ${shorten(contents)}`)
        }
      }
      const names = new Set(home.list())
      for (const name of states[0]?.keys() ?? []) {
        if (names.has(name) || name === TOKEN_FILE || states.some((state) => !state.has(name))) continue
        wrong.push(`${name} is gone`)
      }
      return [...wrong, ...mismatch(home)]
    },
    token: (home) => {
      const files = [TOKEN_FILE, '.bash_profile'].filter((name) => home.list().includes(name))
      return files.flatMap((name) => home.read(name).match(TOKEN) ?? [])[0]
    },
  }
}

function shorten(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text)
}

/** The same contents, and readable by nobody else: what is written in place is narrowed first. */
function isAtMost(found: string, wanted: string | undefined): boolean {
  if (found === wanted || wanted === undefined) return found === wanted
  const [foundMode = '', foundText] = split(found)
  const [wantedMode = '', wantedText] = split(wanted)
  return foundText === wantedText && (parseInt(foundMode, 8) & ~parseInt(wantedMode, 8)) === 0
}

function split(snapshot: string): readonly string[] {
  const space = snapshot.indexOf(' ')
  return [snapshot.slice(0, space), snapshot.slice(space + 1)]
}
