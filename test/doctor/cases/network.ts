import { hasOpenssl } from '../../support/doubles/certificate.ts'
import { says, startConnectProxy, tunnels } from '../../support/doubles/connect-proxy.ts'
import { startFaultyService, unusedPort } from '../../support/doubles/faulty-service.ts'
import { issues, startRemoteService } from '../../support/doubles/remote-service.ts'
import type { DoctorBench } from '../../support/homes/doctor-bench.ts'
import type { DoctorCase } from './doctor-case.ts'

const REMOTE = 'https://contoso.invalid/'
const HOUR_MS = 60 * 60_000

type Part = Omit<DoctorCase, 'level' | 'args'>

/** What is wrong on the way to the service. */
export const networkCases: readonly DoctorCase[] = [
  ...(
    [
      {
        id: 'network.name',
        why: 'the resource is gone, or was never there',
        arrange: ({ pointTo }) => pointTo(REMOTE),
        finds: /^There is no host "contoso\.invalid"\.$|^The address of contoso\.invalid could not be looked up\.$/,
      },
      {
        id: 'network.connection',
        why: 'nothing listens there',
        arrange: async ({ pointTo }) => pointTo(`http://127.0.0.1:${await unusedPort()}/`),
        finds: /^127\.0\.0\.1:\d+ refused the connection\.$/,
        cure: /^Is the emulator running\?/,
      },
      {
        id: 'network.connection',
        why: 'a page to sign in answers',
        arrange: (bench) => answer(bench, 302, { location: 'https://sign.in.example/' }),
        finds: /sent the request elsewhere/,
      },
      {
        id: 'network.tls',
        why: 'no TLS is spoken there',
        arrange: async (bench) => bench.pointTo((await serve(bench, 404)).replace('http:', 'https:')),
        finds: /does not speak TLS that is understood here/,
      },
      {
        id: 'network.proxy',
        why: 'the proxy is not there',
        arrange: async ({ pointTo }) => {
          pointTo(REMOTE)
          return { env: { HTTPS_PROXY: `http://127.0.0.1:${await unusedPort()}` } }
        },
        finds: /^The proxy in HTTPS_PROXY refused the connection\.$/,
      },
      {
        id: 'network.proxy',
        why: 'the proxy is of a kind that is not supported',
        arrange: ({ pointTo }) => {
          pointTo(REMOTE)
          return { env: { HTTPS_PROXY: 'socks5://127.0.0.1:1080' } }
        },
        finds: /^The proxy in HTTPS_PROXY is of the kind SOCKS/,
      },
      ...(['403 Forbidden', '407 Proxy Authentication Required'] as const).map((status): Part => ({
        id: 'network.proxy',
        why: `the proxy says ${status}`,
        arrange: async (bench) => {
          bench.pointTo(REMOTE)
          const proxy = await startConnectProxy(says(`HTTP/1.1 ${status}\r\n\r\n`))
          bench.later(() => proxy.close())
          return { env: { HTTPS_PROXY: proxy.url.replace('//', '//user:a-long-password@') } }
        },
        finds:
          /^The proxy in HTTPS_PROXY does not let|^The proxy in HTTPS_PROXY did not accept the user name and password/,
      })),
      {
        id: 'network.clock',
        why: 'the clock is an hour ahead',
        arrange: (bench) => answer(bench, 404, { date: new Date(Date.now() - HOUR_MS).toUTCString() }),
        finds: /^This computer's clock is 60 min ahead|^This computer's clock is 1 h ahead/,
        cure: /^Set the clock\.$/,
      },
      ...(hasOpenssl()
        ? [
            {
              id: 'network.tls',
              why: 'nobody vouches for the certificate',
              arrange: async (bench: DoctorBench) => {
                const [service, proxy] = await Promise.all([startRemoteService(issues), startConnectProxy(tunnels)])
                bench.later(() => Promise.all([service.close(), proxy.close()]))
                bench.pointTo(`https://${service.host}/`)
                return { env: { HTTPS_PROXY: proxy.url } }
              },
              finds: /^The certificate of contoso\.invalid:\d+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/,
              cure: /NODE_EXTRA_CA_CERTS/,
            },
          ]
        : []),
    ] satisfies readonly Part[]
  ).map((part): DoctorCase => ({ ...part, args: ['--no-shell'], level: 'error' })),
  ...(
    [
      ['there is no such file', undefined],
      ['it has no certificate in PEM form', 'a certificate that is none'],
      ['a certificate in it is damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ] as const
  ).map(([problem, text]): DoctorCase => ({
    id: 'network.ca-file',
    why: problem,
    arrange: ({ home }) => ({
      env: { NODE_EXTRA_CA_CERTS: text === undefined ? '/none/ca.pem' : home.write('ca.pem', text) },
    }),
    finds: new RegExp(`the file in NODE_EXTRA_CA_CERTS: ${problem}\\.$`),
  })),
]

async function serve(
  bench: DoctorBench,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const service = await startFaultyService((_request, response) => void response.writeHead(status, headers).end())
  bench.later(() => service.close())
  return /endpoint=([^;]*)/.exec(service.connectionString)?.[1] ?? ''
}

async function answer(bench: DoctorBench, status: number, headers: Readonly<Record<string, string>>): Promise<void> {
  bench.pointTo(await serve(bench, status, headers))
}
