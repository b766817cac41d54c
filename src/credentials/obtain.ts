import { UsageError } from '../errors.ts'
import type { Stored } from '../store/stored.ts'
import type { Next } from '../ui/prompts.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import { azureCliConfigSource } from './azure-cli-config.ts'
import { offerAzureCli } from './azure-cli-offer.ts'
import { AZURE_CLI_WORDS } from './azure-cli.ts'
import { environmentSource } from './environment.ts'
import { namedSource } from './option.ts'
import { promptSource } from './prompt.ts'
import { rememberedSource } from './remembered.ts'
import type { ChosenCredential, QuietSource, SourceOptions } from './source.ts'
import { storedSource } from './stored.ts'

export interface Wanted {
  readonly options: SourceOptions
  /** Which of two comes first: commands about the store prefer it, since an old shell holds old values. */
  readonly first: 'store' | 'environment'
  /** What is stored, if it could be read. */
  readonly stored: Stored | undefined
  /** What follows if a person has to be asked for it. */
  readonly next: Next
}

/**
 * The credential to use: from an option, else from the store and the environment in the order asked for, else from the
 * configuration of the Azure CLI. A store that keeps no key is one that remembers where to ask for it. Says which one was
 * used where two differ. Undefined where there is none.
 */
export async function findCredential(
  { options, first, stored, next }: Wanted,
  surroundings: Surroundings,
): Promise<ChosenCredential | undefined> {
  const { system, reporter } = surroundings
  const named = namedSource(options, surroundings, next)
  if (named !== undefined) {
    const found = await named.find()
    return found && { ...found, origin: named.words }
  }
  const store = [
    storedSource(stored?.connectionString),
    rememberedSource(stored?.state.issued.source, surroundings),
  ] as const
  const environment = environmentSource(system)
  const ordered: readonly QuietSource[] = first === 'store' ? [...store, environment] : [environment, ...store]
  for (const source of [...ordered, azureCliConfigSource(system)]) {
    const found = await source.find()
    if (found === undefined) continue
    reporter.detail(`Using ${source.words} (${found.host}).`)
    const other = ordered.find((each) => each !== source && each.differsFrom(found))
    if (other !== undefined) reporter.note(`using ${source.words} (${found.host}); ${other.words} is another one.`)
    return { ...found, origin: source.words }
  }
  return undefined
}

/** The same for a command that cannot do without: asks for it where a person can be asked, else throws a `UsageError`. */
export async function obtainCredential(
  wanted: Wanted,
  surroundings: Surroundings,
  { mayAsk }: { readonly mayAsk: boolean },
): Promise<ChosenCredential> {
  const found = await findCredential(wanted, surroundings)
  if (found !== undefined) return found
  if (!mayAsk) return noConnectionString()
  return (await askForCredential(wanted.next, surroundings)) ?? noConnectionString()
}

/** Asks a person, who may take it from their sign-in to Azure rather than enter it. */
export async function askForCredential(next: Next, surroundings: Surroundings): Promise<ChosenCredential | undefined> {
  const offered = await offerAzureCli(surroundings)
  if (offered !== undefined) return { ...offered, origin: AZURE_CLI_WORDS }
  const entered = await promptSource(surroundings, next).find()
  return entered && { ...entered, origin: undefined }
}

/** Throws: there is none, and nobody can be asked. */
export function noConnectionString(): never {
  throw new UsageError('There is no connection string.', {
    code: 'missing_connection_string',
    hint: `set ${CONNECTION_STRING_NAME}, or give --from-az, --connection-string-stdin or --connection-string-command; "acs-env demo" needs none`,
  })
}
