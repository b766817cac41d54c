import { toPortable } from '../../files/portable-path.ts'
import { privateFileStep } from '../own-files.ts'
import type { Step } from '../plan.ts'
import { sourceDocument } from '../remembered-source.ts'
import type { FileMark } from '../seen.ts'
import { MOST_IDENTITIES, PLACEMENT, readStateDocument, requireNoLaterState, stateFile, VERSION } from '../state.ts'
import type { DotenvTarget, KnownIdentity, State } from '../stored.ts'

/** The step that writes the state, or none where it is the same already. */
export function stateStep(
  directory: string,
  { issued, invalidated, variables, startup, seen, dotenv, createdDirectories, name, identities }: State,
  home?: string,
): readonly Step[] {
  const portable = (path: string): string => toPortable(path, home)
  const document = {
    version: VERSION,
    endpoint: issued.endpoint,
    user_id: issued.userId,
    scopes: issued.scopes,
    lifetime_minutes: issued.lifetimeMinutes,
    expires_on: issued.expiresOn,
    token_digest: issued.tokenDigest,
    invalidated: invalidated && {
      reason: invalidated.reason,
      user_id: invalidated.userId,
      token_digest: invalidated.tokenDigest,
      at: invalidated.at,
    },
    variables,
    profiles: startup?.profiles.map(portable),
    rc_file: startup?.rcFile === undefined ? undefined : portable(startup.rcFile),
    shell: startup?.shell,
    activation: startup?.activation,
    account_shell: startup?.accountShell,
    accounts_file: startup?.accountsFile && markDocument(startup.accountsFile, portable),
    startup_files: startup?.files.map(portable),
    inline: startup?.isInline ? true : undefined,
    placement: startup?.isPlaced ? PLACEMENT : undefined,
    seen: seen && {
      outcome: seen.outcome,
      checked_at: seen.checkedAt,
      findings: seen.findings,
      files: seen.files.map((file) => markDocument(file, portable)),
    },
    dotenv: dotenv.length === 0 ? undefined : dotenv.map((target) => dotenvDocument(target, portable)),
    created_directories: createdDirectories.map(portable),
    renewed_at: issued.renewedAt,
    source: issued.source && sourceDocument(issued.source),
    name,
    identities: identities.length === 0 ? undefined : identities.slice(0, MOST_IDENTITIES).map(identityDocument),
  }
  const file = stateFile(directory)
  requireNoLaterState(directory, home, file)
  // What a later release has added to this version of the file is kept for it.
  const later = Object.entries(readStateDocument(file) ?? {}).filter(([name]) => !(name in document))
  const contents = { ...document, ...Object.fromEntries(later) }
  return privateFileStep(file, Buffer.from(`${JSON.stringify(contents, null, 2)}\n`))
}

function markDocument({ path, size, modifiedMs, inode }: FileMark, portable: (path: string) => string): object {
  return { path: portable(path), size, modified_ms: modifiedMs, inode }
}

function dotenvDocument(
  { file, variables, endpoints, created, addedNewline, mode, forced }: DotenvTarget,
  portable: (path: string) => string,
): object {
  return { file: portable(file), variables, endpoints, created, added_newline: addedNewline, mode, forced }
}

function identityDocument({ endpoint, userId, scopes, lifetimeMinutes }: KnownIdentity): object {
  return { endpoint, user_id: userId, scopes, lifetime_minutes: lifetimeMinutes }
}
