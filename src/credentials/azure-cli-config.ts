import { join } from 'node:path'
import { readOrdinaryFile } from '../files/read.ts'
import type { System } from '../system/system.ts'
import type { Source } from './source.ts'
import { textSource } from './text-source.ts'

/** What the Azure CLI is configured with. */
export function azureCliConfigSource(system: Pick<System, 'env'>): Source {
  return textSource({
    words: 'the connection string in the configuration of the Azure CLI',
    text: () => readAzureCliConnectionString(system),
    isFromShell: false,
    wayOut: 'give --connection-string-stdin',
  })
}

/**
 * The `connection_string` in the `[communication]` section of the Azure CLI's own configuration, where its
 * `communication` extension looks for it too. Undefined where there is none, or it cannot be read.
 */
function readAzureCliConnectionString(system: Pick<System, 'env'>): string | undefined {
  const directory = azureCliDirectory(system)
  if (directory === undefined) return undefined
  try {
    return valueIn(readOrdinaryFile(join(directory, 'config')).toString(), 'communication', 'connection_string')
  } catch {
    return undefined
  }
}

/** Where the Azure CLI keeps what it remembers; undefined where there is no home. */
export function azureCliDirectory({ env }: Pick<System, 'env'>): string | undefined {
  const home = env.HOME ?? env.USERPROFILE
  return env.AZURE_CONFIG_DIR ?? (home === undefined ? undefined : join(home, '.azure'))
}

/** Python's configparser dialect: sections, `key = value` or `key: value`, comments on lines of their own. */
function valueIn(text: string, section: string, key: string): string | undefined {
  let current = ''
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]/.exec(line)
    if (header !== null) current = header[1]?.trim().toLowerCase() ?? ''
    const [, name, value] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []
    if (current === section && name?.toLowerCase() === key && value !== undefined && value !== '') return value
  }
  return undefined
}
