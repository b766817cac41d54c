import { createHash, createHmac } from 'node:crypto'
import { type IncomingHttpHeaders, request, type RequestOptions } from 'node:http'
import type { Emulator } from '../../src/emulator/server.ts'

/** A request signed by hand, as no SDK would send it. */
export interface RawRequest {
  readonly method?: string
  readonly path?: string
  readonly body?: string
  /** What is signed and hashed, where that is not what is sent. */
  readonly signed?: { readonly path?: string; readonly body?: string; readonly host?: string; readonly date?: string }
  readonly accessKey?: string
  readonly date?: string
  readonly dateHeader?: 'x-ms-date' | 'date'
  /** Added last; undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export const VERSION = '?api-version=2023-10-01'

/** The access key in an emulator's connection string. */
export function accessKeyOf(emulator: Emulator): string {
  return emulator.connectionString.replace(/^.*;accesskey=/, '')
}

/** Sends a request with a signature written out here, apart from the code it tests. */
export function send(emulator: Emulator, raw: RawRequest = {}): Promise<RawAnswer> {
  const { method = 'POST', path = `/identities${VERSION}`, body = '', dateHeader = 'x-ms-date', signed = {} } = raw
  const { hostname, port, host } = new URL(emulator.endpoint)
  const date = raw.date ?? new Date().toUTCString()
  const hash = createHash('sha256')
    .update(signed.body ?? body)
    .digest('base64')
  const text = `${method}\n${signed.path ?? path}\n${signed.date ?? date};${signed.host ?? host};${hash}`
  const key = Buffer.from(raw.accessKey ?? accessKeyOf(emulator), 'base64')
  const signature = createHmac('sha256', key).update(text).digest('base64')
  const headers = Object.entries({
    'Content-Type': 'application/json',
    [dateHeader]: date,
    'x-ms-content-sha256': hash,
    Authorization: `HMAC-SHA256 SignedHeaders=${dateHeader};host;x-ms-content-sha256&Signature=${signature}`,
    ...raw.headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return exchange({ hostname, port, method, path, headers: Object.fromEntries(headers), agent: false }, body)
}

function exchange(options: RequestOptions, body: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
