const HEADER = 'Windows Registry Editor Version 5.00'

/**
 * The string values in a `.reg` file as `reg export` writes it: UTF-16LE with a byte order mark. A value of type
 * REG_EXPAND_SZ is in it as `hex(2):` with its UTF-16LE bytes. Values of other types are left out.
 */
export function parseRegistryFile(bytes: Buffer): ReadonlyMap<string, string> {
  const text = bytes.toString('utf16le').replace(/^\uFEFF/, '')
  const values = new Map<string, string>()
  // Long hex values go on in the next line behind a backslash.
  for (const line of text.replaceAll(/\\\r?\n\s*/g, '').split(/\r?\n/)) {
    const match = /^"((?:[^"\\]|\\.)*)"=(?:"((?:[^"\\]|\\.)*)"|hex\(2\):([\da-f,]*))$/i.exec(line)
    if (match === null) continue
    const [, name = '', string, hex] = match
    values.set(unescape(name), string === undefined ? decodeHex(hex ?? '') : unescape(string))
  }
  return values
}

/** A `.reg` file that sets these values (REG_SZ) in a key, or deletes those that are undefined. */
export function renderRegistryFile(key: string, values: ReadonlyMap<string, string | undefined>): Buffer {
  const lines = [...values].map(
    ([name, value]) => `"${escape(name)}"=${value === undefined ? '-' : `"${escape(value)}"`}`,
  )
  return Buffer.from(`\uFEFF${[HEADER, '', `[${key}]`, ...lines, '', ''].join('\r\n')}`, 'utf16le')
}

function escape(text: string): string {
  return text.replaceAll(/["\\]/g, String.raw`\$&`)
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1')
}

function decodeHex(hex: string): string {
  const bytes = hex === '' ? [] : hex.split(',').map((byte) => Number.parseInt(byte, 16))
  return Buffer.from(bytes).toString('utf16le').replace(/\0+$/, '')
}
