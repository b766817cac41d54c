import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from '../system/system.ts'

/**
 * The `connection_string` in the `[communication]` section of the Azure CLI's own configuration, where its
 * `communication` extension looks for it too. Undefined where there is none, or it cannot be read.
 */
export function readAzureCliConnectionString({ env }: System): string | undefined {
  const home = env.HOME ?? env.USERPROFILE
  const directory = env.AZURE_CONFIG_DIR ?? (home === undefined ? undefined : join(home, '.azure'))
  if (directory === undefined) return undefined
  try {
    return valueIn(readFileSync(join(directory, 'config'), 'utf8'), 'communication', 'connection_string')
  } catch {
    return undefined
  }
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
