import { CliError, RefusedError, type ErrorDetails } from '../errors.ts'
import type { Environment } from '../system/system.ts'
import { formatDuration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { isLoopback, type ConnectionString } from '../values/connection-string.ts'
import type { Failure } from './failure.ts'
import { proxyVariable } from './preconnect.ts'

export interface FailureContext {
  readonly connectionString: ConnectionString
  readonly env: Environment
  /** The identity that was asked for. */
  readonly userId: string | undefined
  readonly now: Date
}

/** Same signing scheme, documented tolerance of Azure App Configuration: 15 minutes. Some way before it we look. */
const CLOCK_TOLERANCE_MS = 5 * 60_000

/** The error to show for a failed request: one sentence, what to do next, and the class that sets the exit code. */
export function explainFailure(failure: Failure, context: FailureContext): CliError {
  return failure.kind === 'answer' ? explainAnswer(failure, context) : explainNetwork(failure, context)
}

/** Whether the service said that this identity is not, or no longer, one of the resource. */
export function isForeignIdentity(error: unknown): boolean {
  return error instanceof RefusedError && error.code === 'identity_not_owned'
}

function explainAnswer(failure: Failure, { connectionString: { host }, now }: FailureContext): CliError {
  const { status = 0, code, date } = failure
  const said = serviceSentence(failure)
  if (code === 'IdentityNotOwned' || /identity doesn't exist/i.test(failure.message ?? '')) {
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
    const skewMs = date === undefined ? 0 : now.getTime() - date.getTime()
    if (Math.abs(skewMs) > CLOCK_TOLERANCE_MS) {
      const direction = skewMs > 0 ? 'ahead' : 'behind'
      return new RefusedError(
        `${host} refused the request: this computer's clock is ${formatDuration(Math.abs(skewMs))} ${direction}.`,
        { code: 'clock_skew', hint: 'set the clock; signatures are valid for some minutes only' },
      )
    }
    return new RefusedError(`${host} refused the access key (${printable(code ?? String(status))}).`, {
      code: 'access_denied',
      hint: 'copy the connection string again from Keys in the Azure portal; the key may have been regenerated',
    })
  }
  if (status === 429) {
    const wait = failure.retryAfterMs
    return outside(`${host} has had too many requests.`, {
      code: 'throttled',
      hint: wait === undefined ? 'wait a minute and try again' : `it asks to try again in ${formatDuration(wait)}`,
    })
  }
  if (status >= 500) {
    const wait = failure.retryAfterMs
    return outside(`${host} has a problem of its own (status ${status}${said}).`, {
      code: 'service_error',
      hint:
        wait === undefined
          ? 'try again in a few minutes; https://azure.status.microsoft shows known troubles'
          : `it asks to try again in ${formatDuration(wait)}`,
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

function explainNetwork(failure: Failure, { connectionString: { host, endpoint }, env }: FailureContext): CliError {
  const { hostname } = new URL(endpoint)
  const variable = proxyVariable(endpoint, env)
  const proxy = variable === undefined ? undefined : `the proxy in ${variable}`
  const through = proxy === undefined ? '' : `, through ${proxy}`
  // Behind a proxy it is the proxy alone whose name is looked up here, and whose address is connected to.
  const peer = proxy ?? host
  const checkProxy = variable === undefined ? undefined : `check the value of ${variable}`
  const local = isLoopback(hostname)
  switch (failure.kind) {
    case 'refused':
      return outside(`${upperFirst(peer)} refused the connection.`, {
        code: 'connection_refused',
        hint:
          checkProxy ??
          (local
            ? 'is the emulator running? start it with "acs-env emulator"'
            : 'is a firewall in between, or a proxy that HTTPS_PROXY should name?'),
      })
    case 'unknown-host':
      return outside(
        `There is no host ${proxy === undefined ? `"${printable(hostname)}"` : `with the name in ${variable}`}.`,
        {
          code: 'unknown_host',
          hint: checkProxy ?? 'check the endpoint for a typing mistake; a deleted resource has no host any more',
        },
      )
    case 'name-server':
      return outside(`The address of ${peer} could not be looked up.`, {
        code: 'no_network',
        hint: 'check the network connection',
      })
    case 'unreachable':
      return outside(`${upperFirst(peer)} cannot be reached from here.`, {
        code: 'no_network',
        hint: 'check the network connection',
      })
    case 'timeout':
      return outside(`${host} did not answer in time${through}.`, {
        code: 'timeout',
        hint: 'try again; if it stays so, check the network, VPN or proxy',
      })
    case 'broken':
      return outside(`The connection to ${host} broke off${through}.`, { code: 'connection_broken', hint: 'try again' })
    case 'certificate':
      return outside(`The certificate of ${host} is not trusted (${printable(failure.code ?? '')}).`, {
        code: 'certificate',
        hint: local
          ? 'set NODE_EXTRA_CA_CERTS to the ca.pem that "acs-env emulator --https" names'
          : 'behind a company proxy, set NODE_EXTRA_CA_CERTS to the file with its certificate',
      })
    case 'no-tls':
      return outside(
        `${proxy === undefined ? host : `${host} or ${proxy}`} does not speak TLS that is understood here (${printable(failure.code ?? '')}).`,
        {
          code: 'no_tls',
          hint: local
            ? 'an emulator without --https has an endpoint that begins with http://'
            : variable === undefined
              ? 'check the endpoint; a firewall or sign-in page may be in between'
              : `should the value of ${variable} begin with http://?`,
        },
      )
    case 'proxy':
      return /^socks/i.test(env[variable ?? ''] ?? '')
        ? outside(`${upperFirst(peer)} is of the kind SOCKS, which is not supported.`, {
            code: 'proxy',
            hint: 'name one in HTTPS_PROXY that begins with http://',
          })
        : outside(`The value of ${variable ?? 'the proxy variable'} is not an address.`, {
            code: 'proxy',
            hint: 'it reads http://host:port',
          })
    case 'redirect':
      return outside(`${host} sent the request elsewhere, which is not followed.`, {
        code: 'redirect',
        hint: 'check the endpoint; a sign-in page of the network may be in between',
      })
    case 'malformed':
    case 'answer':
      return outside(`${host} gave an answer that is not one of Communication Services.`, {
        code: 'malformed_answer',
        hint: 'check the endpoint; a proxy or sign-in page may be in between',
      })
    case 'other':
      return outside(`The request to ${host} failed (${printable(failure.code ?? 'unknown reason')}).`, {
        code: 'request_failed',
        hint: 'try again',
      })
  }
}

function serviceSentence({ code, message }: Failure): string {
  const text = [code, message].filter((part) => part !== undefined).join(': ')
  return text === '' ? '' : `, ${printable(text)}`
}

/** A host begins with its name as it is. */
function upperFirst(text: string): string {
  return text.replace(/^the /, 'The ')
}

function outside(message: string, details: ErrorDetails): CliError {
  return new CliError(message, details)
}
