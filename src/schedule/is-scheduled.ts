import { hasJob, scheduleDirectory } from './directory.ts'
import { readJob } from './job.ts'

/**
 * Whether a job renews the token in the background. What reads its record is loaded only where there is one.
 *
 * @param storeDirectory the private directory of the store
 */
export function isScheduled(storeDirectory: string): boolean {
  const directory = scheduleDirectory(storeDirectory)
  return hasJob(directory) && readJob(directory) !== undefined
}
