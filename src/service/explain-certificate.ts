import type { CliError } from '../errors.ts'
import { formatClock } from '../text/time.ts'
import type { Failure } from './failure.ts'
import { nameProxy, outside, type FailureContext } from './wording.ts'

/** A certificate that is not accepted: four things may be wrong, and each has a remedy of its own. */
export function explainCertificate(
  { problem, peer, code }: Failure & { readonly kind: 'certificate' },
  context: FailureContext,
): CliError {
  const { host, route, now } = context
  const isProxy = peer === 'proxy' && route.kind === 'proxy'
  const whose = isProxy ? nameProxy(route) : host
  const clock = `this computer's clock says ${formatClock(now)}`
  switch (problem) {
    case 'expired':
      return outside(`The certificate of ${whose} has expired (${code}).`, {
        code: 'certificate_expired',
        hint: `${clock}: set it if it is wrong; else whoever runs ${isProxy ? 'the proxy' : host} has to renew it`,
      })
    case 'not-yet-valid':
      return outside(`The certificate of ${whose} is not valid yet (${code}).`, {
        code: 'certificate_not_yet_valid',
        hint: `${clock}: set it`,
      })
    case 'other-name':
      return outside(`The certificate of ${whose} is for another name (${code}).`, {
        code: 'certificate_name',
        hint: isProxy
          ? `write its name in ${route.variable} as the certificate has it`
          : 'another server answers there: check the endpoint, the DNS, and the private link if you have one',
      })
    case 'untrusted':
      return outside(`The certificate of ${whose} is not trusted (${code}).`, {
        code: 'certificate',
        hint: trustHint(context),
      })
  }
}

function trustHint({ isLocal, env, nodeVersion }: FailureContext): string {
  if (isLocal) return 'set NODE_EXTRA_CA_CERTS to the ca.pem that "acs-env emulator --https" names'
  const file =
    env.NODE_EXTRA_CA_CERTS === undefined
      ? 'set NODE_EXTRA_CA_CERTS to the file with its certificate'
      : 'put its certificate into the file in NODE_EXTRA_CA_CERTS'
  const systemStore =
    knowsSystemStore(nodeVersion) && env.NODE_USE_SYSTEM_CA !== '1'
      ? ', or NODE_USE_SYSTEM_CA=1 to trust what this computer trusts'
      : ''
  const unchecked =
    env.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? '; NODE_TLS_REJECT_UNAUTHORIZED=0 is not obeyed here' : ''
  return `behind a company proxy, ${file}${systemStore}${unchecked}`
}

/** Whether this Node reads `NODE_USE_SYSTEM_CA`: from 22.19 and 24.6 on (nodejs/node#59276). */
function knowsSystemStore(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 6) || (major === 22 && minor >= 19)
}
