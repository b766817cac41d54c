import { resolve } from 'node:path'
import { UsageError } from '../../errors.ts'
import { identityOf } from '../../files/read.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'

/** A file as it was named on the command line. */
export interface GivenFile {
  /** By its full path, links not followed. */
  readonly absolute: string
  /** Where it really is. */
  readonly path: string
  /** As the user named it, for messages. */
  readonly shown: string
}

/** Finds out which file is meant. A secret in the place of a name is refused, and not repeated: errors name the file. */
export function findGivenFile(given: string, { workingDirectory }: Pick<System, 'workingDirectory'>): GivenFile {
  if (/accesskey\s*=|^eyJ[\w-]*\./i.test(given)) {
    throw new UsageError('The value of --dotenv is a secret, and no name of a file.', {
      hint: 'write --dotenv .env, and give the connection string with --connection-string-stdin',
    })
  }
  const absolute = resolve(workingDirectory, given)
  return { absolute, path: identityOf(absolute), shown: printable(given) }
}
