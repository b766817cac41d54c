/** Nearly all text; the other expressions take longer to compile than it takes to show. */
const PLAIN = /^[ -~]*$/
/** What is recognised wherever it stands: the key of a connection string, and a token. */
const KEY = /(accesskey=)[^\s;"'<…]+/gi
const TOKEN = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g

/**
 * Text from elsewhere (a server, a file's name), safe for a terminal: control characters, with them escape sequences,
 * and marks that turn the direction of writing become visible as `\x1b`. A secret that somebody pasted as the name of a
 * file or a program is left out.
 */
export function printable(text: string): string {
  if (PLAIN.test(text) && !text.includes('eyJ') && !text.includes('=')) return text
  return withoutSecrets(text).replaceAll(
    /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
    (character) => {
      const code = character.codePointAt(0) ?? 0
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
    },
  )
}

function withoutSecrets(text: string): string {
  return text.replaceAll(KEY, '$1…').replaceAll(TOKEN, 'eyJ…')
}
