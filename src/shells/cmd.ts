import { CliError } from '../errors.ts'

/** `set` for cmd. What cmd expands even between quotes, it has no way to write: such a value is an error. */
export function renderCmd(name: string, value: string): string {
  if (/[%!"\r\n]/.test(value)) {
    throw new CliError(`The value of ${name} has a character that cmd cannot take.`, {
      code: 'format',
      hint: 'use --format powershell',
    })
  }
  return `set "${name}=${value}"`
}
