import { UsageError } from '../errors.ts'
import type { Options } from './options.ts'

/**
 * Refuses an option together with one of the others; each has been given if it is not undefined.
 *
 * @throws UsageError that names the two, as they are typed
 */
export function requireCompatible<Given extends Options>(
  options: Given,
  option: keyof Given & string,
  others: readonly (keyof Given & string)[],
  hint = 'leave one of them out',
): void {
  if (options[option] === undefined) return
  const other = others.find((name) => options[name] !== undefined)
  if (other === undefined) return
  throw new UsageError(`--${inKebabCase(option)} and --${inKebabCase(other)} do not go together.`, { hint })
}

/** `connectionStringStdin` as it is typed: `connection-string-stdin`. */
export function inKebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
