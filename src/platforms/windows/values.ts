import { Secret } from '../../secret.ts'
import type { RegistryString } from '../../store/plan.ts'

/** The string values of the user environment. To Windows, names that differ in letter case alone are the same. */
export class WindowsValues {
  readonly #values: ReadonlyMap<string, { readonly name: string; readonly value: RegistryString }>

  constructor(values: Iterable<readonly [string, RegistryString]>) {
    this.#values = new Map([...values].map(([name, value]) => [name.toUpperCase(), { name, value }]))
  }

  get(name: string): Secret | undefined {
    const value = this.string(name)
    return value && new Secret(value.text)
  }

  /** The value as the registry has it. */
  string(name: string): RegistryString | undefined {
    return this.#values.get(name.toUpperCase())?.value
  }

  /**
   * True if the variable has this value, or is absent where that is undefined.
   *
   * @param expands whether Windows is to replace `%NAME%` in it
   */
  holds(name: string, value: Secret | undefined, expands: boolean): boolean {
    const stored = this.string(name)
    if (stored === undefined || value === undefined) return stored === value
    return stored.text === value.reveal() && (stored.expands === expands || !stored.text.includes('%'))
  }

  /** The names of all that have this value. */
  namesWith(wanted: RegistryString | undefined): readonly string[] {
    return [...this.#values.values()].filter(({ value }) => value.text === wanted?.text).map(({ name }) => name)
  }

  /** These values but for some. */
  without(names: readonly string[]): WindowsValues {
    const gone = new Set(names.map((name) => name.toUpperCase()))
    const left = [...this.#values.values()].filter(({ name }) => !gone.has(name.toUpperCase()))
    return new WindowsValues(left.map(({ name, value }) => [name, value]))
  }
}
