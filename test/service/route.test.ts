import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isExcepted } from '../../src/service/no-proxy.ts'
import { readRoute, type Route } from '../../src/service/proxy.ts'
import { startConnectProxy, says } from '../support/doubles/connect-proxy.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const ENDPOINT = new URL('https://contoso.europe.communication.azure.com/')

describe('the address of a proxy', () => {
  const routeOf = (value: string): Route => readRoute(ENDPOINT, { HTTPS_PROXY: value })
  const basic = (userInfo: string): string => `Basic ${Buffer.from(userInfo).toString('base64')}`

  it.each<[string, boolean, string, number, string?]>([
    ['http://proxy.corp:8080', false, 'proxy.corp', 8080],
    ['http://proxy.corp:8080/', false, 'proxy.corp', 8080],
    ['http://proxy.corp:8080/proxy.pac?a#b', false, 'proxy.corp', 8080],
    ['HTTP://Proxy.Corp:8080', false, 'proxy.corp', 8080],
    ['  http://proxy.corp:8080  ', false, 'proxy.corp', 8080],
    ['proxy.corp:8080', false, 'proxy.corp', 8080],
    ['127.0.0.1:8080', false, '127.0.0.1', 8080],
    ['localhost:3128', false, 'localhost', 3128],
    ['proxy.corp', false, 'proxy.corp', 80],
    ['http://proxy.corp', false, 'proxy.corp', 80],
    ['https://proxy.corp', true, 'proxy.corp', 443],
    ['https://proxy.corp:8443', true, 'proxy.corp', 8443],
    ['[::1]:8080', false, '[::1]', 8080],
    ['http://[2001:db8::1]:8080', false, '[2001:db8::1]', 8080],
    ['user:pass@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:pass'],
    ['http://user@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:'],
    ['http://user:@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:'],
    ['http://:pass@proxy.corp:8080', false, 'proxy.corp', 8080, ':pass'],
    ['http://user:100%@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:100%'],
    ['http://user:100%x%zz@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:100%x%zz'],
    ['http://user:a%25b%40%23%2f@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:a%b@#/'],
    ['http://user:p@ss:word@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:p@ss:word'],
    ['http://CORP\\user:pass@proxy.corp:8080', false, 'proxy.corp', 8080, 'CORP\\user:pass'],
    ['http://user:pässwörd@proxy.corp:8080', false, 'proxy.corp', 8080, 'user:pässwörd'],
    ['http://us%3Aer:pass@proxy.corp:8080', false, 'proxy.corp', 8080, 'us:er:pass'],
  ])('%s', (value, isSecure, hostname, port, userInfo) => {
    const route = routeOf(value)
    expect(route).toMatchObject({ kind: 'proxy', variable: 'HTTPS_PROXY', isSecure, hostname, port })
    const authorization = route.kind === 'proxy' ? route.authorization?.reveal() : undefined
    expect(authorization).toBe(userInfo === undefined ? undefined : basic(userInfo))
  })

  it.each([
    ['socks5://proxy.corp:1080', 'socks'],
    ['SOCKS4A://proxy.corp:1080', 'socks'],
    ['ftp://proxy.corp', 'scheme'],
    ['http://', 'address'],
    ['http://proxy corp', 'address'],
    ['http://proxy.corp:port', 'address'],
    ['http://proxy.corp:99999', 'address'],
    ['"http://proxy.corp:8080"', 'address'],
    ['http://user:p#ss@proxy.corp:8080', 'raw-character'],
    ['http://user:12#3@proxy.corp:8080', 'raw-character'],
    ['http://user:p/ss@proxy.corp:8080', 'raw-character'],
    ['http://user:p?ss@proxy.corp:8080', 'raw-character'],
  ])('%s is none: %s', (value, problem) => {
    expect(routeOf(value)).toEqual({ kind: 'unusable-proxy', variable: 'HTTPS_PROXY', problem })
  })

  it('holds no password that could be printed', () => {
    const shown = JSON.stringify(routeOf('http://user:proxy-password@proxy.corp'))
    expect(shown).not.toMatch(new RegExp(`proxy-password|${btoa('user:proxy-password')}`))
  })

  it('is never used for this machine', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
      expect(readRoute(new URL(`http://${host}:1/`), { HTTPS_PROXY: 'socks5://a' })).toEqual({ kind: 'direct' })
    }
  })
})

