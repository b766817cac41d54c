import { accessSync, chmodSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError, readBackError, systemCode } from '../../errors.ts'
import { makeDirectory } from '../../files/change/directory.ts'
import { removeFile, replaceFile } from '../../files/change/replace.ts'
import { fileError } from '../../files/file-error.ts'
import { readFileState, type FileState } from '../../files/read.ts'
import { printable } from '../../text/printable.ts'
import type { Step } from '../store.ts'

type FileStep = Exclude<Step, { kind: 'user-variable' }>

/**
 * Finds out before anything is changed, and before a token is asked for, that the writing would fail.
 *
 * @param directory the one that holds our own files, which may still have to be made
 */
export function requireWritable(steps: readonly Step[], directory: string): void {
  for (const step of fileSteps(steps)) {
    let folder = dirname(step.state.path)
    // Ours is made when it is needed; also where another run takes it away while this one looks.
    const isOurs = folder === directory
    while (!isWritable(folder, step)) {
      if (!isOurs) throw missingFolder(folder)
      folder = dirname(folder)
    }
  }
}

/** False where it is not there. */
function isWritable(folder: string, { kind, path }: FileStep): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    // Of directories above that are still to be made, it is the one that is there that somebody has to look at.
    if (folder !== dirname(path)) throw fileError('written to', folder, error)
    throw fileError(kind === 'write-file' ? 'written' : 'removed', path, error)
  }
}

function missingFolder(folder: string): CliError {
  return new CliError(`The directory ${printable(folder)} does not exist.`, { code: 'file', hint: 'create it first' })
}

/**
 * Performs the steps in order and reads every file back. If one fails, the ones before it are undone as far as the
 * disk allows, the last first: at each moment the stored pair is one that belongs together.
 *
 * @param directory the one that holds our own files; made, and made private, if it is not
 */
export function applyFileSteps(steps: readonly Step[], directory: string): void {
  const done: FileStep[] = []
  keepPrivate(directory)
  try {
    for (const step of fileSteps(steps)) {
      // First, since one that fails may have come as far as the rename.
      done.push(step)
      perform(step)
    }
    // A file that is removed and written anew is judged by the last of its steps.
    for (const step of new Map(done.map((step) => [step.path, step])).values()) verify(step)
  } catch (error) {
    undoFileSteps(done)
    throw error
  }
}

/** Undoes steps that were performed, the last first; ends at one that cannot be: what was before it belongs together. */
export function undoFileSteps(steps: readonly Step[]): void {
  try {
    for (const step of fileSteps(steps).toReversed()) undo(step)
  } catch {
    // What stays is still whole; the error that led here is the one to report.
  }
}

function fileSteps(steps: readonly Step[]): readonly FileStep[] {
  return steps.filter((step) => step.kind !== 'user-variable')
}

function perform(step: FileStep): void {
  // Behind a symbolic link it is the file that goes, not the link.
  if (step.kind === 'remove-file') removeFile(step.state.path)
  else if (step.bytes === undefined) throw new Error('A plan that waits for its token cannot be performed.')
  else replaceFile(step.state, step.bytes, step.mode)
}

function verify(step: FileStep): void {
  const now = readFileState(step.path)
  const hasMode =
    step.kind === 'remove-file' || step.mode === undefined || now.mode === undefined || now.mode === step.mode
  if (holds(now, step) && hasMode) return
  throw readBackError(`${printable(step.path)} does not hold what was written to it.`)
}

function holds({ bytes }: FileState, step: FileStep): boolean {
  if (step.kind === 'remove-file') return bytes === undefined
  return step.bytes !== undefined && bytes?.equals(step.bytes) === true
}

function undo(step: FileStep): void {
  const now = readFileState(step.path)
  // It was not performed; or another program has written since, and what it wrote is worth more than our order.
  if (!holds(now, step)) return
  if (step.state.bytes === undefined) removeFile(now.path)
  else replaceFile(now, step.state.bytes, step.state.mode)
}

function keepPrivate(directory: string): void {
  // Asked first, since an error is slow to make and mostly it is there: the lock is in it.
  const known = statSync(directory, { throwIfNoEntry: false })
  if (known?.isDirectory() !== true) makeDirectory(directory)
  if (((known ?? statSync(directory)).mode & 0o077) !== 0) chmodSync(directory, 0o700)
}
