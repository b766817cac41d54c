import { UsageError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { Next } from '../ui/prompts.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { azureCliConfigSource } from './azure-cli-config.ts'
import { environmentSource } from './environment.ts'
import { namedSource } from './option.ts'
import { promptSource } from './prompt.ts'
import type { SourceOptions } from './source.ts'
import { storedSource } from './stored.ts'

export interface Wanted {
  readonly options: SourceOptions
  /** Which of two comes first: commands about the store prefer it, since an old shell holds old values. */
  readonly first: 'store' | 'environment'
  readonly stored: Secret | undefined
  /** What follows if a person has to be asked for it. */
  readonly next: Next
}

/**
 * The connection string to use: from an option, else from the store and the environment in the order asked for, else from
 * the Azure CLI. Says which one was used where the two differ. Undefined where there is none.
 */
export async function findConnectionString(
  { options, first, stored, next }: Wanted,
  surroundings: Surroundings,
): Promise<ConnectionString | undefined> {
  const { system, reporter } = surroundings
  const named = namedSource(options, surroundings, next)
  if (named !== undefined) return named.find()
  const pair = [storedSource(stored), environmentSource(system)] as const
  const [preferred, other] = first === 'store' ? pair : [pair[1], pair[0]]
  for (const source of [preferred, other, azureCliConfigSource(system)]) {
    const found = await source.find()
    if (found === undefined) continue
    reporter.detail(`Using ${source.words} (${found.host}).`)
    if (source === preferred && other.differsFrom(found)) {
      reporter.note(`using ${preferred.words} (${found.host}); ${other.words} is another one.`)
    }
    return found
  }
  return undefined
}

/** The same for a command that cannot do without: asks for it where a person can be asked, else throws a `UsageError`. */
export async function obtainConnectionString(
  wanted: Wanted,
  surroundings: Surroundings,
  { mayAsk }: { readonly mayAsk: boolean },
): Promise<ConnectionString> {
  const found = await findConnectionString(wanted, surroundings)
  const entered = found === undefined && mayAsk ? await promptSource(surroundings, wanted.next).find() : undefined
  return found ?? entered ?? noConnectionString()
}

/** Throws: there is none, and nobody can be asked. */
export function noConnectionString(): never {
  throw new UsageError('There is no connection string.', {
    code: 'missing_connection_string',
    hint: 'give one with --connection-string-stdin, --connection-string-command or --connection-string',
  })
}
