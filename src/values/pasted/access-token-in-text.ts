/** A JSON Web Token: its header and its claims are JSON objects, and so begin with `eyJ`, or `eyA` after a space. */
const TOKEN = /(?<![\w.-])ey[AIJ][\w-]*\.ey[AIJ][\w-]*\.[\w-]+(?![\w-]|\.[\w-])/g

/** What was found where one token was looked for. */
export type FoundToken =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'none' }
  /** Different ones; which is meant cannot be told. */
  | { readonly kind: 'several' }

/**
 * The access token in what was piped in or pasted: alone, in quotes, behind `Bearer`, in a whole `export NAME="…"`, `setx`
 * or `.env` line, or in the JSON, YAML or table that the Azure CLI or this program prints. A connection string beside it
 * is left alone.
 */
export function findAccessToken(text: string): FoundToken {
  const [first, ...others] = new Set(text.match(TOKEN))
  if (first === undefined) return { kind: 'none' }
  return others.length > 0 ? { kind: 'several' } : { kind: 'token', text: first }
}
