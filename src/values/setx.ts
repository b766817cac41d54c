import type { Secret } from '../secret.ts'

/** What `setx` keeps of a value; it cuts the rest off and still reports success. */
const LIMIT = 1024
/** What `setx` takes for an option, for a variable to expand or, in its own documentation, for the same with "~". */
const SPECIAL = /^\/|[%~]/

/** Whether `setx` stores this value as it is. */
export function setxKeeps(value: Secret): boolean {
  return value.reveal().length <= LIMIT && !SPECIAL.test(value.reveal())
}
