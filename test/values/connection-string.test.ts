import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CliError } from '../../src/errors.ts'
import { isMistake, parseConnectionString, readStoredConnectionString } from '../../src/values/connection-string.ts'
import { connectionStringShapes } from '../support/arbitraries/connection-string-shapes.ts'

const KEY = Buffer.from(Array.from({ length: 64 }, (_, byte) => byte)).toString('base64')
const CANONICAL = `endpoint=https://contoso.unitedstates.communication.azure.com/;accesskey=${KEY}`
const HOST = 'https://contoso.unitedstates.communication.azure.com'

describe('connection strings as people have them', () => {
  it.each(connectionStringShapes(HOST, KEY))('%s', (_, text) => {
    expect(parseConnectionString(text).secret.reveal()).toBe(CANONICAL)
  })

  it.each([
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://localhost', 'localhost'],
    ['http://[::1]:9', '[::1]:9'],
  ])('plain http to this machine: %s', (endpoint, host) => {
    const parsed = parseConnectionString(`endpoint=${endpoint};accesskey=${KEY}`)
    expect(parsed).toMatchObject({ host, endpoint: `${endpoint}/` })
  })

  it.each([
    'http://127.0.0.1.evil.com',
    'http://localhost.evil.com',
    'http://127.evil.com',
    'http://0.0.0.0',
    'http://example.com',
  ])('no plain http to %s', (endpoint) => {
    expect(() => parseConnectionString(`endpoint=${endpoint};accesskey=${KEY}`)).toThrow('unencrypted')
  })

  it('takes a short key of another service that calls itself so only in whole base64', () => {
    for (const key of ['a2V5', 'a2U=', 'aw==']) {
      expect(parseConnectionString(`endpoint=${HOST};accesskey=${key}`).secret.reveal()).toContain(key)
    }
    for (const key of ['a', 'a2V', 'a2V5=', '=', 'a2V5a2']) {
      expect(() => parseConnectionString(`endpoint=${HOST};accesskey=${key}`)).toThrow(CliError)
    }
  })

  it('is judged alike whether it is canonical or has to be taken apart', () => {
    const label = fc.oneof(
      fc.constantFrom(
        'contoso',
        'your-resource',
        'x',
        'xxxx',
        'change-me',
        'replace-with',
        'placeholder',
        'xn--a',
        '-',
        '',
      ),
      fc.stringMatching(/^[a-z\d-]{1,12}$/),
    )
    const domain = fc.constantFrom(
      'communication.azure.com',
      'azconfig.io',
      'service.signalr.net',
      'localhost',
      '127.0.0.1',
    )
    const port = fc.constantFrom('', ':443', ':8443', ':0443', ':99999')
    const key = fc.oneof(fc.constant(KEY), fc.constant('your'.repeat(10)), fc.constant('A'.repeat(38)))
    const judge = (text: string): string => {
      try {
        const { endpoint, host, secret } = parseConnectionString(text)
        return `${endpoint} ${host} ${secret.reveal()}`
      } catch (error) {
        return String(error)
      }
    }
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), domain, port, key, (labels, name, suffix, accessKey) => {
        const endpoint = `endpoint=https://${[...labels, name].join('.')}${suffix}/`
        expect(judge(`${endpoint};accesskey=${accessKey}`)).toBe(judge(`accesskey=${accessKey};${endpoint}`))
      }),
      { numRuns: 2_000 },
    )
  })

  it('never lets a secret into its mask, nor fails with anything but a sentence of its own', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'endpoint',
        'accesskey',
        '=',
        ';',
        HOST,
        KEY,
        '"',
        "'",
        ' ',
        'export X=',
        'setx X ',
        '\n',
        '<your-key>',
        '%',
        '@',
      ),
      fc.string({ maxLength: 12, unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        try {
          const { secret, endpoint } = parseConnectionString(text)
          expect(secret.reveal()).toMatch(/^endpoint=https?:\/\/[^/\s]+\/;accesskey=[\w+/]+=*$/)
          expect(parseConnectionString(secret.reveal())).toMatchObject({ endpoint })
          expect(`${secret}${JSON.stringify(secret)}`).not.toContain(KEY.slice(0, 12))
        } catch (error) {
          expect(error).toBeInstanceOf(CliError)
          expect(String(error)).not.toContain(KEY.slice(0, 12))
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('a stored connection string', () => {
  it.each(['https://x.communication.azure.com', 'https://localhost:8443', 'http://127.0.0.1:8080'])(
    'at %s is read alike',
    (origin) => {
      const text = `endpoint=${origin}/;accesskey=${KEY}`
      const { secret, ...rest } = parseConnectionString(text)
      const stored = readStoredConnectionString(text)
      if (isMistake(stored)) throw new Error(stored.message)
      expect(stored).toMatchObject(rest)
      expect(stored.secret.equals(secret)).toBe(true)
    },
  )

  it.each(['x.communication.azure.com:99999', '1.2.3.4.5', '256.1.1.1', 'xn--a.example'])(
    'at %s is refused',
    (host) => {
      expect(isMistake(readStoredConnectionString(`endpoint=https://${host}/;accesskey=${KEY}`))).toBe(true)
    },
  )
})
