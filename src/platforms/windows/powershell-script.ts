import { Secret } from '../../secret.ts'

/** What PowerShell takes for a single quote: the typographic ones too. */
const QUOTE = /['‘’‚‛]/g

/** The beginning of a script that gets one value on standard input, as `inAscii` writes it. */
export const VALUE_FROM_INPUT: readonly string[] = [
  `$ErrorActionPreference = 'Stop'`,
  // PowerShell itself reads what is on standard input, so [Console]::In would race with it.
  '$line = @($input)[0]',
  'if (-not $line) { exit 1 }',
  '$value = [Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($line))',
]

/** A text as PowerShell writes one in which it replaces nothing: a name from a file of records is data. */
export function quoted(text: string): string {
  return `'${text.replaceAll(QUOTE, '$&$&')}'`
}

/** A value for standard input: base64, so that the console's code page has no part in it. */
export function inAscii(value: Secret): Secret {
  return new Secret(`${Buffer.from(value.reveal(), 'utf16le').toString('base64')}\n`)
}
