import type { System } from '../../system/system.ts'
import { findPlace } from '../posix/place.ts'

/** What paths are remembered relative to. */
export function homeOf(system: System): string | undefined {
  return system.platform === 'win32' ? undefined : findPlace(system).home
}
