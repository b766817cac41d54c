import { RefusedError, type CliError } from '../errors.ts'
import { formatDuration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { explainCertificate } from './explain-certificate.ts'
import { explainNetwork } from './explain-network.ts'
import { explainProxyAnswer } from './explain-proxy.ts'
import type { Failure, TokenFailure } from './failure.ts'
import { nameProxy, outside, waitHint, type FailureContext } from './wording.ts'

/** Same signing scheme, documented tolerance of Azure App Configuration: 15 minutes. Some way before it we look. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000

/** The error to show for a failed request: one sentence, what to do next, and the class that sets the exit code. */
export function explainFailure(failure: Failure, context: FailureContext): CliError {
  const { host, route } = context
  switch (failure.kind) {
    case 'answer':
      return explainAnswer(failure, context)
    case 'network':
      return explainNetwork(failure, context)
    case 'certificate':
      return explainCertificate(failure, context)
    case 'proxy-answer':
    case 'proxy-garbage':
      return explainProxyAnswer(failure, context)
    case 'token':
      return explainToken(failure, context)
    case 'intermediary':
      return route.kind === 'proxy'
        ? outside(`Not ${host} but something on the way answered (status ${failure.status}), as a proxy may.`, {
            code: 'intermediary_answer',
            hint: `ask whoever runs ${nameProxy(route)} to let requests to ${host} through`,
          })
        : outside(`A web page came in place of an answer from ${host} (status ${failure.status}).`, {
            code: 'intermediary_answer',
            hint: 'check the endpoint; a firewall or sign-in page of the network may be in between',
          })
    case 'redirect':
      return outside(`${host} sent the request elsewhere, which is not followed.`, {
        code: 'redirect',
        hint: 'check the endpoint; a sign-in page of the network may be in between',
      })
    case 'malformed':
      return outside(`${host} gave an answer that is not one of Communication Services.`, {
        code: 'malformed_answer',
        hint: 'check the endpoint; a proxy or sign-in page may be in between',
      })
  }
}

/** Whether the service said that this identity is not, or no longer, one of the resource. */
export function isForeignIdentity(error: unknown): boolean {
  return error instanceof RefusedError && error.code === 'identity_not_owned'
}

/** The service wants a sign-in that says more, as conditional access does; nobody can be asked for it in between. */
export function explainClaimsChallenge(host: string): CliError {
  return outside(`${host} wants a newer sign-in at Entra ID, as a rule of your organization demands.`, {
    code: 'sign_in_again',
    hint: 'run "az logout" and "az login", then this again',
  })
}

/** Names and texts by which Azure services say that they take no keys: theirs for this case is not published. */
const NO_KEYS =
  /local ?auth|AuthenticationTypeDisabled|(?:key|local)[ -]based auth\w* is (?:disabled|not)|access keys? (?:is|are) disabled/i

function explainAnswer(
  failure: Failure & { readonly kind: 'answer' },
  { host, now, signsWith }: FailureContext,
): CliError {
  const { status, code, message, date, retryAfterMs } = failure
  const said = serviceSentence(code, message)
  if (code === 'IdentityNotOwned' || /identity doesn't exist/i.test(message ?? '')) {
    return new RefusedError(`${host} has no such identity: it belongs to another resource or was deleted.`, {
      code: 'identity_not_owned',
      hint: 'check the id and the connection string',
    })
  }
  if (code === 'InvalidAccessToken') {
    return new RefusedError(`${host} refused the Entra token: it has expired or is not valid.`, {
      code: 'invalid_entra_token',
      hint: 'get a new one for that application and user, with the permissions that Teams tokens need',
    })
  }
  if (status === 401 || status === 403) {
    if (signsWith === 'entra') {
      return new RefusedError(`${host} refused the Entra token (${printable(code ?? String(status))}).`, {
        code: 'access_denied',
        hint:
          'whoever signed in needs a role on the resource, such as Contributor; one given just now takes minutes. ' +
          'Is it a token for https://communication.azure.com//.default?',
      })
    }
    if (NO_KEYS.test(`${code} ${message}`)) return explainNoKeys(host, host)
    const aheadMs = date === undefined ? 0 : now.getTime() - date.getTime()
    if (Math.abs(aheadMs) > CLOCK_TOLERANCE_MS) {
      return new RefusedError(`${host} refused the request: ${clockSentence(aheadMs)}.`, {
        code: 'clock_skew',
        hint: 'set the clock; signatures are valid for some minutes only',
      })
    }
    return new RefusedError(`${host} refused the access key (${printable(code ?? String(status))}).`, {
      code: 'access_denied',
      hint: 'copy the connection string again from Keys in the Azure portal; the key may have been regenerated',
    })
  }
  if (status === 429) {
    return outside(`${host} has had too many requests.`, {
      code: 'throttled',
      hint: waitHint(retryAfterMs) ?? 'wait a minute and try again',
    })
  }
  if (status >= 500) {
    return outside(`${host} has a problem of its own (status ${status}${said}).`, {
      code: 'service_error',
      hint: waitHint(retryAfterMs) ?? 'try again in a few minutes; https://azure.status.microsoft shows known troubles',
    })
  }
  return outside(`${host} did not accept the request (status ${status}${said}).`, {
    code: 'request_rejected',
    hint:
      status === 404
        ? 'is this the endpoint of a Communication Services resource?'
        : 'the service may have changed: is there a newer acs-env?',
  })
}

/** The resource takes no access keys, only sign-ins at Entra ID. */
export function explainNoKeys(name: string, host: string | undefined): RefusedError {
  return new RefusedError(`${printable(name)} takes no access keys: local authentication is switched off.`, {
    code: 'local_auth_off',
    hint: `sign in with Entra ID: --endpoint https://${host === undefined ? '<its host name>' : printable(host)}/`,
  })
}

function explainToken({ problem, clockAheadMs }: TokenFailure, { host }: FailureContext): CliError {
  if (problem === 'clock') {
    return outside(`The new token is of no use here: ${clockSentence(clockAheadMs ?? 0)}.`, {
      code: 'clock_skew',
      hint: 'set the clock and run this again',
    })
  }
  const what = problem === 'expired' ? 'has expired already' : 'lives longer than was asked for'
  return outside(`${host} issued a token that ${what}.`, {
    code: 'unusable_token',
    hint:
      clockAheadMs === undefined
        ? 'is the clock of this computer right? The service did not tell the time'
        : 'check the endpoint; something else than Communication Services may be answering',
  })
}

function clockSentence(aheadMs: number): string {
  return `this computer's clock is ${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'behind'}`
}

function serviceSentence(code: string | undefined, message: string | undefined): string {
  const text = [code, message].filter((part) => part !== undefined).join(': ')
  return text === '' ? '' : `, ${printable(text)}`
}
