import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestHome } from '../homes/home.ts'
import type { Certificate } from './certificate.ts'

const TENANT = '11111111-1111-1111-1111-111111111111'
export const SUBSCRIPTION = '22222222-2222-2222-2222-222222222222'

/** What the management of Azure answers to a path; undefined for 404. */
export type Management = (method: string, path: string) => AzureAnswer | undefined

export interface AzureAnswer {
  readonly status: number
  readonly body: unknown
}

export interface Azure {
  readonly endpoint: string
  /** `POST /path?query` of each request that came. */
  readonly requests: () => readonly string[]
  /** What the service for tokens answers from now on, in place of a token. */
  refuseTokens(description: string): void
  close(): Promise<void>
}

/**
 * A small Azure on this machine: Entra ID in the shape of AD FS, for which the Azure CLI asks nobody on the internet about
 * the authority, and the management of resources.
 */
export async function startAzure(manage: Management, certificate: Certificate): Promise<Azure> {
  const requests: string[] = []
  let refusal: string | undefined
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request
    requests.push(`${method} ${url}`)
    await text(request)
    // Versions differ in how often they put the authority in front.
    const [path = ''] = url.replace(/^(?:\/adfs)+/, '/adfs').split('?')
    const answer =
      path === '/adfs/oauth2/token' && refusal !== undefined
        ? { status: 400, body: { error: 'invalid_grant', error_description: refusal } }
        : (entra(path) ?? manage(method, url))
    const { status, body } = answer ?? { status: 404, body: { error: { code: 'ResourceNotFound', message: 'none' } } }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
    void onRequest(request, response)
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`

  function entra(path: string): AzureAnswer | undefined {
    const authority = `${endpoint}/adfs`
    if (path === '/adfs/.well-known/openid-configuration') {
      return {
        status: 200,
        body: {
          issuer: authority,
          authorization_endpoint: `${authority}/oauth2/authorize`,
          token_endpoint: `${authority}/oauth2/token`,
          device_authorization_endpoint: `${authority}/oauth2/devicecode`,
        },
      }
    }
    if (path === '/adfs/oauth2/token') {
      return { status: 200, body: { token_type: 'Bearer', access_token: ENTRA_TOKEN, expires_in: 3600 } }
    }
    if (path === '/subscriptions') {
      const subscription = { id: `/subscriptions/${SUBSCRIPTION}`, subscriptionId: SUBSCRIPTION, tenantId: TENANT }
      return { status: 200, body: { value: [{ ...subscription, displayName: 'Development', state: 'Enabled' }] } }
    }
    return path === '/tenants' ? { status: 200, body: { value: [{ tenantId: TENANT }] } } : undefined
  }

  return {
    endpoint,
    requests: () => requests,
    refuseTokens: (description) => (refusal = description),
    close: () =>
      new Promise((settle) => {
        server.close(() => settle())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Opaque, as Entra tokens are to all but the service. */
export const ENTRA_TOKEN = `eyJ0eXAiOiJKV1QifQ.${'entra'.repeat(20)}.signature`

/** Makes the Azure CLI of this home know the small Azure as its cloud; returns the environment that it needs. */
export function configureAzureCli(
  home: TestHome,
  { endpoint }: Azure,
  certificate: Certificate,
): Record<string, string> {
  home.write('.azure/config', '[cloud]\nname = Fake\n[core]\ncollect_telemetry = no\n')
  home.write(
    '.azure/clouds.config',
    `[Fake]
endpoint_management = ${endpoint}/
endpoint_resource_manager = ${endpoint}/
endpoint_active_directory = ${endpoint}/adfs
endpoint_active_directory_resource_id = https://management.fake/
endpoint_active_directory_graph_resource_id = https://graph.fake/
`,
  )
  return { REQUESTS_CA_BUNDLE: certificate.certificatePath }
}
