import { SCOPES } from '../scope-names.ts'
import type { Terminal } from '../system/terminal.ts'
import type { Scope } from '../values/scopes.ts'
import { ask, type Next } from './prompts.ts'

/** What a token with a scope allows (Microsoft Learn, "Authenticate to Azure Communication Services"). */
const DESCRIPTIONS: Readonly<Record<Scope, string>> = {
  chat: 'everything in chat, making threads included',
  voip: 'everything in calls, starting them included',
  'chat.join': 'chat, without making, changing or deleting threads',
  'chat.join.limited': 'as chat.join, without adding or removing people',
  'voip.join': 'calls, without starting new ones',
}

/** Asks which scopes the token should have. */
export function askForScopes(ticked: readonly Scope[], terminal: Terminal, next: Next): Promise<readonly Scope[]> {
  const choices = SCOPES.map((name) => ({ name, description: DESCRIPTIONS[name] }))
  return ask({ kind: 'tick', message: 'Scopes', choices, ticked }, terminal, next)
}
