import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
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

export interface CertificateOptions {
  /** What it is for, as openssl writes it; this machine where absent. */
  readonly names?: string
  /** It ended yesterday. */
  readonly isExpired?: boolean
}

/** Makes a certificate, valid for a day, with the `openssl` command; the files go to a directory that exists. */
export function makeCertificate(
  directory: string,
  { names = LOOPBACK_NAMES, isExpired = false }: CertificateOptions = {},
): Certificate {
  const certificatePath = join(directory, 'certificate.pem')
  const keyPath = join(directory, 'key.pem')
  const files = ['-keyout', keyPath, '-out', certificatePath, '-days', '1']
  const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`]
  execFileSync('openssl', ['req', '-x509', ...NEW_KEY, ...subject, ...files], { stdio: 'pipe' })
  if (isExpired) {
    // "req" makes none that has ended; "x509" signs it anew with any end.
    const again = ['x509', '-in', certificatePath, '-signkey', keyPath, '-days', '-1', '-out', certificatePath]
    execFileSync('openssl', again, { stdio: 'pipe' })
  }
  return {
    certificate: readFileSync(certificatePath, 'utf8'),
    key: readFileSync(keyPath, 'utf8'),
    certificatePath,
    keyPath,
  }
}

/** True if there is an `openssl` command; without one it says so, and throws in CI, where nothing may be skipped. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' })
    return true
  } catch {
    if (process.env['CI'] !== undefined) throw new Error('The tests over TLS need the openssl command.')
    console.warn('Skipped: the tests over TLS need the openssl command.')
    return false
  }
}
