import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { CliError } from '../../errors.ts'
import type { FileState } from '../../files/read.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { askGitAbout } from './git.ts'
import type { MergeProblem } from './merge.ts'

/** What git said, or that the user forced the write. */
export type GitOutcome = 'ignored' | 'outside' | 'forced'

/** Files that are meant to be committed: `.env.example`, `sample.env`. */
const MEANT_FOR_GIT = /(?:^|[._-])(?:example|sample|template|defaults?)(?:\.env)?$/i
const ENCRYPTED =
  /^[ \t]*(?:export[ \t]+)?(?:DOTENV_(?:PUBLIC_KEY|VAULT)\w*[ \t]*=|[\w.-]+[ \t]*=[ \t]*["']?encrypted:)/m
const FORCE = 'give --force to write to it nevertheless'

/**
 * Refuses a file that must not get the values: one that git would commit or that is meant to be committed, and one that
 * a program keeps encrypted.
 *
 * @param shown the file as the user knows it
 * @param force accepts such a file
 */
export async function requireFitFile(
  { path, bytes }: FileState,
  shown: string,
  force: boolean,
  system: System,
): Promise<GitOutcome> {
  if (!force && MEANT_FOR_GIT.test(basename(path))) {
    throw refused(`${shown} is an example, and as such meant to be committed.`, `name another file, or ${FORCE}`)
  }
  if (!force && isEncrypted(path, bytes)) {
    throw refused(
      `${shown} is encrypted, and the values would stand in it as they are.`,
      'set them with "dotenvx set", name another file, or give --force',
    )
  }
  if (!existsSync(dirname(path))) {
    const directory = printable(dirname(path))
    throw new CliError(`The directory ${directory} does not exist.`, { code: 'file', hint: 'create it first' })
  }
  const answer = await askGitAbout(path, system)
  switch (answer.kind) {
    case 'ignored':
    case 'outside':
      return answer.kind
    case 'exposed':
      if (force) return 'forced'
      throw answer.how === 'tracked'
        ? refused(
            `git has ${shown}, and would commit the values with it.`,
            `run "git rm --cached ${printable(basename(path))}" and add it to .gitignore, or give --force`,
          )
        : refused(
            `git would commit ${shown}: it is not ignored here.`,
            `add "${printable(basename(path))}" to .gitignore, or give --force`,
          )
    case 'unknown':
      if (force) return 'forced'
      throw refused(`Whether git would commit ${shown} cannot be told: ${answer.reason}.`, FORCE)
    default:
      return answer satisfies never
  }
}

/** Files of dotenvx and dotenv-vault. */
function isEncrypted(path: string, bytes: Buffer | undefined): boolean {
  const text = bytes?.toString('latin1') ?? ''
  return path.endsWith('.vault') || ENCRYPTED.test(text)
}

/** The error for a file that cannot be merged into. */
export function mergeError(problem: MergeProblem, shown: string): CliError {
  switch (problem.kind) {
    case 'quote':
      return refused(
        `${shown} has a quote on line ${problem.line} that does not end, so nothing was changed.`,
        'close it, or name another file',
      )
    case 'carriage-return':
      return refused(
        `${shown} has a line on line ${problem.line} that ends with a carriage return alone, so nothing was changed.`,
        'save it with the line endings of Unix or Windows',
      )
    case 'byte-order-mark':
      return refused(
        `${shown} begins with a byte order mark, which makes Node and Python lose the variable behind it.`,
        'save it as UTF-8 without a byte order mark',
      )
    case 'utf-16':
      return refused(`${shown} is UTF-16, which no program reads as a .env file.`, 'save it as UTF-8')
    case 'not-utf-8':
      return refused(`${shown} is not UTF-8, so nothing was changed.`, 'save it as UTF-8')
    case 'nul':
      return refused(`${shown} is no text, so nothing was changed.`, 'name another file')
    default:
      return problem satisfies never
  }
}

function refused(message: string, hint: string): CliError {
  return new CliError(message, { code: 'dotenv', hint })
}
