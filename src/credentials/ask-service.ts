import { attempt } from '../errors.ts'
import { openStore } from '../platforms/resolve.ts'
import type { ServiceOptions } from '../service/client.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Credential } from '../values/credential.ts'
import { obtainCredential } from './obtain.ts'
import { namesSource } from './option.ts'
import { serviceOptions } from './service-options.ts'
import type { SourceOptions } from './source.ts'

/** What a command that stores nothing is handed. */
export interface Asking extends Surroundings {
  readonly options: SourceOptions
}

/** For commands that store nothing: the credential from the environment before the store. */
export async function credentialToUse(asking: Asking): Promise<Credential> {
  const { options, system, terminal } = asking
  const found = !namesSource(options) ? await findStoredTolerantly(system) : undefined
  const mayAsk = terminal.canAsk && !options.yes
  return obtainCredential({ options, first: 'environment', stored: found, next: 'works' }, asking, { mayAsk })
}

/** Asks the service one thing, with a sign that it is going on; Ctrl+C ends it. */
export function askService<Answer>(
  credential: Credential,
  surroundings: Surroundings,
  ask: (credential: Credential, options: ServiceOptions) => Promise<Answer>,
): Promise<Answer> {
  const { system, reporter } = surroundings
  return system.interruptible((signal) =>
    reporter.during(`Asking ${credential.host}`, () => ask(credential, serviceOptions(surroundings, signal))),
  )
}

/** A store that cannot be read does not keep anyone from asking: the values may come from elsewhere. */
export async function findStoredTolerantly(system: System): Promise<Stored | undefined> {
  const found = await attempt(async () => (await openStore(system)).find())
  return found.kind === 'done' ? found.value : undefined
}
