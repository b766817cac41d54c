import { UsageError } from '../../errors.ts'

/** What Windows, or a shell or Node on it, goes by itself: a value of ours there would break more than it mends. */
const OTHERS_OWN =
  /^(?:PATH|PATHEXT|PROMPT|COMSPEC|TE?MP|OS|WINDIR|SYSTEM(?:ROOT|DRIVE)|HOME(?:DRIVE|PATH)?|USER(?:NAME|PROFILE|DOMAIN|DNSDOMAIN)|COMPUTERNAME|(?:LOCAL)?APPDATA|PROGRAMDATA|(?:COMMON)?PROGRAMFILES|PUBLIC|ALLUSERSPROFILE|NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED)|PSMODULEPATH)$/i

/** Whether acs-env may have stored a value under this name. What a file of records says is judged like any other input. */
export function isStorableName(name: string): boolean {
  return /^[A-Za-z_]\w{0,127}$/.test(name) && !OTHERS_OWN.test(name)
}

/** Throws where a value would be stored under a name that is not one of ours. */
export function requireStorableNames(names: readonly string[]): void {
  const name = names.find((name) => !isStorableName(name))
  if (name === undefined) return
  const message = `${name} is already used for something else.`
  throw new UsageError(message, { code: 'invalid_name', hint: 'choose another name' })
}
