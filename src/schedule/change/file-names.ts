import { JOB_FILE } from '../directory.ts'
import { NO_NODE_FILE, RUNS_FILE } from '../job.ts'

/** The script that a scheduler runs. */
export const LAUNCHER_FILE = { posix: 'acs-env-refresh', windows: 'refresh.cmd' } as const

/** The crontab; it may hold secrets of the user's, so these are private. */
export const CRONTAB_FILE = {
  /** As it was before our block was in it. */
  before: 'crontab.before',
  /** As it was before this run, where our block was in it already. */
  previous: 'crontab.previous',
  /** What is installed. */
  next: 'crontab.next',
} as const

/** The definition that the Task Scheduler takes. */
export const TASK_FILE = 'task.xml'

export const HISTORY_FILE = 'history.log'

/** Every file that is ever written into our directory for the job, besides the lock and the copies of the program. */
export const JOB_FILES: ReadonlySet<string> = new Set([
  ...Object.values(LAUNCHER_FILE),
  ...Object.values(CRONTAB_FILE),
  TASK_FILE,
  HISTORY_FILE,
  JOB_FILE,
  RUNS_FILE,
  NO_NODE_FILE,
])
