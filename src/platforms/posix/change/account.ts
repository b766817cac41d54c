import { tryReadFileState } from '../../../files/read.ts'
import { markFile } from '../../../store/seen.ts'
import type { StartupRecord } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'

/**
 * The account's login shell, and the file that the system has it from. There is none for an account of a directory
 * service, nor where the file says something else than the system.
 */
export function readAccount(system: System): Pick<StartupRecord, 'accountShell' | 'accountsFile'> {
  const { accountsFile } = system
  // Before anything is read, so that a change meanwhile is one.
  const mark = accountsFile === undefined ? undefined : markFile(accountsFile)
  const accountShell = system.accountShell()
  const isFromFile =
    accountShell !== undefined && mark !== undefined && shellIn(mark.path, system.userId) === accountShell
  return { accountShell, accountsFile: isFromFile ? mark : undefined }
}

/** What a file of accounts has as the shell of this one: passwd(5), the first line that has its number. */
function shellIn(file: string, userId: number | undefined): string | undefined {
  const found = tryReadFileState(file)
  const lines = 'problem' in found ? [] : (found.bytes?.toString().split('\n') ?? [])
  const fields = lines.map((line) => line.split(':')).find(([, , id]) => id === String(userId))
  return fields?.[6]
}
