import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate, type Certificate, type CertificateOptions } from './certificate.ts'
import { startFaultyService, type Answer, type FaultyService } from './faulty-service.ts'

/** Nobody has this name, RFC 6761 says so; a proxy of the tests finds it on this machine. */
export const REMOTE_HOST = 'contoso.invalid'

export interface RemoteService extends Pick<FaultyService, 'requests' | 'close'> {
  readonly connectionString: string
  /** `contoso.invalid:PORT` */
  readonly host: string
  readonly certificate: Certificate
}

/** A service over TLS at the name of another machine, which can be reached only through a proxy. */
export async function startRemoteService(answer: Answer, options: CertificateOptions = {}): Promise<RemoteService> {
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-remote-'))
  const certificate = makeCertificate(directory, { names: `DNS:${REMOTE_HOST}`, ...options })
  const service = await startFaultyService(answer, certificate)
  const connectionString = service.connectionString.replace('127.0.0.1', REMOTE_HOST)
  return {
    connectionString,
    host: new URL(/endpoint=([^;]*)/.exec(connectionString)?.[1] ?? '').host,
    certificate,
    requests: service.requests,
    close: async () => {
      await service.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** The answer to who asks for a new identity and a token, which lives for an hour. */
export const issues: Answer = (_request, response) => {
  const id = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
  const accessToken = { token: 'eyJ.issued.token', expiresOn: new Date(Date.now() + 3_600_000).toISOString() }
  response
    .writeHead(201, { 'content-type': 'application/json', 'ms-cv': 'a.0' })
    .end(JSON.stringify({ identity: { id }, accessToken }))
}
