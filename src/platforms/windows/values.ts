import { Secret } from '../../secret.ts'
import type { RegistryString } from '../../store/plan.ts'

/** The string values of the user environment. To Windows, names that differ in letter case alone are the same. */
export class WindowsValues {
  readonly #values: ReadonlyMap<string, RegistryString>

  constructor(values: Iterable<readonly [string, RegistryString]>) {
    this.#values = new Map([...values].map(([name, value]) => [name.toUpperCase(), value]))
  }

  get(name: string): Secret | undefined {
    const value = this.string(name)
    return value && new Secret(value.text)
  }

  /** The value as the registry has it. */
  string(name: string): RegistryString | undefined {
    return this.#values.get(name.toUpperCase())
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** True if the value is one in which Windows replaces `%NAME%`. */
  expands(name: string): boolean {
    return this.string(name)?.expands === true
  }

  /** True if the variable has this value, or is absent where that is undefined. */
  holds(name: string, value: Secret | undefined): boolean {
    const stored = this.get(name)
    return value === undefined ? stored === undefined : value.equals(stored)
  }

  /** These values but for some. */
  without(names: readonly string[]): WindowsValues {
    const left = new Map(this.#values)
    for (const name of names) left.delete(name.toUpperCase())
    return new WindowsValues(left)
  }
}
