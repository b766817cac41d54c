import { existsSync } from 'node:fs'
import { win32 } from 'node:path'
import type { Environment, System } from '../../system/system.ts'
import { findOnWindows } from '../../system/windows-command.ts'

/** How the Azure CLI is started. */
export interface AzureCliProgram {
  readonly kind: 'program'
  readonly program: string
  /** In front of its own arguments. */
  readonly args: readonly string[]
  readonly env: Environment
}

/** A batch file, which only `cmd.exe` could start. */
interface BatchFile {
  readonly kind: 'batch-file'
}

/**
 * Extensions are not to be installed behind the user's back, and colours are no part of an answer. The list to choose a
 * subscription from, which "az login" has since 2.61, would be on a standard output that nobody sees.
 */
const SETTINGS = {
  AZURE_EXTENSION_USE_DYNAMIC_INSTALL: 'no',
  AZURE_CORE_NO_COLOR: 'true',
  AZURE_CORE_LOGIN_EXPERIENCE_V2: 'off',
}

/**
 * How to start the Azure CLI here; undefined where it is not installed. On Windows it is a batch file that starts Python
 * from within a parenthesised block, where `cmd.exe` takes a bracket in an argument for the end of it: so Python is
 * started, as that file does.
 */
export function findAzureCli(system: System): AzureCliProgram | BatchFile | undefined {
  const env = { ...system.inheritedEnv, ...SETTINGS }
  if (system.platform !== 'win32') return { kind: 'program', program: 'az', args: [], env }
  const path = findOnWindows('az', system.env, { elsewhere: true })
  if (path === undefined) return undefined
  if (/\.(?:exe|com)$/i.test(path)) return { kind: 'program', program: path, args: [], env }
  const directory = win32.dirname(path)
  // Microsoft's installer has it above the batch file, and so has pip; in a virtual environment it is beside it.
  const program = [win32.join(directory, '..', 'python.exe'), win32.join(directory, 'python.exe')].find(existsSync)
  if (program === undefined) return { kind: 'batch-file' }
  return { kind: 'program', program, args: ['-IBm', 'azure.cli'], env: { ...env, AZ_INSTALLER: 'MSI' } }
}
