import { readFileSync } from 'node:fs'
import { systemCode } from '../../errors.ts'
import { builtin } from '../../system/builtin.ts'
import { printable } from '../../text/printable.ts'
import type { Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'

/** A file of certificates that cannot be used is passed over by Node, with a warning that is easily missed. */
export const networkCaFile: Check = {
  id: 'network.ca-file',
  fine: 'The file in NODE_EXTRA_CA_CERTS has certificates.',
  on: 'every system',
  run: ({ system }) => {
    const file = system.env.NODE_EXTRA_CA_CERTS
    if (file === undefined) return { skipped: 'NODE_EXTRA_CA_CERTS is not set' }
    const problem = problemOf(file)
    if (problem === undefined) return []
    return [
      warningFinding(
        `Node.js passes over ${printable(file)}, the file in NODE_EXTRA_CA_CERTS: ${problem}.`,
        cureOf('Name a file with certificates in PEM form'),
      ),
    ]
  },
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function problemOf(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'latin1')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return systemCode(error) === 'ENOENT' ? 'there is no such file' : 'it cannot be read'
  }
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) return 'it has no certificate in PEM form'
  return certificates.every(isCertificate) ? undefined : 'a certificate in it is damaged'
}

function isCertificate(text: string): boolean {
  try {
    return new (builtin('node:crypto').X509Certificate)(text).serialNumber !== ''
  } catch {
    return false
  }
}
