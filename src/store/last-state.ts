import type { State, Stored } from './stored.ts'

/** The state by which a store describes itself: the one found last, until the store is changed. */
export interface LastState {
  get(): State
  found(stored: Stored): void
  changed(): void
}

/** @param read reads it where nothing was found yet, or something has changed since */
export function lastStateOr(read: () => State): LastState {
  let last: State | undefined
  return {
    get: () => last ?? read(),
    found: ({ state }) => {
      last = state
    },
    changed: () => {
      last = undefined
    },
  }
}
