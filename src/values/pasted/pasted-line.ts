/** How a shell or a `.env` file sets a variable, up to the value. */
const ASSIGNMENTS = [
  /^(?:export\s+|set\s+|declare\s+-x\s+|typeset\s+-x\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*(?=["'“‘]?\s*(?:endpoint|accesskey)\s*=)/i,
  /^set\s+-gx\s+[A-Za-z_][A-Za-z0-9_]*\s+/i,
  /^setx(?:\.exe)?\s+(?:\/m\s+)?["']?[A-Za-z_][A-Za-z0-9_]*["']?\s+/i,
  /^\$env:[A-Za-z_][A-Za-z0-9_]*\s*=\s*/i,
  // A label, as the portal, YAML and a line of JSON have it.
  /^"?[a-z][\w -]{0,60}"?\s{0,9}[:\n]\s*(?=["'“‘]?\s*(?:endpoint|accesskey)\s*=)/i,
]

/** A prompt is anything that stands before a command; a bare one may stand before the value. */
const PROMPT =
  /^(?:[$>%]\s+|(?:PS |[A-Z]:)[^>]*>\s+|[^='";]{0,200}[$%#>❯]\s*(?=(?:export|set|setx|setx\.exe|declare|typeset)\s|\$env:))/i

const QUOTES = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
])

/**
 * The value in what was pasted: without spaces and quotes around it, and out of a whole `export NAME="…"`,
 * `setx NAME "…"`, `$env:NAME = "…"`, `NAME=…` or `LABEL: …` line, with or without the prompt before it.
 */
export function unwrapPastedLine(text: string): string {
  let rest = text
    // Without the invisible characters that a chat or a web page adds.
    .replaceAll(/^[\s\p{Cf}]+|(?<![\s\p{Cf}])[\s\p{Cf}]+$/gu, '')
    .replace(PROMPT, '')
    // The whole assignment in quotes, as cmd.exe needs it.
    .replace(/^(set|export)\s+(["'])([A-Za-z_]\w*=)/i, '$1 $3$2')
  const assignment = ASSIGNMENTS.find((pattern) => pattern.test(rest))
  if (assignment !== undefined) rest = rest.replace(assignment, '')
  return unquote(rest)
}

function unquote(text: string): string {
  const closing = QUOTES.get(text.charAt(0))
  if (closing === undefined) return text.replace(/\s+(?:\/m|#.*)$/i, '')
  const end = text.indexOf(closing, 1)
  if (end === -1) return text
  // After the closing quote a line may still say `;` or `,` or, for setx, `/m`, and have a comment.
  return /^\s*(?:[;,]|\/m)?\s*(?:#.*)?$/i.test(text.slice(end + 1)) ? text.slice(1, end).trim() : text
}
