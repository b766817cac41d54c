import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileError } from '../../files/file-error.ts'
import { JOB_FILES } from './file-names.ts'
import { isCopyName, removeCopy } from './program-copy.ts'

/** It is held while the others are removed, and goes last. */
const LOCK = 'lock'
/** Left of a lock by a run that was killed while it cleared it away. */
const CLEARING = 'lock.clearing'
const TEMPORARY = /^\.(.+)\.acs-env-[\da-f]{12}$/

/** Whether anything of a job is in our directory for it, which a killed run may also have left empty. */
export function hasJobFiles(directory: string): boolean {
  // Behind a link, and where there is a file, is nothing of ours.
  if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return false
  const names = readdirSync(directory)
  return names.length === 0 || names.some((name) => name === LOCK || isOurs(name))
}

/**
 * Removes what is ours from our directory for the job, but for the lock.
 *
 * @returns the names of what stays, since acs-env has not written it
 */
export function removeContents(directory: string): readonly string[] {
  try {
    for (const name of readdirSync(directory).filter(isOurs)) {
      const path = join(directory, name)
      const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      if (!isDirectory) rmSync(path, { force: true, maxRetries: 5 })
      else if (isCopyName(name)) removeCopy(path)
    }
    return readdirSync(directory).filter((name) => name !== LOCK)
  } catch (error) {
    throw fileError('removed', directory, error)
  }
}

function isOurs(name: string): boolean {
  const written = TEMPORARY.exec(name)?.[1] ?? name
  return JOB_FILES.has(written) || written === CLEARING || isCopyName(name)
}
