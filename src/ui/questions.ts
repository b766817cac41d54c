/** An answer that was understood, and how it may be shown. */
export interface Taken<Value> {
  readonly kind: 'taken'
  readonly value: Value
  readonly shown: string
}

/** What is wrong with an answer, in sentences that repeat nothing of it. */
export interface Refused {
  readonly kind: 'refused'
  /** One line or several. */
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

/** A list to pick one thing from. Enter alone takes the first. */
export interface PickQuestion<Name extends string> {
  readonly kind: 'pick'
  readonly message: string
  /** No two have the same name. */
  readonly choices: readonly Choice<Name>[]
}

/** Yes or no; Enter alone takes `initial`. */
export interface ConfirmQuestion {
  readonly kind: 'confirm'
  readonly message: string
  readonly initial: boolean
}

/** One thing out of a few. Enter alone takes the first; the letter of each is enough. */
export interface ChooseQuestion<Name extends string> {
  readonly kind: 'choose'
  readonly message: string
  readonly choices: readonly Option<Name>[]
}

export interface Option<Name extends string> {
  /** A word that can be typed; it begins with a letter of its own. */
  readonly name: Name
  readonly description: string
}

/** Puts questions to a person. Ctrl+C, Ctrl+D and Esc throw a `CancelledError`. */
export interface Prompter {
  secret<Value>(question: SecretQuestion<Value>): Promise<Value>
  tick<Name extends string>(question: TickQuestion<Name>): Promise<readonly Name[]>
  choose<Name extends string>(question: ChooseQuestion<Name>): Promise<Name>
  pick<Name extends string>(question: PickQuestion<Name>): Promise<Name>
  confirm(question: ConfirmQuestion): Promise<boolean>
}
