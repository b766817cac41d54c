import type { Seen } from '../store/seen.ts'

/**
 * What new shells had, for programs.
 *
 * @param changedSince the start-up files that have changed since then
 */
export function seenDocument(seen: Seen | undefined, changedSince: readonly string[]): object {
  return {
    outcome: seen?.outcome ?? 'not-checked',
    checked_at: seen?.checkedAt ?? null,
    changed_since: changedSince,
  }
}
