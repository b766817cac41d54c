import { CliError } from '../errors.ts'

/**
 * A line of a `.env` file, for a shell that sources it and for the libraries that read it. Bare where nothing in the
 * value has a meaning to a shell, else in single quotes, which all of them take literally: without those a shell would
 * end a connection string at its `;`. Where neither does it: an error.
 */
export function renderDotenv(name: string, value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return `${name}=${value}`
  if (!/['\r\n]/.test(value)) return `${name}='${value}'`
  throw new CliError(`The value of ${name} has a character that a .env file cannot hold.`, {
    code: 'format',
    hint: 'use --format json',
  })
}
