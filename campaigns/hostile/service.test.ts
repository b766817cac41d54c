import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hasOpenssl, makeCertificate } from '../../test/support/doubles/certificate.ts'
import { json, MARKED_KEY, startFaultyService, type Answer } from '../../test/support/doubles/faulty-service.ts'
import { makeHome, readTree } from '../../test/support/homes/home.ts'
import { inMinutes, storeValues } from '../../test/support/homes/stored-values.ts'
import { runBuilt } from '../../test/support/programs/built.ts'

const LIMIT_MS = 15_000
/** A run that fails at once needs some 50 MB; one that kept what comes would need two GB. */
const MEMORY_LIMIT_BYTES = 160 * 1024 * 1024
const MEGABYTE = 1024 * 1024
const USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
const PEAK_MEMORY = join(import.meta.dirname, '../../test/support/hooks/peak-memory.cjs')
const JSON_TYPE = { 'content-type': 'application/json' }
/** Clears the screen, sets the clipboard, turns the direction of writing, ends the line. */
const DRIVING = '\u001B[2J\u001B]52;c;aGk=\u0007\u009B2J\u202E\u2066\u0000\r\n\u2028error: none'

const NOT_ONE_OF_THEM = /not one of Communication Services/

/**
 * Has a store renewed by a service that answers so, and requires what every failure has in common: one sentence and a
 * hint, nothing that drives a terminal, in time, in little memory, and the store as it was.
 */
async function expectRefused(
  answer: Answer,
  message: RegExp,
  { exitCode = 1, tls = false, env = {} }: { exitCode?: number; tls?: TlsOptions | false; env?: NodeEnvironment } = {},
): Promise<void> {
  const home = makeHome()
  const certificate = tls === false ? undefined : makeCertificate(dirname(home.path), tls)
  // The time of a run that is refused before it can ask anything, or from when it asked: on a busy machine Node takes its time.
  let startedMs = performance.now()
  let hasAsked = false
  const timed: Answer = (...call) => {
    if (!hasAsked) startedMs = performance.now()
    hasAsked = true
    return answer(...call)
  }
  const service = await startFaultyService(timed, certificate)
  const { connectionString } = service
  const endpoint = /endpoint=([^;]*)/.exec(connectionString)?.[1] ?? ''
  const accessToken = 'eyJ.stored.token'
  storeValues(home, { connectionString, accessToken, expiresOn: inMinutes(60), endpoint, userId: USER })
  const before = readTree(home.path)
  const peakFile = join(dirname(home.path), 'peak')
  try {
    const run = await runBuilt(['refresh'], {
      home: home.path,
      env: {
        NODE_OPTIONS: `--require ${PEAK_MEMORY}`,
        PEAK_MEMORY_FILE: peakFile,
        ...(certificate !== undefined && { NODE_EXTRA_CA_CERTS: certificate.certificatePath }),
        ...env,
      },
    })
    const endedMs = performance.now()
    expect(run.stderr).toMatch(/^error: \P{C}{20,500}[.]\nhint: \P{C}{5,200}\n$/u)
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toMatch(/Infinity|NaN|undefined|Invalid Date/)
    expect(run.stderr).not.toContain(MARKED_KEY)
    expect({ exitCode: run.exitCode, stdout: run.stdout }).toEqual({ exitCode, stdout: '' })
    expect(endedMs - startedMs).toBeLessThan(LIMIT_MS)
    expect(Number(readFileSync(peakFile, 'utf8'))).toBeLessThan(MEMORY_LIMIT_BYTES)
    expect(readTree(home.path)).toEqual(before)
  } finally {
    await service.close()
    home.remove()
  }
}

type TlsOptions = NonNullable<Parameters<typeof makeCertificate>[1]>
type NodeEnvironment = Readonly<Record<string, string>>

