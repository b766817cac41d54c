import type { PreparedStore, StartupWish, Store } from '../store/store.ts'
import type { System } from '../system/system.ts'
import { openPosixStore, preparePosixStore, preparePosixStoreAgain } from './posix/adapter.ts'

/** Linux, WSL included: bash unless the user's login shell is another one. */
const TRAITS = { id: 'linux', usualShell: 'bash' } as const

export function openLinux(system: System): Store {
  return openPosixStore(TRAITS, system)
}

export function prepareLinux(wish: StartupWish, system: System): Promise<PreparedStore> {
  return preparePosixStore(TRAITS, wish, system)
}

export function prepareLinuxAgain(system: System): Promise<PreparedStore> {
  return preparePosixStoreAgain(TRAITS, system)
}
