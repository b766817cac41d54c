import { existsSync } from 'node:fs'
import { below } from '../files/below.ts'

/** The file that remembers the job. */
export const JOB_FILE = 'job.json'

/** Where everything about the job is kept. @param storeDirectory the private directory of the store */
export function scheduleDirectory(storeDirectory: string): string {
  return below(storeDirectory, 'schedule')
}

export function jobPath(directory: string): string {
  return below(directory, JOB_FILE)
}

/** Whether a job is remembered, be it damaged: one call, and mostly nothing is scheduled. */
export function hasJob(directory: string): boolean {
  return existsSync(jobPath(directory))
}
