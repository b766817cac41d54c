import type { CliError } from '../errors.ts'
import type { Environment } from '../system/system.ts'
import { printable } from '../text/printable.ts'
import type { Failure } from './failure.ts'
import { nameProxy, outside, upperFirst, type FailureContext } from './wording.ts'

/** What npm hands on of its own proxy settings to what it starts, npx included. */
const NPM_VARIABLES = ['npm_config_https_proxy', 'npm_config_proxy', 'NPM_CONFIG_HTTPS_PROXY', 'NPM_CONFIG_PROXY']

/** A connection that could not be made, or broke. */
export function explainNetwork(
  { trouble, peer, code }: Failure & { readonly kind: 'network' },
  context: FailureContext,
): CliError {
  const { host, isLocal, route } = context
  const proxy = route.kind === 'proxy' ? nameProxy(route) : undefined
  const isProxy = peer === 'proxy' && proxy !== undefined
  // It is the proxy alone whose name is looked up here and whose address is connected to.
  const who = isProxy ? proxy : host
  const through = isProxy || proxy === undefined ? '' : `, through ${proxy}`
  const checkProxy = route.kind === 'proxy' && isProxy ? `check the value of ${route.variable}` : undefined
  const wayOut = checkProxy ?? proxyHint(context)
  switch (trouble) {
    case 'refused':
      return outside(`${upperFirst(who)} refused the connection.`, {
        code: 'connection_refused',
        hint:
          wayOut ??
          (isLocal
            ? 'is the emulator running? start it with "acs-env emulator"'
            : 'is a firewall in between, or a proxy that HTTPS_PROXY should name?'),
      })
    case 'unknown-host': {
      const name = isProxy ? `with the name in ${variableOf(context)}` : `"${printable(host.replace(/:\d+$/, ''))}"`
      return outside(`There is no host ${name}.`, {
        code: 'unknown_host',
        hint:
          wayOut ??
          'check the endpoint for a typing mistake; a deleted resource has no host any more; behind a company proxy set HTTPS_PROXY',
      })
    }
    case 'name-server':
      return outside(`The address of ${who} could not be looked up.`, {
        code: 'no_network',
        hint: proxyHint(context) ?? 'check the network connection',
      })
    case 'unreachable':
      return outside(`${upperFirst(who)} cannot be reached from here.`, {
        code: 'no_network',
        hint: proxyHint(context) ?? 'check the network connection',
      })
    case 'timeout':
      return outside(`${upperFirst(who)} did not answer in time${through}.`, {
        code: 'timeout',
        hint: wayOut ?? 'try again; if it stays so, check the network, VPN or proxy',
      })
    case 'broken':
      return isProxy
        ? outside(`${upperFirst(who)} closed the connection without an answer.`, {
            code: 'connection_broken',
            hint: `is the value of ${variableOf(context)} the address of an HTTP proxy? Check the port and the scheme`,
          })
        : outside(`The connection to ${host} broke off${through}.`, {
            code: 'connection_broken',
            hint: proxyHint(context) ?? 'try again',
          })
    case 'no-tls':
      return outside(`${upperFirst(who)} does not speak TLS that is understood here${through} (${code ?? ''}).`, {
        code: 'no_tls',
        hint: isProxy
          ? `should the value of ${variableOf(context)} begin with http://?`
          : isLocal
            ? 'an emulator without --https has an endpoint that begins with http://'
            : 'check the endpoint; a firewall or sign-in page may be in between',
      })
    case 'other':
      return outside(`The request to ${who} failed${through} (${code ?? 'unknown reason'}).`, {
        code: 'request_failed',
        hint: 'try again',
      })
  }
}

/** For a host that was asked directly: why a proxy that there seems to be was not used. */
function proxyHint({ route, env, isLocal, host }: FailureContext): string | undefined {
  if (isLocal) return undefined
  if (route.kind === 'excepted')
    return `${route.by} keeps ${host} from going through ${nameProxy(route)}: is that right?`
  const npmVariable = route.kind === 'direct' ? npmProxyVariable(env) : undefined
  return npmVariable === undefined
    ? undefined
    : `npm goes through a proxy of its own (${npmVariable}): set HTTPS_PROXY to the same address`
}

function npmProxyVariable(env: Environment): string | undefined {
  // npm writes what is switched off as a word.
  return NPM_VARIABLES.find((name) => env[name] !== undefined && !/^(?:null|false|undefined)$/.test(env[name] ?? ''))
}

function variableOf({ route }: FailureContext): string {
  return route.kind === 'proxy' ? route.variable : 'HTTPS_PROXY'
}
