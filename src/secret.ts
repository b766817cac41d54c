/** Starts that say what kind of value it is and nothing of the secret itself. */
const TELLING_STARTS = ['eyJ', 'endpoint=']

/**
 * A connection string or an access token on its way from where it is read to where it is written. Printing it, turning
 * it into JSON and inspecting it show a mask; the text comes out through `reveal()` alone.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The secret itself, for the few edges that hand it on: the service, a store, a child's environment, an answer. */
  reveal(): string {
    return this.#text
  }

  /** True if both hold the same text. */
  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#text === this.#text
  }

  /** The form that may be shown: `eyJhbG…(856 characters)`. */
  toString(): string {
    const start = TELLING_STARTS.some((telling) => this.#text.startsWith(telling)) ? this.#text.slice(0, 6) : ''
    return `${start}…(${this.#text.length} characters)`
  }

  toJSON(): string {
    return this.toString()
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}
