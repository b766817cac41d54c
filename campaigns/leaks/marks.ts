/** How many bytes in a row of a secret are one too many. */
const PIECE_BYTES = 12

/** Searches bytes for any long piece of any secret, as it is or encoded. */
export interface Marks {
  /** The secrets of which a piece is there, each with the encoding unless it is there as it is. */
  find(bytes: Buffer): readonly string[]
}

type Encoding = readonly [name: string, pieceLength: number, encode: (secret: Buffer) => readonly Buffer[]]

const ENCODINGS: readonly Encoding[] = [
  ['', PIECE_BYTES, (secret) => [secret]],
  ['base64', PIECE_BYTES, (secret) => atEachOffset(secret, 'base64')],
  ['base64url', PIECE_BYTES, (secret) => atEachOffset(secret, 'base64url')],
  ['decoded from base64', PIECE_BYTES, (secret) => [Buffer.from(secret.toString(), 'base64')]],
  ['hex', 2 * PIECE_BYTES, (secret) => [secret, upperCaseHex(secret)].map(toHex)],
  ['UTF-16', 2 * PIECE_BYTES, (secret) => [Buffer.from(secret.toString('latin1'), 'utf16le')]],
  ['URL', PIECE_BYTES, (secret) => [Buffer.from(encodeURIComponent(secret.toString()))]],
  ['JSON', PIECE_BYTES, (secret) => [Buffer.from(secret.toString().replaceAll('/', '\\/'))]],
  ['backwards', PIECE_BYTES, (secret) => [Buffer.from([...secret].toReversed())]],
]

/** @param secrets by the name to tell them by; of a token it is the signature that nobody may have */
export function markSecrets(secrets: Readonly<Record<string, string>>): Marks {
  const pieces = new Map<number, Map<string, string>>(
    [PIECE_BYTES, 2 * PIECE_BYTES].map((length) => [length, new Map()]),
  )
  for (const [name, text] of Object.entries(secrets)) {
    const secret = Buffer.from(text.slice(text.lastIndexOf('.') + 1))
    for (const [encoding, length, encode] of ENCODINGS) {
      const known = pieces.get(length) ?? new Map<string, string>()
      for (const encoded of encode(secret)) {
        for (const piece of piecesOf(encoded, length)) {
          if (!known.has(piece)) known.set(piece, encoding === '' ? name : `${name} in ${encoding}`)
        }
      }
    }
  }
  return {
    find: (bytes) => {
      const found = new Set<string>()
      for (const [length, known] of pieces) {
        for (const piece of piecesOf(bytes, length)) {
          const name = known.get(piece)
          if (name !== undefined) found.add(name)
        }
      }
      return [...found]
    },
  }
}

function* piecesOf(bytes: Buffer, length: number): Generator<string> {
  const text = bytes.toString('latin1')
  for (let at = 0; at + length <= text.length; at += 1) yield text.slice(at, at + length)
}

/** Encoded on its own, and behind one or two other bytes; without the characters that those would change. */
function atEachOffset(secret: Buffer, encoding: 'base64' | 'base64url'): readonly Buffer[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), secret])
      .toString(encoding)
      .replaceAll('=', '')
    return Buffer.from(text.slice(offset === 0 ? 0 : 4, -2))
  })
}

function toHex(secret: Buffer | string): Buffer {
  return Buffer.from(typeof secret === 'string' ? secret : secret.toString('hex'))
}

function upperCaseHex(secret: Buffer): string {
  return secret.toString('hex').toUpperCase()
}
