import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A self-signed certificate, for `localhost` and `127.0.0.1` by default; it is its own authority. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
  readonly certificatePath: string
  readonly keyPath: string
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const LOOPBACK_NAMES = 'DNS:localhost,IP:127.0.0.1'

/** The least that "openssl ca" needs. */
const CA_CONFIGURATION = `[ca]
default_ca = own
[own]
database = DIRECTORY/index.txt
serial = DIRECTORY/serial
new_certs_dir = DIRECTORY
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`

export interface CertificateOptions {
  /** What it is for, as openssl writes it; this machine where absent. */
  readonly names?: string
  /** When it is valid: for a day from now on, until yesterday, or not before 2099. */
  readonly validity?: 'today' | 'ended' | 'to come'
}

/** Makes a certificate, valid for a day, with the `openssl` command; the files go to a directory that exists. */
export function makeCertificate(
  directory: string,
  { names = LOOPBACK_NAMES, validity = 'today' }: CertificateOptions = {},
): Certificate {
  const certificatePath = join(directory, 'certificate.pem')
  const keyPath = join(directory, 'key.pem')
  const files = ['-keyout', keyPath, '-out', certificatePath, '-days', '1']
  const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`]
  openssl('req', '-x509', ...NEW_KEY, ...subject, ...files)
  // "req" makes none that has ended or is to come.
  if (validity === 'ended') {
    openssl('x509', '-in', certificatePath, '-signkey', keyPath, '-days', '-1', '-out', certificatePath)
  }
  if (validity === 'to come') {
    const [request, configuration] = [join(directory, 'request.pem'), join(directory, 'ca.cnf')]
    writeFileSync(configuration, CA_CONFIGURATION.replaceAll('DIRECTORY', directory))
    writeFileSync(join(directory, 'index.txt'), '')
    const copy = ['-x509toreq', '-copy_extensions', 'copy']
    openssl('x509', ...copy, '-in', certificatePath, '-signkey', keyPath, '-out', request)
    const dates = ['-startdate', '20990101000000Z', '-enddate', '20991231000000Z']
    const itself = ['-selfsign', '-keyfile', keyPath, '-in', request, '-out', certificatePath]
    openssl('ca', '-batch', '-notext', '-create_serial', '-config', configuration, ...itself, ...dates)
  }
  return {
    certificate: readFileSync(certificatePath, 'utf8'),
    key: readFileSync(keyPath, 'utf8'),
    certificatePath,
    keyPath,
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}

/** True if there is an `openssl` command; without one it says so, and throws in CI, where nothing may be skipped. */
export function hasOpenssl(): boolean {
  try {
    openssl('version')
    return true
  } catch {
    if (process.env['CI'] !== undefined) throw new Error('The tests over TLS need the openssl command.')
    console.warn('Skipped: the tests over TLS need the openssl command.')
    return false
  }
}
