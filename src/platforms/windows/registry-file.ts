import type { RegistryString } from '../../store/plan.ts'

const HEADER = 'Windows Registry Editor Version 5.00'
/** A key in brackets, or a value: a string, which may go over several lines, or anything else. */
const ENTRY =
  /^(?:\[(?<key>[^\r\n]*)\]|"(?<name>(?:[^"\\]|\\.)*)"=(?:"(?<text>(?:[^"\\]|\\.)*)"|hex\((?<type>[12])\):(?<hex>(?:[\da-f,]|\\\r?\n\s*)*)|[^\r\n]*))\r?$/gims

/** Whether these are the bytes of such a file with a key in it: what is empty, or in another encoding, tells of no value. */
export function isRegistryFile(bytes: Buffer): boolean {
  return bytes.toString('utf16le').startsWith(`\uFEFF${HEADER}\r\n\r\n[`)
}

/**
 * The string values of the first key in a `.reg` file as `reg export` writes it: UTF-16LE with a byte order mark. A
 * value of type REG_EXPAND_SZ is in it as `hex(2):` with its UTF-16LE bytes. Values of other types are left out, and so
 * are those of keys below.
 */
export function parseRegistryFile(bytes: Buffer): ReadonlyMap<string, RegistryString> {
  const values = new Map<string, RegistryString>()
  let keys = 0
  for (const { groups = {} } of bytes.toString('utf16le').matchAll(ENTRY)) {
    const { key, name, text, type, hex } = groups
    if (key !== undefined) keys += 1
    if (keys > 1) break
    const value = text === undefined ? hex && decodeHex(hex) : unescape(text)
    if (name !== undefined && value !== undefined) values.set(unescape(name), { text: value, expands: type === '2' })
  }
  return values
}

/** A `.reg` file that sets a value in a key, or deletes it where that is undefined. */
export function renderRegistryFile(key: string, name: string, value: RegistryString | undefined): Buffer {
  const line = `"${escape(name)}"=${value === undefined ? '-' : value.expands ? encodeHex(value.text) : `"${escape(value.text)}"`}`
  return Buffer.from(`\uFEFF${[HEADER, '', `[${key}]`, line, '', ''].join('\r\n')}`, 'utf16le')
}

function escape(text: string): string {
  return text.replaceAll(/["\\]/g, String.raw`\$&`)
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1')
}

function decodeHex(hex: string): string {
  const bytes = hex.match(/[\da-f]{2}/gi)?.map((byte) => Number.parseInt(byte, 16)) ?? []
  return Buffer.from(bytes).toString('utf16le').replace(/\0+$/, '')
}

function encodeHex(text: string): string {
  return `hex(2):${Buffer.from(`${text}\0`, 'utf16le')
    .toString('hex')
    .replaceAll(/..(?=.)/g, '$&,')}`
}
