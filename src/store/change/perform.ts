import { accessSync, chmodSync, constants, lstatSync, statSync, symlinkSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { CliError, readBackError, systemCode } from '../../errors.ts'
import { makeDirectory, removeEmptyDirectories } from '../../files/change/directory.ts'
import { removeFile, replaceFile, type Loss, type Rewrite } from '../../files/change/replace.ts'
import { lastingProblem, whyFixed, whyNotWritable } from '../../files/change/write-error.ts'
import { fileError } from '../../files/file-error.ts'
import { readFileState, type FileState } from '../../files/read.ts'
import { printable } from '../../text/printable.ts'
import type { Step, ToCome } from '../plan.ts'

type FileStep<Missing extends ToCome = never> = Extract<Step<Missing>, { kind: 'write' | 'remove' }>
type DirectoryStep = Extract<Step, { kind: 'make-directory' | 'remove-directory' }>
type DiskStep<Missing extends ToCome = never> = FileStep<Missing> | DirectoryStep

/** What a file had before it was written to, and has lost. */
export interface FileLosses {
  readonly path: string
  readonly losses: readonly Loss[]
}

/**
 * Finds out before anything is changed, and before a token is asked for, that the writing would fail.
 *
 * @param directory the one that holds our own files, which may still have to be made
 */
export function requireWritable(steps: readonly Step<ToCome>[], directory: string): void {
  const obstacle = findObstacle(steps, directory)
  if (obstacle !== undefined) throw obstacle
}

/**
 * Why one of these steps would fail; undefined where nothing says that it would.
 *
 * @throws CliError where that could not be found out, and may be the next time
 */
export function findObstacle(steps: readonly Step<ToCome>[], directory: string): CliError | undefined {
  const made = new Set([directory, ...steps.flatMap((step) => (step.kind === 'make-directory' ? [step.path] : []))])
  for (const step of fileSteps(steps)) {
    const obstacle = fileObstacle(step, directory) ?? folderObstacle(step, made)
    if (obstacle !== undefined) return obstacle
  }
  return undefined
}

function folderObstacle(step: FileStep<ToCome>, made: ReadonlySet<string>): CliError | undefined {
  let folder = dirname(step.kind === 'remove' ? removedPath(step) : step.file.path)
  // Ours are made when they are needed; also where another run takes one away while this one looks.
  const isMade = [...made].some((directory) => isWithin(folder, directory))
  for (;;) {
    const code = accessCode(folder, constants.W_OK | constants.X_OK)
    if (code === undefined) return undefined
    if (code !== 'ENOENT') return lastingProblem(code, notWritable(step, folder, code))
    // The root of a drive that is not there has nothing above it.
    if (!isMade || dirname(folder) === folder) return missingFolder(folder)
    folder = dirname(folder)
  }
}

/** The obstacle for one file. Our own files can be replaced, unless nobody can do that. */
function fileObstacle(step: FileStep<ToCome>, directory: string): CliError | undefined {
  const { path, file } = step
  // Of a link, the link goes.
  if (step.kind === 'remove') return step.link === undefined ? whyFixed('removed', file) : undefined
  if (!isWithin(dirname(file.path), directory)) return whyNotWritable(file)
  const code = file.bytes === undefined ? undefined : accessCode(file.path, constants.W_OK)
  const isReplaceable = code === undefined || code === 'ENOENT' || code === 'EACCES'
  return whyFixed('written', file) ?? (isReplaceable ? undefined : fileError('written', path, { code }))
}

function notWritable({ kind, path }: FileStep<ToCome>, folder: string, code: string): CliError {
  // Where directories are still to be made, name the one that exists: that is the one to look at.
  if (folder !== dirname(path)) return fileError('written to', folder, { code })
  return fileError(kind === 'write' ? 'written' : 'removed', path, { code })
}

function accessCode(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode)
    return undefined
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    return code
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
 * @param inPlace real paths of files that a new one cannot stand in for, as `filesToWriteInPlace` finds out
 * @returns what files have lost nevertheless
 */
export function applyFileSteps(
  steps: readonly Step[],
  directory: string,
  inPlace: ReadonlySet<string> = new Set(),
): readonly FileLosses[] {
  const done: DiskStep[] = []
  const lost: FileLosses[] = []
  try {
    for (const folder of ownFolders(steps, directory)) keepPrivate(folder)
    for (const step of steps.filter(isDiskStep)) {
      // First, since one that fails may have come as far as the rename.
      done.push(step)
      const losses = perform(step, inPlace)
      if (losses.length > 0) lost.push({ path: step.path, losses })
    }
    // A file that is removed and written anew is judged by the last of its steps.
    for (const step of new Map(fileSteps<never>(done).map((step) => [step.path, step])).values()) verify(step)
    return lost
  } catch (error) {
    undoFileSteps(done, inPlace)
    throw error
  } finally {
    removeEmptyFolders(steps, directory)
  }
}

/** Whether a folder is our own directory, or in it. */
function isWithin(folder: string, directory: string): boolean {
  return folder === directory || folder.startsWith(`${directory}${sep}`)
}

/** Those of ours that are written to, and the ones around them, the outermost first. */
function ownFolders(steps: readonly Step[], directory: string): readonly string[] {
  const folders = fileSteps(steps).flatMap(({ kind, path }) =>
    kind === 'write' && isWithin(dirname(path), directory) ? around(dirname(path), directory) : [],
  )
  return [...new Set(folders)]
}

function around(folder: string, directory: string): readonly string[] {
  return folder === directory ? [folder] : [...around(dirname(folder), directory), folder]
}

/** Removes the folders of these files, below our own directory, that have nothing in them any more. */
export function removeEmptyFolders(steps: readonly Step[], directory: string): void {
  const folders = fileSteps(steps).flatMap(({ path }) =>
    isWithin(dirname(path), directory) ? around(dirname(path), directory).slice(1) : [],
  )
  // The deepest first, and each by itself: one that is not empty says nothing about its neighbours.
  const deepestFirst = [...new Set(folders)].toSorted((one, other) => other.length - one.length)
  for (const folder of deepestFirst) removeEmptyDirectories([folder])
}

/**
 * Undoes steps that were performed, the last first; stops at one that cannot be undone, since the steps before it
 * belong together.
 */
export function undoFileSteps(steps: readonly Step[], inPlace: ReadonlySet<string> = new Set()): void {
  try {
    for (const step of steps.filter(isDiskStep).toReversed()) undo(step, inPlace)
  } catch {
    // What stays is still whole; the error that led here is the one to report.
  }
}

function fileSteps<Missing extends ToCome>(steps: readonly Step<Missing>[]): readonly FileStep<Missing>[] {
  return steps.filter((step): step is FileStep<Missing> => step.kind === 'write' || step.kind === 'remove')
}

function isDiskStep(step: Step): step is DiskStep {
  return step.kind !== 'set-variable' && step.kind !== 'delete-variable'
}

function perform(step: DiskStep, inPlace: ReadonlySet<string>): readonly Loss[] {
  switch (step.kind) {
    case 'write':
      return replaceFile(step.file, step.contents, step.mode, rewriteOf(step.file, inPlace))
    case 'remove':
      removeFile(removedPath(step), step.path)
      return []
    case 'make-directory':
      makeDirectory(step.path)
      return []
    case 'remove-directory':
      removeEmptyDirectories([step.path])
      return []
    default:
      return step satisfies never
  }
}

function rewriteOf({ path }: FileState, inPlace: ReadonlySet<string>): Rewrite {
  return inPlace.has(path) ? 'in-place' : 'rename'
}

/** Behind a symbolic link, a profile is removed itself; of our own files, the link is removed. */
function removedPath({ path, file, link }: Extract<Step, { kind: 'remove' }>): string {
  return link === undefined ? file.path : path
}

function verify(step: FileStep): void {
  const now = readFileState(step.path)
  const hasMode = step.kind === 'remove' || step.mode === undefined || now.mode === undefined || now.mode === step.mode
  if (holds(now, step) && hasMode) return
  throw readBackError(`${printable(step.path)} does not hold what was written to it.`)
}

function holds({ bytes }: FileState, step: FileStep): boolean {
  return step.kind === 'remove' ? bytes === undefined : bytes?.equals(step.contents) === true
}

function undo(step: DiskStep, inPlace: ReadonlySet<string>): void {
  if (step.kind === 'make-directory') return removeEmptyDirectories([step.path])
  if (step.kind === 'remove-directory') return makeDirectory(step.path)
  const now = readFileState(step.path)
  // It was not performed; or another program has written since, and what it wrote is worth more than our order.
  if (!holds(now, step)) return
  if (step.kind === 'remove' && step.link !== undefined) symlinkSync(step.link, step.path)
  else if (step.file.bytes === undefined) removeFile(now.path)
  else replaceFile(now, step.file.bytes, step.file.mode, rewriteOf(now, inPlace))
}

function keepPrivate(directory: string): void {
  // Asked first, since an error is slow to make and mostly it is there: the lock is in it.
  const known = statSync(directory, { throwIfNoEntry: false })
  if (known?.isDirectory() !== true) makeDirectory(directory)
  // Behind a link it is a directory of the user's own.
  const { mode } = known ?? lstatSync(directory)
  if ((mode & 0o077) !== 0 && !lstatSync(directory).isSymbolicLink()) chmodSync(directory, 0o700)
}
