import { findCredential, noConnectionString } from '../credentials/obtain.ts'
import { lookForStored, withoutStoredVariable } from '../platforms/look-for-stored.ts'
import type { Secret } from '../secret.ts'
import { noTokenStored } from '../store/stored-token.ts'
import { pairForThisRun, refuseRunTokenOptions } from '../token/for-this-run.ts'
import { freshToken } from '../token/fresh.ts'
import type { Credential } from '../values/credential.ts'
import type { CommandContext } from './context.ts'

/**
 * `acs-env token`: the stored access token alone, renewed first if it is about to expire; where nothing is stored, one
 * that is issued for this run.
 */
export async function run(given: CommandContext<'token'>): Promise<void> {
  const context = given.options.name === undefined ? given : withoutStoredVariable(given)
  const { options, system, terminal } = context
  const looked = await lookForStored(system, options)
  if (looked.kind !== 'stored') {
    const { issued, request } = await pairForThisRun(looked, noTokenStored, context)
    if (issued === undefined) {
      return terminal.answer(options.json ? '{"dry_run":true}\n' : `Would ${request}, and print it.\n`)
    }
    return print(issued, context)
  }
  refuseRunTokenOptions(options)
  const { found, store } = looked
  const obtain = async (): Promise<Credential> =>
    (await findCredential({ options, first: 'store', stored: found, next: 'works' }, context)) ?? noConnectionString()
  return print(await freshToken(found, { ...context, store, obtain }), context)
}

interface Printed {
  readonly token: Secret
  readonly userId: string | undefined
  readonly expiresOn: Date | undefined
}

function print({ token, userId, expiresOn }: Printed, { options, terminal }: CommandContext<'token'>): Promise<void> {
  const document = { expires_on: expiresOn?.toISOString() ?? null, token: token.reveal(), user_id: userId ?? null }
  return terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
}
