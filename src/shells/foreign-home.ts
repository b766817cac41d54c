import { statSync } from 'node:fs'
import type { System } from '../system/system.ts'

/**
 * Whether a home is another user's. In a container root may work in one: a shell that was opened there would run that
 * user's start-up files, and so whatever the user has put into them, as root.
 */
export function isForeignHome(home: string, { userId }: Pick<System, 'userId'>): boolean {
  const owner = statSync(home, { throwIfNoEntry: false })?.uid
  return userId !== undefined && owner !== undefined && owner !== userId
}
