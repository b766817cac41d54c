import type { System } from '../system/system.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { QuietSource } from './source.ts'
import { textSource } from './text-source.ts'

/** The variable in the environment of this process. */
export function environmentSource({ env }: Pick<System, 'env'>): QuietSource {
  return textSource({
    words: `${CONNECTION_STRING_NAME} in the environment`,
    text: () => env[CONNECTION_STRING_NAME],
    isFromShell: true,
    wayOut: `unset ${CONNECTION_STRING_NAME}, or give --connection-string-stdin`,
  })
}
