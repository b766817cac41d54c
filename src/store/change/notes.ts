import { existsSync } from 'node:fs'
import { below } from '../../files/below.ts'
import type { Step, ToCome } from '../plan.ts'

/** Where it is noted what gave way to ours in profiles, or in the user environment, until `unset` gives it back. */
export const STORE_NOTES = 'restore.json'
/** The same of `.env` files. */
export const DOTENV_NOTES = 'restore-dotenv.json'

/** Whether any line stays noted after a removal: its file could not be given it back. */
export function leavesNotes(directory: string, steps: readonly Step<ToCome>[]): boolean {
  const isRemoved = (path: string): boolean => steps.some((step) => step.kind === 'remove' && step.path === path)
  return [STORE_NOTES, DOTENV_NOTES]
    .map((name) => below(directory, name))
    .some((path) => existsSync(path) && !isRemoved(path))
}
