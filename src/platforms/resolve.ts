import { CliError } from '../errors.ts'
import type { Platform, PlatformOptions } from '../store/store.ts'
import type { System } from '../system/system.ts'
import { createLinux } from './linux.ts'
import { createMacos } from './macos.ts'

/** The store of the system at hand: the only place that decides which that is. */
export async function resolvePlatform(system: System, options: PlatformOptions): Promise<Platform> {
  switch (system.platform) {
    case 'linux':
      return createLinux(system, options)
    case 'darwin':
      return createMacos(system, options)
    case 'win32': {
      const { createWindows } = await import('./windows/adapter.ts')
      return createWindows(system, options)
    }
    default:
      throw new CliError(`acs-env does not know where ${system.platform} keeps environment variables.`, {
        code: 'unsupported_system',
        hint: 'it runs on Windows, macOS and Linux; "acs-env issue" works anywhere',
      })
  }
}
