import type { Platform, PlatformOptions } from '../store/store.ts'
import type { System } from '../system/system.ts'
import { createPosixPlatform } from './posix/adapter.ts'

/** macOS: zsh, the default since 10.15, unless the user's login shell is another one. */
export function createMacos(system: System, options: PlatformOptions): Promise<Platform> {
  return createPosixPlatform({ id: 'macos', usualShell: 'zsh' }, system, options)
}
