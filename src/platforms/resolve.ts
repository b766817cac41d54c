import { CliError } from '../errors.ts'
import type { PreparedStore, StartupWish, Store } from '../store/store.ts'
import type { System } from '../system/system.ts'
import type { Stores } from './dotenv/adapter.ts'
import type { OneFile } from './dotenv/one-file.ts'
import type { DotenvWish, PreparedDotenv } from './dotenv/prepare.ts'
import { openLinux, prepareLinux, prepareLinuxAgain } from './linux.ts'
import { openMacos, prepareMacos, prepareMacosAgain } from './macos.ts'
import { preparedWithDotenv, withDotenv } from './with-dotenv.ts'

/** The store of the system at hand, as it is. Starts nothing. */
export async function openStore(system: System): Promise<Store> {
  return withDotenv(await openSystemStore(system), system)
}

/** The same for what setup is to do: it knows the shell. May ask the user's shell where its files are. */
export async function prepareStore(wish: StartupWish, system: System): Promise<PreparedStore> {
  return preparedWithDotenv(await prepareSystemStore(wish, system), system)
}

/** The same for a change that keeps the last choice of setup: which shell gets the values, and where. */
export async function prepareStoreAgain(system: System): Promise<PreparedStore> {
  return preparedWithDotenv(await prepareSystemStoreAgain(system), system)
}

/** The store of setup for one `.env` file, where no profile is written. */
export async function prepareDotenvStore(wish: DotenvWish, system: System): Promise<PreparedDotenv> {
  const { prepareDotenv } = await import('./dotenv/prepare.ts')
  return prepareDotenv(await openBoth(system), wish, system)
}

/** One `.env` file as a store, to take the values out of it alone. */
export async function openDotenvFile(file: string, system: System): Promise<OneFile> {
  const { openOneFile } = await import('./dotenv/one-file.ts')
  return openOneFile(await openBoth(system), file, system)
}

async function openBoth(system: System): Promise<Stores> {
  const base = await openSystemStore(system)
  return { base, all: withDotenv(base, system) }
}

async function openSystemStore(system: System): Promise<Store> {
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

async function prepareSystemStore(wish: StartupWish, system: System): Promise<PreparedStore> {
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

async function prepareSystemStoreAgain(system: System): Promise<PreparedStore> {
  switch (system.platform) {
    case 'linux':
      return prepareLinuxAgain(system)
    case 'darwin':
      return prepareMacosAgain(system)
    default:
      return prepareSystemStore({ shell: undefined, rcFile: undefined, inline: false }, system)
  }
}

function unknownSystem({ platform }: System): CliError {
  return new CliError(`acs-env does not know where ${platform} keeps environment variables.`, {
    code: 'unsupported_system',
    hint: 'it runs on Windows, macOS and Linux; "acs-env issue" works anywhere',
  })
}
