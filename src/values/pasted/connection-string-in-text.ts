/** More than a page of the portal or an answer of the Azure CLI has. */
const MAX_LENGTH = 64 * 1024

/** The length of an access key with its padding; a shorter one at the end of a line may go on in the next. */
const FULL_KEY_LENGTH = 88

const ENDPOINT = String.raw`(?<![\w-])endpoint\s*=\s*https?:\/\/[^\s;,"'<>\\]{1,300}`
const ACCESS_KEY = String.raw`accesskey\s*=\s*[A-Za-z\d+/]{40,}?={0,2}`
/** What may follow a key: the end, a quote or a bracket, a space, or the same string pasted once more. */
const END = String.raw`(?=[;,.]?(?:$|[\s"'${'`'}”’)\]}<>\\])|;?\s*endpoint\s*=[^;]*;\s*accesskey)`

const PATTERN = new RegExp(
  String.raw`${ENDPOINT}\s*;\s*${ACCESS_KEY}${END}|(?<![\w-]|;\s?)${ACCESS_KEY}\s*;\s*${ENDPOINT}(?!\s*;\s*\w)`,
  'i',
)

/**
 * The first connection string in a longer text: the Azure CLI's JSON, the portal's Keys page, a sentence, the same
 * string twice, or one that was broken over several lines. Undefined where there is none, as in a text that only
 * resembles one.
 */
export function findConnectionString(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const plain = unescapeJson(text)
  const match = PATTERN.exec(plain)
  const found =
    match === null
      ? PATTERN.exec(linesOf(plain).join(''))?.[0]
      : match[0] + restOfKey(match[0], plain.slice(match.index + match[0].length))
  return found?.replaceAll(/\s/g, '')
}

/** The part of a broken key that stands in the lines below; empty where the key is whole. */
function restOfKey(found: string, below: string): string {
  const key = /accesskey\s*=\s*([A-Za-z\d+/]+=?)$/i.exec(found)?.[1]
  if (key === undefined) return ''
  let rest = ''
  for (const line of linesOf(below).slice(1)) {
    const [, piece = '', padding = ''] = /^([A-Za-z\d+/]*)(={0,2})["';,]*$/.exec(line) ?? []
    // Without padding at its end a key has one group of four less.
    if (piece + padding === '' || (padding === '' && key.length + rest.length >= FULL_KEY_LENGTH - 4)) break
    rest += piece + padding
    if (padding !== '') break
  }
  const length = key.length + rest.length
  // Another whole key, or a word such as "Regenerate", is no part of this one.
  const isPart = length <= FULL_KEY_LENGTH && length % 4 === 0 && /[\d+/=]/.test(rest)
  return isPart ? rest : ''
}

function linesOf(text: string): readonly string[] {
  return text.split(/[\r\n]+/).map((line) => line.trim())
}

/** Some programs write "/", "+" and "=" in JSON as escapes. */
function unescapeJson(text: string): string {
  return text
    .replaceAll(String.raw`\/`, '/')
    .replaceAll(/\\u00([2-7][\da-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
