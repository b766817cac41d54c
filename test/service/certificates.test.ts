import { describe, expect, it } from 'vitest'
import { hasOpenssl, type CertificateOptions } from '../support/doubles/certificate.ts'
import { startConnectProxy, tunnels } from '../support/doubles/connect-proxy.ts'
import { issues, REMOTE_HOST, startRemoteService } from '../support/doubles/remote-service.ts'
import { runBuilt, type BuiltOptions, type BuiltRun } from '../support/programs/built.ts'
import { testNodes } from '../support/programs/nodes.ts'

type Trust = 'trusted' | 'not trusted'
type Env = Readonly<Record<string, string>>

/** Asks a service at a remote name, whose certificate is like this, for a token. */
async function ask(
  certificate: CertificateOptions,
  trust: Trust,
  more: (certificatePath: string) => Env = () => ({}),
  options: BuiltOptions = {},
): Promise<BuiltRun> {
  const [service, proxy] = await Promise.all([startRemoteService(issues, certificate), startConnectProxy(tunnels)])
  const { certificatePath } = service.certificate
  const run = await runBuilt(['issue', '--scope', 'chat', '--connection-string', service.connectionString], {
    ...options,
    env: {
      HTTPS_PROXY: proxy.url,
      ...(trust === 'trusted' && { NODE_EXTRA_CA_CERTS: certificatePath }),
      ...more(certificatePath),
    },
  })
  await Promise.all([service.close(), proxy.close()])
  return run
}

describe.skipIf(!hasOpenssl())('a certificate that is not accepted', () => {
  it.each<[string, CertificateOptions, Trust, RegExp, RegExp]>([
    [
      'it has expired',
      { validity: 'ended' },
      'trusted',
      /has expired \(CERT_HAS_EXPIRED\)/,
      /clock says \d{1,2} \w{3} \d{4} \d\d:\d\d: set it if it is wrong; else whoever runs \S+ has to renew it$/,
    ],
    [
      'it is not valid yet',
      { validity: 'to come' },
      'trusted',
      /is not valid yet \(CERT_NOT_YET_VALID\)/,
      /clock says \d{1,2} \w{3} \d{4} \d\d:\d\d: set it$/,
    ],
    [
      'it is for another name',
      { names: 'DNS:other.example' },
      'trusted',
      /is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
      /check the endpoint, the DNS, and the private link/,
    ],
    [
      'nobody vouches for it',
      {},
      'not trusted',
      /is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
      /set NODE_EXTRA_CA_CERTS/,
    ],
  ])('%s: 1', async (_, certificate, trust, message, hint) => {
    const { stderr, stdout, exitCode } = await ask(certificate, trust)
    const [error = '', hinted = '', ...rest] = stderr.trimEnd().split('\n')
    expect(error).toMatch(/^error: The certificate of contoso\.invalid:\d+ /)
    expect(error).toMatch(message)
    expect(hinted).toMatch(/^hint: /)
    expect(hinted).toMatch(hint)
    expect({ rest, stdout, exitCode }).toEqual({ rest: [], stdout: '', exitCode: 1 })
  })

  it('a file with authorities that is there already is named as such', async () => {
    const other = await startRemoteService(issues)
    const run = await ask({}, 'not trusted', () => ({ NODE_EXTRA_CA_CERTS: other.certificate.certificatePath }))
    await other.close()
    expect(run.stderr).toMatch(/is not trusted .*\nhint: .* into the file in NODE_EXTRA_CA_CERTS/)
  })

  it.each(testNodes())('the store of the system is named where Node $version can use it', async ({ path }) => {
    const hinted = await ask({}, 'not trusted', () => ({}), { nodePath: path })
    const asHinted = (certificatePath: string): Env => ({ NODE_USE_SYSTEM_CA: '1', SSL_CERT_FILE: certificatePath })
    const tried = await ask({}, 'not trusted', asHinted, { nodePath: path })
    expect(hinted.exitCode).toBe(1)
    expect(tried.exitCode).toBe(hinted.stderr.includes('NODE_USE_SYSTEM_CA=1') ? 0 : 1)
  })

  it('is not accepted with NODE_TLS_REJECT_UNAUTHORIZED=0 either, but for one of this machine', async () => {
    const unchecked = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }
    const remote = await ask({}, 'not trusted', () => unchecked)
    expect(remote.stderr).toMatch(/^error: .* is not trusted .*\nhint: .*NODE_TLS_REJECT_UNAUTHORIZED=0 is not obeyed/)
    expect([remote.exitCode, remote.stdout]).toEqual([1, ''])
    const service = await startRemoteService(issues)
    const local = service.connectionString.replace(REMOTE_HOST, '127.0.0.1')
    const run = await runBuilt(['issue', '--scope', 'chat', '--connection-string', local], { env: unchecked })
    await service.close()
    expect(run).toMatchObject({ exitCode: 0, stdout: 'eyJ.issued.token\n' })
  })

  it("the proxy's own is not taken for the service's", async () => {
    const [service, proxy] = await Promise.all([
      startRemoteService(issues, { names: 'DNS:proxy.example' }),
      startRemoteService(issues),
    ])
    const port = /:(\d+)$/.exec(proxy.host)?.[1]
    const args = ['issue', '--scope', 'chat', '--connection-string', service.connectionString]
    const env = { HTTPS_PROXY: `https://127.0.0.1:${port}` }
    const untrusted = await runBuilt(args, { env })
    expect(untrusted.stderr).toMatch(/^error: The certificate of the proxy in HTTPS_PROXY is not trusted .*\nhint: /)
    const trusted = { ...env, NODE_EXTRA_CA_CERTS: proxy.certificate.certificatePath }
    const misnamed = await runBuilt(args, { env: trusted })
    expect(misnamed.stderr).toMatch(
      /^error: The certificate of the proxy in HTTPS_PROXY is for another name .*\nhint: .*HTTPS_PROXY/,
    )
    expect([untrusted.exitCode, misnamed.exitCode]).toEqual([1, 1])
    await Promise.all([service.close(), proxy.close()])
  })
})
