/** Why bytes are no text that programs would read as one. */
export type NoText =
  | { readonly kind: 'utf-16' | 'not-utf-8' | 'nul' }
  | { readonly kind: 'carriage-return'; readonly line: number }

export const BYTE_ORDER_MARK = '\uFEFF'

/** The text in a `.env` file, its byte order mark included; what is wrong with it where it is none. */
export function decode(bytes: Buffer): string | NoText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { kind: 'utf-16' }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { kind: 'utf-16' }
  const zero = bytes.indexOf(0)
  // PowerShell writes UTF-16 with a mark, other programs without one: every other byte is then zero.
  if (zero !== -1) return { kind: zero < 2 && bytes.length % 2 === 0 ? 'utf-16' : 'nul' }
  const text = tryDecode(bytes)
  if (text === undefined) return { kind: 'not-utf-8' }
  const lone = /\r(?!\n)/.exec(text)
  if (lone !== null) return { kind: 'carriage-return', line: text.slice(0, lone.index).split('\n').length }
  return text
}

function tryDecode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The line ending that a text has. */
export function newlineOf(text: string): '\n' | '\r\n' {
  return text.endsWith('\r\n') || (!text.endsWith('\n') && text.includes('\r\n')) ? '\r\n' : '\n'
}
