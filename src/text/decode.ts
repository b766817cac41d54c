/**
 * Text as programs write it: UTF-8, or UTF-16 as Windows PowerShell puts into files and Windows programs into pipes, with
 * or without a byte order mark, which is left out.
 */
export function decodeText(bytes: Buffer): string {
  const [first, second, third] = bytes
  if (first === 0xff && second === 0xfe) return bytes.toString('utf16le', 2)
  if (first === 0xfe && second === 0xff) return swapped(bytes.subarray(2)).toString('utf16le')
  if (first === 0xef && second === 0xbb && third === 0xbf) return bytes.toString('utf8', 3)
  // No text has a zero byte, and what is pasted here begins with ASCII.
  if (first !== undefined && first !== 0 && second === 0) return bytes.toString('utf16le')
  if (first === 0 && second !== undefined && second !== 0) return swapped(bytes).toString('utf16le')
  return bytes.toString('utf8')
}

/** In the order of bytes that Node knows; half a character at the end is lost. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).swap16()
}
