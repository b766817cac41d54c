import { builtin } from './builtin.ts'

/** The SHA-256 of text or bytes, in hex. Loads node:crypto with its first use: that takes longer than a whole `status`. */
export function sha256(data: string | Buffer): string {
  return builtin('node:crypto').createHash('sha256').update(data).digest('hex')
}
