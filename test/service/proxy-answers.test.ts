import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasOpenssl } from '../support/doubles/certificate.ts'
import { says, startConnectProxy, tunnels, type ProxyAnswer } from '../support/doubles/connect-proxy.ts'
import { json, MARKED_KEY } from '../support/doubles/faulty-service.ts'
import { issues, REMOTE_HOST, startRemoteService, type RemoteService } from '../support/doubles/remote-service.ts'
import { runBuilt, type BuiltRun } from '../support/programs/built.ts'

const ENDPOINT = `endpoint=https://${REMOTE_HOST}/;accesskey=${MARKED_KEY}`
const PASSWORD = 'proxy-password'
const LIMIT_MS = 15_000

const issueFrom = (connectionString: string, env: Readonly<Record<string, string>>): Promise<BuiltRun> =>
  runBuilt(['issue', '--scope', 'chat', '--connection-string', connectionString], { env })

const answers = (status: string, headers = '', body = ''): ProxyAnswer =>
  says(`HTTP/1.1 ${status}\r\n${headers}\r\n${body}`)
const PAGE = '<html><body>Sign in</body></html>'
const HTML = `Content-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n`

/** What a proxy does with the request for a tunnel, the message about it, and the hint. The exit code is always 1. */
const TABLE: readonly (readonly [string, ProxyAnswer, RegExp, RegExp])[] = [
  ['403', answers('403 Forbidden'), /does not let requests to contoso\.invalid through \(403\)/, /ask whoever runs it/],
  ['403 with a page', answers('403 Forbidden', HTML, PAGE), /does not let requests .* \(403\)/, /NO_PROXY/],
  [
    '401',
    answers('401 Unauthorized'),
    /did not accept the user name and password \(401\)/,
    /check them in HTTPS_PROXY/,
  ],
  [
    '407',
    answers('407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="a, b"\r\n'),
    /did not accept the user name and password \(407\)/,
    /check them in HTTPS_PROXY; .*%25 for %/,
  ],
  [
    '407 for NTLM alone',
    answers('407 Proxy Authentication Required', 'Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n'),
    /did not accept .* \(407\)/,
    /NTLM or Kerberos alone: .*px or cntlm/,
  ],
  ['400', answers('400 Bad Request'), /did not make a connection to .* \(400\)/, /address of an HTTP proxy/],
  ['404', answers('404 Not Found', HTML, PAGE), /did not make a connection to .* \(404\)/, /web server or a PAC file/],
  ['405', answers('405 Method Not Allowed'), /did not make a connection to .* \(405\)/, /address of an HTTP proxy/],
  ['501', answers('501 Not Implemented'), /did not make a connection to .* \(501\)/, /address of an HTTP proxy/],
  ['429', answers('429 Too Many Requests', 'Retry-After: 60\r\n'), /too many requests \(429\)/, /again in 1 min/],
  ['500', answers('500 Internal Server Error'), /could not reach contoso\.invalid \(500\)/, /typing mistake/],
  ['502', answers('502 Bad Gateway', HTML, PAGE), /could not reach contoso\.invalid \(502\)/, /typing mistake/],
  ['503', answers('503 Unavailable', 'Retry-After: 120\r\n'), /could not reach .* \(503\)/, /again in 2 min/],
  ['504', answers('504 Gateway Timeout'), /could not reach contoso\.invalid \(504\)/, /typing mistake/],
  ['302', answers('302 Found', 'Location: http://127.0.0.1:9/\r\n'), /sent the request elsewhere \(302\)/, /browser/],
  ['200 and a page', answers('200 OK', HTML, PAGE), /answered with a page .* \(200\)/, /address of an HTTP proxy/],
  [
    '200 and a page that follows',
    (client) => {
      client.write(`HTTP/1.1 200 OK\r\n${HTML}\r\n`)
      setTimeout(() => client.end(PAGE), 100)
    },
    /answered with a page .* \(200\)/,
    /address of an HTTP proxy/,
  ],
  ['a page without HTTP', says(PAGE), /does not speak HTTP/, /port and the scheme in HTTPS_PROXY/],
  ['garbage', says('\u0000\u0001\u0002\u0003\u001B[2J\r\n\r\n'), /does not speak HTTP/, /port and the scheme/],
  ['what a TLS server says', says('\u0015\u0003\u0003\u0000\u0002\u0002\u0050'), /does not speak HTTP/, /scheme/],
  [
    'headers without end',
    (client) => client.write(`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(100_000)}`),
    /speak HTTP/,
    /port/,
  ],
  ['nothing, and closes', (client) => client.end(), /closed the connection without an answer/, /port and the scheme/],
  ['nothing, and breaks off', (client) => client.resetAndDestroy(), /closed the connection without/, /HTTPS_PROXY/],
  ['nothing', () => undefined, /did not answer in time/, /check the value of HTTPS_PROXY/],
]

