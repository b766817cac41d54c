import type { Platform, PlatformOptions } from '../store/store.ts'
import type { System } from '../system/system.ts'
import { createPosixPlatform } from './posix/adapter.ts'

/** Linux, WSL included: bash unless the user's login shell is another one. */
export function createLinux(system: System, options: PlatformOptions): Promise<Platform> {
  return createPosixPlatform({ id: 'linux', usualShell: 'bash' }, system, options)
}
