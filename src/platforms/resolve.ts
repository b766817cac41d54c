import { CliError } from '../errors.ts'
import type { PreparedStore, StartupWish, Store } from '../store/store.ts'
import type { System } from '../system/system.ts'
import { openLinux, prepareLinux, prepareLinuxAgain } from './linux.ts'
import { openMacos, prepareMacos, prepareMacosAgain } from './macos.ts'

/** The store of the system at hand, as it is. Starts nothing. */
export async function openStore(system: System): Promise<Store> {
  switch (system.platform) {
    case 'linux':
      return openLinux(system)
    case 'darwin':
      return openMacos(system)
    case 'win32': {
      const { openWindows } = await import('./windows/adapter.ts')
      return openWindows(system)
    }
    default:
      throw unknownSystem(system)
  }
}

/** The store of the system at hand, prepared for what setup is to do. May ask the user's shell where its files are. */
export async function prepareStore(wish: StartupWish, system: System): Promise<PreparedStore> {
  switch (system.platform) {
    case 'linux':
      return prepareLinux(wish, system)
    case 'darwin':
      return prepareMacos(wish, system)
    case 'win32': {
      const { prepareWindows } = await import('./windows/adapter.ts')
      return prepareWindows(wish, system)
    }
    default:
      throw unknownSystem(system)
  }
}

/** The same for a change that leaves to the last setup which shell gets the values, and where. */
export async function prepareStoreAgain(system: System): Promise<PreparedStore> {
  switch (system.platform) {
    case 'linux':
      return prepareLinuxAgain(system)
    case 'darwin':
      return prepareMacosAgain(system)
    default:
      return prepareStore({ shell: undefined, rcFile: undefined, inline: false }, system)
  }
}

function unknownSystem({ platform }: System): CliError {
  return new CliError(`acs-env does not know where ${platform} keeps environment variables.`, {
    code: 'unsupported_system',
    hint: 'it runs on Windows, macOS and Linux; "acs-env issue" works anywhere',
  })
}
