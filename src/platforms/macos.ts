import type { PreparedStore, StartupWish, Store } from '../store/store.ts'
import type { System } from '../system/system.ts'
import { openPosixStore, preparePosixStore, preparePosixStoreAgain } from './posix/adapter.ts'

/** macOS: zsh, the default since 10.15, unless the user's login shell is another one. */
const TRAITS = { id: 'macos', usualShell: 'zsh' } as const

export function openMacos(system: System): Store {
  return openPosixStore(TRAITS, system)
}

export function prepareMacos(wish: StartupWish, system: System): Promise<PreparedStore> {
  return preparePosixStore(TRAITS, wish, system)
}

export function prepareMacosAgain(system: System): Promise<PreparedStore> {
  return preparePosixStoreAgain(TRAITS, system)
}