describe.concurrent('an answer without end', () => {
  it.each([200, 500])('a body of 1 GB, with the status %d', async (status) => {
    await expectRefused((_request, response) => {
      response.writeHead(status, JSON_TYPE)
      void pour(response, Buffer.alloc(MEGABYTE, 'a'))
    }, NOT_ONE_OF_THEM)
  })

  it('a body of 1 GB that says how long it is', async () => {
    await expectRefused((_request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': 1024 * MEGABYTE })
      void pour(response, Buffer.alloc(MEGABYTE, ' '))
    }, NOT_ONE_OF_THEM)
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const)('a body that is 1 GB once it is unpacked (%s)', async (encoding, pack) => {
    const piece = pack(Buffer.alloc(64 * MEGABYTE))
    await expectRefused((_request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': encoding }).end(Buffer.concat(Array(16).fill(piece)))
    }, NOT_ONE_OF_THEM)
  })

  it('headers that never end', async () => {
    await expectRefused(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      repeatUntilClosed(socket, 5, () => socket.write(`x-header: ${'a'.repeat(1000)}\r\n`.repeat(20)))
    }, NOT_ONE_OF_THEM)
  })

  it('interim answers that never end', async () => {
    await expectRefused(({ socket }) => {
      repeatUntilClosed(socket, 20, () => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10)))
    }, /did not answer in time/)
  })

  it('a byte of the body every second', async () => {
    await expectRefused((_request, response) => {
      response.writeHead(200, JSON_TYPE)
      repeatUntilClosed(response, 1000, () => response.write(' '))
    }, /did not answer in time/)
  })

  it('a byte of the headers every second', async () => {
    await expectRefused(({ socket }) => {
      const bytes = Array.from('HTTP/1.1 200 OK\r\nx-header: '.padEnd(100, 'a'))
      repeatUntilClosed(socket, 1000, () => socket.write(bytes.shift() ?? 'a'))
    }, /did not answer in time/)
  })

  it('an answer that changes the protocol', async () => {
    await expectRefused(
      ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      /did not answer in time|not one of Communication Services/,
    )
  })
})

describe.concurrent('an answer that sends the request elsewhere', () => {
  it.each([300, 301, 302, 303, 307, 308])('is not followed, with the status %d', async (status) => {
    const other = await startFaultyService(json(200, issued({})))
    const location = /endpoint=([^;]*)/.exec(other.connectionString)?.[1]?.replace('127.0.0.1', 'localhost')
    await expectRefused(json(status, {}, { location: `${location}identities` }), /sent the request elsewhere/)
    expect(other.requests()).toBe(0)
    await other.close()
  })

  it.each(['//', 'https://', 'file:///etc/passwd', '?', `/${'a'.repeat(8000)}`])(
    'to no place: %s',
    async (location) => {
      await expectRefused(json(307, {}, { location }), /sent the request elsewhere/)
    },
  )
})

