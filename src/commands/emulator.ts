import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startEmulator, type Emulator } from '../emulator/server.ts'
import { CliError, systemCode, UsageError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { withTemporaryDirectory } from '../files/temporary-directory.ts'
import { requireUninterrupted } from '../system/interruption.ts'
import type { System } from '../system/system.ts'
import type { CommandContext } from './context.ts'

const OPENSSL_TIMEOUT_MS = 30_000

interface Certificate {
  readonly certificate: string
  readonly key: string
  /** The file for NODE_EXTRA_CA_CERTS or REQUESTS_CA_BUNDLE. */
  readonly file: string
}

/** The emulator that was asked for. */
interface Wanted {
  readonly port: number
  readonly accessKey: string | undefined
  readonly entraToken: string | undefined
  readonly tls: Certificate | undefined
}

/** `acs-env emulator`: a local ACS identity service, until Ctrl+C. */
export async function run(context: CommandContext<'emulator'>): Promise<void> {
  const { options, system, terminal } = context
  const port = options.port === undefined ? 0 : parsePort(options.port)
  const accessKey = options.accessKey === undefined ? undefined : parseAccessKey(options.accessKey)
  const files = certificateFiles(context)
  const entraToken = options.entraToken === undefined ? undefined : parseEntraToken(options.entraToken, context)
  if (options.dryRun) {
    const where = port === 0 ? 'a free port' : `port ${port}`
    const document = { dry_run: true, host: '127.0.0.1', port: port === 0 ? null : port }
    return terminal.answer(options.json ? `${JSON.stringify(document)}\n` : `Would listen on 127.0.0.1, ${where}.\n`)
  }
  await system.interruptible(async (signal) => {
    const listen = (tls: Certificate | undefined): Promise<void> =>
      serve({ port, accessKey, entraToken, tls }, signal, context)
    if (options.https === undefined || files !== undefined) return listen(readCertificate(files))
    await withTemporaryDirectory('acs-env-', system, async (directory) => {
      await listen(await makeCertificate(directory, system, signal))
    })
  })
}

async function serve(wanted: Wanted, signal: AbortSignal, context: CommandContext<'emulator'>): Promise<void> {
  const emulator = await start(wanted)
  try {
    await announce(emulator, wanted.tls, context)
    await untilAborted(signal)
  } finally {
    await emulator.close()
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError('The value of --port is not a port.', {
    code: 'invalid_port',
    hint: 'write a number from 0 to 65535',
  })
}

function parseAccessKey(text: string): string {
  if (/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return text
  throw new UsageError('The value of --access-key is not base64.', {
    code: 'invalid_access_key',
    hint: 'make one with: openssl rand -base64 64 | tr -d "\\n"',
  })
}

/** Anything that fits into a header: Entra tokens are opaque to the service's clients. */
function parseEntraToken(text: string, { options }: CommandContext<'emulator'>): string {
  if (!/^[\x21-\x7E]{20,20000}$/.test(text)) {
    throw new UsageError('The value of --entra-token is not a token.', {
      code: 'invalid_entra_token',
      hint: 'write 20 or more characters without spaces; any will do',
    })
  }
  if (options.https !== undefined || options.certificateFile !== undefined) return text
  throw new UsageError('--entra-token needs https: no client sends such a token without.', {
    hint: 'give --https too',
  })
}

function certificateFiles({
  options,
  system,
}: CommandContext<'emulator'>): { certificate: string; key: string } | undefined {
  const { certificateFile, keyFile } = options
  if (certificateFile === undefined && keyFile === undefined) return undefined
  if (certificateFile === undefined || keyFile === undefined) {
    throw new UsageError('--certificate-file and --key-file belong together.', { hint: 'give both, or --https alone' })
  }
  return {
    certificate: resolve(system.workingDirectory, certificateFile),
    key: resolve(system.workingDirectory, keyFile),
  }
}

function readCertificate(files: { certificate: string; key: string } | undefined): Certificate | undefined {
  if (files === undefined) return undefined
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      throw fileError('read', path, error)
    }
  }
  const tls = { certificate: read(files.certificate), key: read(files.key), file: files.certificate }
  // Node takes an empty one for none at all, and then answers nobody.
  if (tls.certificate === '' || tls.key === '') throw unusableCertificate()
  return tls
}

/** With the `openssl` command: Node can use a certificate but not make one. */
async function makeCertificate(directory: string, system: System, signal: AbortSignal): Promise<Certificate> {
  const key = join(directory, 'key.pem')
  const file = join(directory, 'ca.pem')
  const subject = ['-subj', '/CN=acs-env emulator', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-keyout', key, '-out', file, ...subject]
  const result = await system.run('openssl', args, { timeoutMs: OPENSSL_TIMEOUT_MS, signal })
  requireUninterrupted(result, signal)
  if (result.kind === 'exited' && result.exitCode === 0) {
    return { certificate: readFileSync(file, 'utf8'), key: readFileSync(key, 'utf8'), file }
  }
  const missing = result.kind === 'not-started'
  throw new CliError(
    missing
      ? 'The openssl command, which makes the certificate, is not there.'
      : 'The openssl command could not make a certificate.',
    { code: 'openssl', hint: 'install openssl 1.1.1 or newer, or give --certificate-file and --key-file' },
  )
}

async function start(wanted: Wanted): Promise<Emulator> {
  const { port } = wanted
  try {
    return await startEmulator(wanted)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EADDRINUSE') {
      throw new CliError(`Port ${port} is in use.`, {
        code: 'port_in_use',
        hint: 'choose another with --port, or leave it out',
      })
    }
    if (code === 'EACCES') {
      throw new CliError(`Port ${port} may not be used.`, { code: 'port_denied', hint: 'choose one above 1023' })
    }
    if (code?.startsWith('ERR_OSSL_') || code?.startsWith('ERR_SSL_')) throw unusableCertificate()
    throw error
  }
}

function unusableCertificate(): CliError {
  return new CliError('The certificate and the key cannot be used together.', {
    code: 'certificate',
    hint: 'both are PEM files, the key belongs to the certificate and has no passphrase',
  })
}

async function announce(
  { connectionString, endpoint }: Emulator,
  tls: Certificate | undefined,
  { options, terminal, reporter, program }: CommandContext<'emulator'>,
): Promise<void> {
  const document = { connection_string: connectionString, endpoint, ...(tls !== undefined && { ca_file: tls.file }) }
  await terminal.answer(`${options.json ? JSON.stringify(document) : connectionString}\n`)
  if (options.json) return
  const trust = tls === undefined ? '' : `  its certificate: NODE_EXTRA_CA_CERTS=${tls.file}\n`
  // Each shell sets a variable in its own way.
  const first = tls === undefined ? '' : 'set that variable, '
  reporter.show(
    `Listening on ${endpoint} (this machine alone); Ctrl+C stops it.\n${trust}` +
      `In another terminal, ${first}run this and paste the connection string:\n\n  ${program} issue --scope chat --connection-string-stdin\n`,
  )
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