const CONTOSO = 'contoso.example.com'
/** Entries, a host, and whether they except it. For curl 7.88, `*.`, ports, brackets and blocks of IPv6 are no entries. */
const EXCEPTIONS: readonly [noProxy: string, host: string, isExcepted: boolean, isOfCurl?: 'not curl'][] = [
  ['*', CONTOSO, true],
  [CONTOSO, CONTOSO, true],
  ['CONTOSO.Example.COM', CONTOSO, true],
  ['example.com', CONTOSO, true],
  ['.example.com', CONTOSO, true],
  ['com', CONTOSO, true],
  ['ample.com', CONTOSO, false],
  ['example', CONTOSO, false],
  ['example.com.evil', CONTOSO, false],
  [`sub.${CONTOSO}`, CONTOSO, false],
  ['.contoso.example.com', CONTOSO, true],
  ['example.com.', CONTOSO, true],
  ['example.com', `${CONTOSO}.`, true],
  ['other, example.com', CONTOSO, true],
  ['other,example.com', CONTOSO, true],
  ['other example.com', CONTOSO, true],
  ['  other ,\texample.com  ', CONTOSO, true],
  [',,', CONTOSO, false],
  ['other', CONTOSO, false],
  ['192.168.0.7', '192.168.0.7', true],
  ['192.168.0.70', '192.168.0.7', false],
  ['168.0.7', '192.168.0.7', false],
  ['192.168.0.0/16', '192.168.0.7', true],
  ['192.169.0.0/16', '192.168.0.7', false],
  ['[2001:db8::7]', '[2001:db8::7]', true, 'not curl'],
  ['2001:db8::7', '[2001:db8::7]', true],
  ['2001:db8::/32', '[2001:db8::7]', true, 'not curl'],
  ['2001:db9::/32', '[2001:db8::7]', false],
  ['*.example.com', CONTOSO, true, 'not curl'],
  ['*.com', CONTOSO, true, 'not curl'],
  ['*.ample.com', CONTOSO, false],
  [`${CONTOSO}:443`, CONTOSO, true, 'not curl'],
  ['.example.com:443', CONTOSO, true, 'not curl'],
  ['*.example.com:443', CONTOSO, true, 'not curl'],
  [`${CONTOSO}:8443`, CONTOSO, false],
  [`${CONTOSO}:8443`, `${CONTOSO}:8443`, true, 'not curl'],
  ['[2001:db8::7]:443', '[2001:db8::7]', true, 'not curl'],
  ['192.168.0.0/99', '192.168.0.7', false],
  ['192.168.0.0/x', '192.168.0.7', false],
]

describe('NO_PROXY', () => {
  it.each(EXCEPTIONS)('%j for %s: %s', (noProxy, host, expected) => {
    expect(isExcepted(new URL(`https://${host}/`), noProxy)).toBe(expected)
  })

  it.skipIf(!hasProgram('curl'))('excepts what curl excepts', async () => {
    const proxy = await startConnectProxy(says('HTTP/1.1 418 Teapot\r\n\r\n'))
    for (const [noProxy, host, expected, isOfCurl] of EXCEPTIONS) {
      if (isOfCurl === 'not curl') continue
      const asked = proxy.requests.length
      const curl = ['--silent', '--max-time', '1', '--noproxy', noProxy, '--proxy', proxy.url, `https://${host}/`]
      // To nowhere, for what goes past the proxy.
      const nowhere = ['--connect-to', '::127.0.0.1:9']
      await once(spawn('curl', [...curl, ...nowhere], { stdio: 'ignore' }), 'close')
      expect([noProxy, host, proxy.requests.length > asked]).toEqual([noProxy, host, !expected])
    }
    await proxy.close()
  })

  it('is said to be why the proxy is not used', () => {
    const env = { HTTPS_PROXY: 'proxy.corp', no_proxy: '*.Azure.com' }
    expect(readRoute(ENDPOINT, env)).toEqual({ kind: 'excepted', variable: 'HTTPS_PROXY', by: 'no_proxy' })
  })
})
