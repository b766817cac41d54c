import type { CliError } from '../errors.ts'
import type { Failure } from './failure.ts'
import type { UnusableProxy } from './proxy.ts'
import { nameProxy, outside, upperFirst, waitHint, type FailureContext } from './wording.ts'

const ESCAPES = 'special characters in the password are written as escapes: %23 for #, %2F for /, %3F for ?, %25 for %'
/** They need several requests on one connection and a domain's secrets, which Node and the SDKs do not do either. */
const CONNECTION_SCHEMES = ['ntlm', 'negotiate', 'kerberos']

/** What the proxy answered instead of making a tunnel. None of it comes from the service, whatever the status. */
export function explainProxyAnswer(
  failure: Failure & { readonly kind: 'proxy-answer' | 'proxy-garbage' },
  { host, route }: FailureContext,
): CliError {
  const variable = route.kind === 'proxy' ? route.variable : 'HTTPS_PROXY'
  const proxy = upperFirst(nameProxy({ variable }))
  const checkAddress = `is the value of ${variable} the address of an HTTP proxy? A web server or a PAC file is none`
  if (failure.kind === 'proxy-garbage') {
    return outside(`${proxy} does not speak HTTP.`, {
      code: 'proxy_not_http',
      hint: `check the port and the scheme in ${variable}; a SOCKS proxy is not supported`,
    })
  }
  const { status, retryAfterMs } = failure
  if (status === 407 || status === 401) {
    const hasCredentials = route.kind === 'proxy' && route.authorization !== undefined
    return outside(
      hasCredentials
        ? `${proxy} did not accept the user name and password (${status}).`
        : `${proxy} wants a user name and password (${status}).`,
      { code: 'proxy_authentication', hint: signInHint(failure.schemes, variable, hasCredentials) },
    )
  }
  if (status === 403) {
    return outside(`${proxy} does not let requests to ${host} through (403).`, {
      code: 'proxy_refused',
      hint: `ask whoever runs it to allow ${host}; if it is reached without a proxy, add it to NO_PROXY`,
    })
  }
  if (status === 429) {
    return outside(`${proxy} has had too many requests (429).`, {
      code: 'proxy_refused',
      hint: waitHint(retryAfterMs) ?? 'wait a minute and try again',
    })
  }
  if (status >= 500 && status !== 501) {
    return outside(`${proxy} could not reach ${host} (${status}).`, {
      code: 'proxy_failed',
      hint: waitHint(retryAfterMs) ?? 'check the endpoint for a typing mistake; else ask whoever runs the proxy',
    })
  }
  if (status >= 300 && status < 400) {
    return outside(`${proxy} sent the request elsewhere (${status}), which is not followed.`, {
      code: 'proxy_redirect',
      hint: 'does the network want a sign-in first? Open a page in a browser',
    })
  }
  if (status >= 200 && status < 300) {
    return outside(`${proxy} answered with a page instead of a connection to ${host} (${status}).`, {
      code: 'proxy_no_tunnel',
      hint: checkAddress,
    })
  }
  return outside(`${proxy} did not make a connection to ${host} (${status}).`, {
    code: 'proxy_no_tunnel',
    hint: checkAddress,
  })
}

/** A value that is no address of a proxy that could be used. */
export function explainUnusableProxy({ variable, problem }: UnusableProxy): CliError {
  const asHttp = `name one in ${variable} that begins with http://`
  switch (problem) {
    case 'socks':
      return outside(`${upperFirst(nameProxy({ variable }))} is of the kind SOCKS, which is not supported.`, {
        code: 'proxy',
        hint: asHttp,
      })
    case 'scheme':
      return outside(`${upperFirst(nameProxy({ variable }))} is of a kind that is not supported.`, {
        code: 'proxy',
        hint: asHttp,
      })
    case 'address':
      return outside(`The value of ${variable} is not an address.`, {
        code: 'proxy',
        hint: 'it reads http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT',
      })
    case 'raw-character':
      return outside(`The value of ${variable} is not an address.`, { code: 'proxy', hint: ESCAPES })
  }
}

function signInHint(schemes: readonly string[], variable: string, hasCredentials: boolean): string {
  if (schemes.some((scheme) => CONNECTION_SCHEMES.includes(scheme)) && !schemes.includes('basic')) {
    return 'it takes NTLM or Kerberos alone: name a helper on this machine that signs in to it, such as px or cntlm'
  }
  return hasCredentials
    ? `check them in ${variable}; ${ESCAPES}`
    : `write them in ${variable}: http://USER:PASSWORD@HOST:PORT`
}