describe.skipIf(!hasOpenssl()).concurrent('a certificate', () => {
  it.each<[string, TlsOptions, RegExp]>([
    ['for another name', { names: 'DNS:contoso.example' }, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['that has expired', { validity: 'ended' }, /CERT_HAS_EXPIRED/],
  ])('%s', async (_, tls, message) => {
    await expectRefused(json(200, issued({})), message, { tls })
  })

  it('that nobody vouches for', async () => {
    await expectRefused(json(200, issued({})), /DEPTH_ZERO_SELF_SIGNED_CERT/, {
      tls: {},
      env: { NODE_EXTRA_CA_CERTS: '' },
    })
  })
})

describe.concurrent('an answer with something else in it', () => {
  it.each<[string, Answer]>([
    ['a token that drives the terminal', json(200, issued({ token: `eyJ${DRIVING}` }))],
    ['a token with a NUL', json(200, issued({ token: 'eyJ\u0000' }))],
    ['a token with a space', json(200, issued({ token: 'eyJ a' }))],
    ['a token with letters of no token', json(200, issued({ token: 'eyJé日' }))],
    ['a token of 1 MB', json(200, issued({ token: `eyJ${'a'.repeat(MEGABYTE)}` }))],
    ['a token of 40 kB, more than Windows can hold', json(200, issued({ token: `eyJ${'a'.repeat(40_000)}` }))],
    ['a token that is a number', json(200, issued({ token: 1 }))],
    ['a token that is a list', json(200, issued({ token: ['eyJ'] }))],
    ['an end in the year 275760', json(200, issued({ expiresOn: '+275760-09-13T00:00:00Z' }))],
    ['an end beyond time', json(200, issued({ expiresOn: '+275760-09-14T00:00:00Z' }))],
    ['an end before our era', json(200, issued({ expiresOn: '-000100-01-01T00:00:00Z' }))],
    ['an end in 1969', json(200, issued({ expiresOn: -5 }))],
    ['an end that is no time', json(200, issued({ expiresOn: DRIVING }))],
    ['an end that is a thing', json(200, issued({ expiresOn: { at: 1 } }))],
    ['no JSON at all', text(DRIVING)],
    ['a page', text('<html><body>Sign in</body></html>', 'text/html')],
    ['lists in lists in lists', text('['.repeat(500_000))],
    ['nothing', text('')],
    ['null', text('null')],
    ['a list', text('[]')],
    ['prototypes', text('{"__proto__":{"token":"eyJ"},"constructor":{"prototype":{"token":"eyJ"}}}')],
    ['packed text that is not packed', (_, response) => packed(response).end('none')],
    ['packed text that is not packed, and more without end', (_, response) => void pour(packed(response), MORE)],
    ['a first line that drives the terminal', raw(`${DRIVING}\r\n\r\n`)],
    ['two lengths', raw('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}')],
    ['the status 000', raw('HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n')],
  ])('%s', async (_, answer) => {
    await expectRefused(answer, NOT_ONE_OF_THEM)
  })

  it('less than it promised', async () => {
    await expectRefused(({ socket }) => {
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`)
    }, /broke off|not one of Communication Services/)
  })

  it.each([
    ['an escape sequence', '8:acs:\u001B]0;pwn\u0007'],
    ['a command', '8:acs:$(touch pwned)'],
    ['the end of a line', `${USER}\nexport PATH=`],
    ['a quote', `8:acs:a'"`],
    ['10 kB', `8:acs:${'a'.repeat(10_000)}`],
    ['a path', '8:acs:../../..'],
  ])('an identity with %s in it', async (_, id) => {
    const service = await startFaultyService(json(201, { ...issued({}), identity: { id } }))
    for (const command of [['setup'], ['user', 'create']]) {
      const home = makeHome()
      const args = [...command, '--connection-string', service.connectionString]
      const { exitCode, stdout, stderr } = await runBuilt(args, { home: home.path })
      expect({ exitCode, stdout, left: home.list() }).toEqual({ exitCode: 1, stdout: '', left: [] })
      expect(stderr).toMatch(/^error: \P{C}+\nhint: \P{C}+\n$/u)
      home.remove()
    }
    await service.close()
  })
})

describe.concurrent('an error that says more than it should', () => {
  const LONG = 'a '.repeat(50_000)
  it.each<[string, number, number, RegExp]>([
    ['400', 400, 1, /status 400/],
    ['401', 401, 4, /refused the access key/],
    ['403', 403, 4, /refused the access key/],
    ['404', 404, 1, /status 404/],
    ['500', 500, 1, /status 500/],
    ['999', 999, 1, /status 999/],
  ])('%s, in its code and its message', async (_, status, exitCode, message) => {
    const said = `${DRIVING}${LONG}`
    await expectRefused(json(status, { error: { code: said, message: said } }), message, { exitCode })
  })

  const NO_TIMES = ['soon', '-5', '9'.repeat(400), '9'.repeat(400), 'Fri, 31 Dec 275760 23:59:59 GMT', '0x10']
  it.each(NO_TIMES.map((value, index) => [index % 2 === 0 ? 'retry-after' : 'retry-after-ms', value] as const))(
    'a wish to wait: %s: %s',
    async (name, value) => {
      await expectRefused(json(429, {}, { [name]: value }), /too many requests/)
    },
  )

  it('what it was sent, and the key', async () => {
    const said = `no: ${MARKED_KEY} and ${'eyJ.'.repeat(100)} ${encodeURIComponent(MARKED_KEY)}`
    await expectRefused(json(400, { error: { code: 'Denied', message: said } }), /Denied: no: … and … …\)/)
    await expectRefused(json(403, { error: { code: MARKED_KEY } }), /refused the access key \(…\)/, { exitCode: 4 })
  })

  it('a clock that nobody has', async () => {
    for (const date of ['Fri, 31 Dec 275760 00:00:00 GMT', 'never']) {
      await expectRefused(json(401, {}, { date }), /refused the (?:access key|request)/, { exitCode: 4 })
    }
  })
})

/** What the service says of a token, whole but for what is given. */
function issued(accessToken: object): { readonly token: unknown; readonly expiresOn: unknown } {
  return { token: 'eyJ.issued.token', expiresOn: '2030-01-01T00:00:00Z', ...accessToken }
}

const MORE = Buffer.alloc(MEGABYTE, 'a')

function text(body: string, type = 'application/json'): Answer {
  return (_request, response) => void response.writeHead(200, { 'content-type': type }).end(body)
}

function raw(bytes: string): Answer {
  return ({ socket }) => void socket.end(bytes)
}

function packed(response: Parameters<Answer>[1]): Parameters<Answer>[1] {
  return response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
}

/** Sends 1 GB, as fast as it is taken. */
async function pour(target: NodeJS.WritableStream & { destroyed?: boolean }, piece: Buffer): Promise<void> {
  target.on('error', () => undefined)
  for (let sent = 0; sent < 1024 * MEGABYTE && target.destroyed !== true; sent += piece.length) {
    if (target.write(piece)) continue
    await new Promise<void>((settle) => {
      const go = (): void => {
        target.off('drain', go).off('close', go)
        settle()
      }
      target.on('drain', go).on('close', go)
    })
  }
  target.end()
}

function repeatUntilClosed(stream: NodeJS.EventEmitter, everyMs: number, act: () => void): void {
  const timer = setInterval(act, everyMs)
  stream.on('close', () => clearInterval(timer))
}
