import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { startFaultyService, type FaultyService } from '../../test/support/doubles/faulty-service.ts'

/** What a service does instead of answering. */
export const TROUBLES = [
  'status 400',
  'status 401',
  'status 403',
  'status 404',
  'status 429',
  'status 500',
  'no JSON',
  'no token',
  'half an answer',
  'a reset',
  'a redirect',
] as const

export type Trouble = (typeof TROUBLES)[number] | 'silence'

export interface MarkedService extends Pick<FaultyService, 'close'> {
  readonly endpoint: string
  /** Every token that it issued. */
  readonly tokens: readonly string[]
  /** The signature of every request: with it anybody could send the same request again. */
  readonly signatures: readonly string[]
}

/** A token of the real shape, with a signature unlike any other. */
export function makeToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { skypeid: 'acs:0_0', exp: 4e9, acsScope: 'chat' }
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${randomBytes(256).toString('base64url')}`
}

/**
 * A service whose tokens are known. In trouble it says as much as it can: the request that it got, the secrets of the
 * client, and a token.
 *
 * @param secrets what a careless service might repeat
 */
export async function startMarkedService(
  trouble: Trouble | undefined,
  secrets: readonly string[],
): Promise<MarkedService> {
  const tokens: string[] = []
  const signatures: string[] = []
  const issue = (): { token: string; expiresOn: string } => {
    const token = makeToken()
    tokens.push(token)
    return { token, expiresOn: new Date(Date.now() + 3_600_000).toISOString() }
  }
  const service = await startFaultyService((request, response) => {
    signatures.push(/Signature=(\S+)/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (trouble === undefined) return answer(request, response, issue)
    const { token } = issue()
    const said = [token, ...secrets, JSON.stringify(request.rawHeaders)].join(' ')
    inTrouble(trouble, response, said, [...secrets, token])
  })
  const endpoint = /endpoint=([^;]*)/.exec(service.connectionString)?.[1] ?? ''
  return { endpoint, tokens, signatures, close: service.close }
}

function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, issue: () => object): void {
  const send = (status: number, body: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  if (method === 'DELETE' || url.includes(':revoke')) response.writeHead(204).end()
  else if (url.includes(':issue') || url.includes(':exchange')) send(200, issue())
  else send(201, { identity: { id: `8:acs:${randomUUID()}_${randomUUID()}` }, accessToken: issue() })
}

function inTrouble(trouble: Trouble, response: ServerResponse, said: string, secrets: readonly string[]): void {
  const send = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  const [kind, status] = trouble.split(' ')
  if (kind === 'status') {
    const code = status === '403' ? secrets[0] : 'Trouble'
    const message = status === '400' ? `No: ${secrets[1] ?? ''} is not one` : said
    send(Number(status), JSON.stringify({ error: { code, message, secrets, innererror: { message: said } } }))
  } else if (trouble === 'no JSON') send(200, `<html>${said}`)
  else if (trouble === 'no token') send(200, JSON.stringify({ tokens: secrets, identity: { id: said } }))
  else if (trouble === 'half an answer') send(200, said, { 'content-length': '100000' })
  else if (trouble === 'a redirect') send(307, said, { location: `http://127.0.0.1:9/${encodeURIComponent(said)}` })
  else if (trouble === 'a reset') response.socket?.resetAndDestroy()
}
