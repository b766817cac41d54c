/** An answer that was understood, and how it may be shown. */
export interface Taken<Value> {
  readonly kind: 'taken'
  readonly value: Value
  readonly shown: string
}

/** What is wrong with an answer, in sentences that repeat nothing of it. */
export interface Refused {
  readonly kind: 'refused'
  readonly message: string
  readonly hint: string | undefined
}

export type Reading<Value> = Taken<Value> | Refused

/** Asks for a secret, which is not echoed, not even as stars. `read` gets everything that was typed or pasted. */
export interface SecretQuestion<Value> {
  readonly kind: 'secret'
  readonly message: string
  readonly read: (text: string) => Reading<Value>
}

/** A list to tick at least one thing on. Enter alone takes the ones that are ticked at first. */
export interface TickQuestion<Name extends string> {
  readonly kind: 'tick'
  readonly message: string
  readonly choices: readonly Choice<Name>[]
  readonly ticked: readonly NoInfer<Name>[]
}

export interface Choice<Name extends string> {
  readonly name: Name
  /** What it means, in a few words. */
  readonly description: string
}

/** Yes or no; Enter alone takes `initial`. */
export interface ConfirmQuestion {
  readonly kind: 'confirm'
  readonly message: string
  readonly initial: boolean
}

/** Puts questions to a person. Ctrl+C, Ctrl+D and Esc throw a `CancelledError`. */
export interface Prompter {
  secret<Value>(question: SecretQuestion<Value>): Promise<Value>
  tick<Name extends string>(question: TickQuestion<Name>): Promise<readonly Name[]>
  confirm(question: ConfirmQuestion): Promise<boolean>
}
