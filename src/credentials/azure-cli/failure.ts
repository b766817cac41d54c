/** Why the Azure CLI gave no answer, taken out of what it said field by field. */
export type AzureCliFailure =
  | { readonly kind: 'not-installed' | 'batch-file' | 'timed-out' | 'signed-out' }
  /** Entra ID wants another sign-in; `code` is its own, such as AADSTS700082. */
  | { readonly kind: 'sign-in'; readonly code: string }
  /** Entra ID does not let the Azure CLI, or this user, ask for a token for this service. */
  | { readonly kind: 'no-consent'; readonly code: string }
  /** Azure's own answer: the reason phrase of HTTP, and the code in the body. */
  | { readonly kind: 'refused'; readonly reason: string; readonly code: string | undefined }
  | { readonly kind: 'unknown-subscription' }
  | { readonly kind: 'network' | 'certificate' | 'unwritable' | 'too-old' }
  /** Exit code 0, and no JSON. */
  | { readonly kind: 'garbled' }
  | { readonly kind: 'other'; readonly exitCode: number; readonly line: string | undefined }

/** Of the application: the user can do nothing about them by signing in (azure-cli#23485). */
const NO_CONSENT = new Set(['AADSTS65001', 'AADSTS65002', 'AADSTS500011', 'AADSTS650052', 'AADSTS650057'])
/** How "az rest" tells an answer of Azure's that is an error: the reason phrase, and behind it the whole body. */
const ANSWER =
  /^ERROR: (Bad Request|Unauthorized|Forbidden|Not Found|Conflict|Gone|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)\((.*)$/ms
const MAX_LENGTH = 200

/**
 * Reads what the Azure CLI said when it failed. The texts are those of versions 2.45 and 2.91, which are the same in what
 * is looked for here.
 */
export function readAzureCliFailure(exitCode: number, stderr: string): AzureCliFailure {
  const [aadCode] = /\bAADSTS\d{4,8}\b/.exec(stderr) ?? []
  if (aadCode !== undefined) return { kind: NO_CONSENT.has(aadCode) ? 'no-consent' : 'sign-in', code: aadCode }
  if (/^ERROR: Subscription '[^']*' not found/m.test(stderr)) return { kind: 'unknown-subscription' }
  // Of a connection too, so before that.
  if (/certificate verif(?:y|ication) failed/i.test(stderr)) return { kind: 'certificate' }
  if (/HTTPS?ConnectionPool\(|NewConnectionError|Max retries exceeded/.test(stderr)) return { kind: 'network' }
  const [, reason, body] = ANSWER.exec(stderr) ?? []
  if (reason !== undefined && body !== undefined) {
    const code = codeIn(body)
    return code === 'ExpiredAuthenticationToken' || code === 'InvalidAuthenticationToken'
      ? { kind: 'sign-in', code }
      : { kind: 'refused', reason, code }
  }
  if (/\baz login\b/.test(stderr)) return { kind: 'signed-out' }
  if (/\bPermissionError: .*(?:\.azure\b|[/\\]commands[/\\])/.test(stderr)) return { kind: 'unwritable' }
  // "rest" came with 2.0.67, and so did the options that are the same everywhere.
  if (exitCode === 2 && /'rest'|unrecognized arguments|--only-show-errors|invalid choice/.test(stderr)) {
    return { kind: 'too-old' }
  }
  return { kind: 'other', exitCode, line: firstError(stderr) }
}

/** The code in the body of an answer of Azure's, which may be cut or a web page. */
function codeIn(body: string): string | undefined {
  return /"code":\s*"(\w{1,80})"/.exec(body)?.[1]
}

/** The first line that is an error and no traceback, without what may be a secret. */
function firstError(stderr: string): string | undefined {
  const line = /^ERROR: (.+)$/m.exec(stderr)?.[1]?.replaceAll(/[\w%+/.=-]{40,}/g, '…')
  return line !== undefined && line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line
}
