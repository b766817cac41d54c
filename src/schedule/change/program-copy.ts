import { lstatSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CliError, systemCode } from '../../errors.ts'
import { removeEmptyDirectories } from '../../files/change/directory.ts'
import { sha256 } from '../../system/sha256.ts'
import type { System } from '../../system/system.ts'
import { version } from '../../version.ts'
import type { CopyStep } from './scheduler.ts'

const ENTRY = 'cli.cjs'
const PREFIX = 'cli-'
const COPY = /^cli-\d+\.\d+\.\d+[\w.+-]*-[\da-f]{8}(?:\.unfinished)?$/
const PROGRAM_FILE = /\.(?:cjs|txt)$/

/** The program that is running, as files. */
export interface Program {
  readonly from: string
  readonly names: readonly string[]
  /** Where the copy of it belongs: every build has a directory of its own, since an older one may be running. */
  readonly copy: string
}

/**
 * The files of the program that is running. A package runner keeps them in a cache, and a manager of Node's versions below
 * one version of Node: both go away one day, hence the copy.
 *
 * @param directory our own, private one
 */
export function findProgram(directory: string, { self }: System): Program {
  const from = locate(self.scriptPath)
  const names = readdirSync(from).filter((name) => PROGRAM_FILE.test(name))
  return { from, names, copy: join(directory, `${PREFIX}${version}-${digestOf(from, names).slice(0, 8)}`) }
}

/** The step that makes the copy; none where it is there, and whole. */
export function copySteps({ from, names, copy }: Program): readonly CopyStep[] {
  if (from === copy || isWhole(from, copy, names)) return []
  const shown = { kind: 'shown', summary: 'a copy of acs-env', lines: ['+ (the program that the job runs)'] } as const
  return [{ kind: 'copy', from, to: copy, names, shown }]
}

/** Whether this is the name of a copy, a whole one or not. */
export function isCopyName(name: string): boolean {
  return COPY.test(name)
}

/** Removes the copies of other versions, and what a run that was killed has left. */
export function removeOtherCopies(directory: string, keep: string): void {
  for (const name of readdirSync(directory)) {
    if (isCopyName(name) && name !== basename(keep)) removeCopy(join(directory, name))
  }
}

/** Removes a copy; what somebody else has put into it stays. */
export function removeCopy(copy: string): void {
  if (lstatSync(copy, { throwIfNoEntry: false })?.isDirectory() !== true) {
    rmSync(copy, { force: true })
    return
  }
  for (const name of readdirSync(copy).filter((file) => PROGRAM_FILE.test(file))) {
    rmSync(join(copy, name), { force: true, maxRetries: 5 })
  }
  removeEmptyDirectories([copy])
}

/** A bin is a link, of which Node tells only how it was spelled. */
function locate(scriptPath: string): string {
  try {
    const real = realpathSync(scriptPath)
    if (basename(real) === ENTRY) return dirname(real)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
  throw new CliError('The files of acs-env could not be found, and the job needs a copy of them.', {
    code: 'program',
    hint: 'install it with "npm install -g acs-env", or use "npx acs-env schedule"',
  })
}

function isWhole(from: string, copy: string, names: readonly string[]): boolean {
  try {
    return digestOf(from, names) === digestOf(copy, names)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return false
  }
}

function digestOf(directory: string, names: readonly string[]): string {
  return sha256(names.map((name) => `${name} ${sha256(readFileSync(join(directory, name)))}`).join('\n'))
}