describe('what a proxy answers is its own word', () => {
  it.concurrent.each(TABLE)('%s: 1', async (_, answer, message, hint) => {
    // From its first request on: on a busy machine Node takes its time to start.
    let askedMs: number | undefined
    const proxy = await startConnectProxy((...call) => {
      askedMs ??= performance.now()
      answer(...call)
    })
    const run = await issueFrom(ENDPOINT, { HTTPS_PROXY: `http://user:${PASSWORD}@${proxy.address}` })
    const endedMs = performance.now()
    await proxy.close()
    const [error = '', hinted = '', ...rest] = run.stderr.trimEnd().split('\n')
    expect(error).toMatch(/^error: The proxy in HTTPS_PROXY \P{C}*\.$/u)
    expect(error).toMatch(message)
    expect(hinted).toMatch(/^hint: \P{C}+$/u)
    expect(hinted).toMatch(hint)
    expect({ rest, stdout: run.stdout, exitCode: run.exitCode }).toEqual({ rest: [], stdout: '', exitCode: 1 })
    expect(run.stderr).not.toMatch(new RegExp(`${PASSWORD}|${btoa(`user:${PASSWORD}`)}`))
    expect(endedMs - (askedMs ?? 0)).toBeLessThan(LIMIT_MS)
    expect(proxy.requests[0]).toMatch(/^CONNECT contoso\.invalid:443 HTTP\/1\.1\r\n/)
  })

  it('what passes is tried again, since nothing has reached the service', async () => {
    const statuses = ['502 Bad Gateway', '503 Unavailable', '429 Slow Down', '407 Proxy Authentication Required']
    const counts = await Promise.all(
      statuses.map(async (status) => {
        const proxy = await startConnectProxy(answers(status))
        await issueFrom(ENDPOINT, { HTTPS_PROXY: proxy.url })
        await proxy.close()
        return proxy.requests.length
      }),
    )
    expect(counts).toEqual([4, 4, 4, 1])
  })

  it('a missing user name is not confused with a refused one', async () => {
    const proxy = await startConnectProxy(answers('407 Proxy Authentication Required'))
    const run = await issueFrom(ENDPOINT, { https_proxy: proxy.url })
    await proxy.close()
    expect(run.stderr).toMatch(
      /^error: The proxy in https_proxy wants a user name and password \(407\)\.\nhint: .*https_proxy/,
    )
  })
})

describe.skipIf(!hasOpenssl())('what comes through the tunnel', () => {
  let service: RemoteService
  beforeAll(async () => {
    service = await startRemoteService(issues)
  })
  afterAll(() => service.close())

  const through = async (to: RemoteService, answer: ProxyAnswer = tunnels): Promise<BuiltRun> => {
    const proxy = await startConnectProxy(answer)
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: to.certificate.certificatePath }
    const run = await issueFrom(to.connectionString, env)
    await proxy.close()
    return run
  }

  it.each(['200 OK', '204 No Content', '299 Whatever'])('any answer of success opens it: %s', async (status) => {
    const proxy = await startConnectProxy((client, upstream) => {
      const { write } = client
      client.write = (bytes: string | Uint8Array, ...rest: []) => {
        client.write = write
        return client.write(String(bytes).replace('200 Connection established', status), ...rest)
      }
      upstream()
    })
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: service.certificate.certificatePath }
    expect(await issueFrom(service.connectionString, env)).toMatchObject({ exitCode: 0, stdout: 'eyJ.issued.token\n' })
    await proxy.close()
  })

  it.each<[string, Parameters<typeof startRemoteService>[0], RegExp, number]>([
    ['the service that refuses', json(403, { error: { code: 'Denied', message: 'no' } }), /refused the access key/, 4],
    ['the same without a word', json(401, {}, { 'ms-cv': 'a.0' }), /refused the access key/, 4],
    [
      'something else that refuses',
      json(403, {}),
      /^error: Not contoso\.invalid\S* but something on the way answered/,
      1,
    ],
    [
      'a page that refuses',
      (_request, response) => response.writeHead(403, { 'content-type': 'text/html' }).end(PAGE),
      /something on the way answered \(status 403\).*\nhint: .*whoever runs the proxy in HTTPS_PROXY/,
      1,
    ],
    [
      'a gateway of the service',
      (_request, response) => response.writeHead(502, { 'content-type': 'text/html', 'x-azure-ref': 'a' }).end(PAGE),
      /has a problem of its own \(status 502/,
      1,
    ],
  ])('%s', async (_, answer, message, exitCode) => {
    const refusing = await startRemoteService(answer)
    const run = await through(refusing)
    await refusing.close()
    expect(run.stderr).toMatch(message)
    expect(run.exitCode).toBe(exitCode)
  })

  it('a tunnel that ends at once is no answer of the service', async () => {
    const run = await through(service, says('HTTP/1.1 200 OK\r\n\r\n'))
    expect(run.stderr).toMatch(
      /^error: The connection to contoso\.invalid\S* broke off, through the proxy in HTTPS_PROXY\.\nhint/,
    )
    expect(run.exitCode).toBe(1)
  })
})

describe('a web page in the place of the service, where no proxy is named', () => {
  it.skipIf(!hasOpenssl())('is not taken for a refusal', async () => {
    const page = await startRemoteService((_request, response) =>
      response.writeHead(403, { 'content-type': 'text/html' }).end(PAGE),
    )
    const local = page.connectionString.replace(REMOTE_HOST, '127.0.0.1')
    const run = await issueFrom(local, { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' })
    await page.close()
    expect(run.stderr).toMatch(
      /^error: A web page came in place of an answer from 127\.0\.0\.1:\d+ \(status 403\)\.\nhint/,
    )
    expect(run.exitCode).toBe(1)
  })
})
