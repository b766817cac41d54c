import { closeSync, constants, openSync } from 'node:fs'

/** A user by number, with the groups that they are in, the primary one first. */
export interface User {
  readonly uid: number
  readonly gids: readonly [number, ...number[]]
}

/** Whether this process may act as somebody else, which is for root alone. */
export function canBeAnybody(): boolean {
  const isRoot = process.geteuid?.() === 0
  if (!isRoot && process.env.CI) throw new Error('this runs without root; in CI nothing may be left out')
  return isRoot
}

/** Does some work that waits for nothing as this user. */
export function asUser<Result>({ uid, gids }: User, work: () => Result): Result {
  const groups = process.getgroups?.() ?? []
  process.setgroups?.([...gids])
  process.setegid?.(gids[0])
  process.seteuid?.(uid)
  try {
    return work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
    process.setgroups?.(groups)
  }
}

/** What this user may do with a file: `r`, `w`, both or nothing. */
export function rightsOf(user: User, path: string): string {
  return asUser(user, () => `${mayOpen(path, constants.O_RDONLY, 'r')}${mayOpen(path, constants.O_WRONLY, 'w')}`)
}

function mayOpen(path: string, flags: number, right: string): string {
  try {
    closeSync(openSync(path, flags))
    return right
  } catch {
    return ''
  }
}
