import { CliError } from '../errors.ts'

/**
 * A line of a `.env` file. Plain where that is safe, since `docker --env-file` takes quotes for a part of the value;
 * else in single quotes, which every reader takes literally. Where neither does it: an error.
 */
export function renderDotenv(name: string, value: string): string {
  if (/^[\w@%+=:,./;~-]*$/.test(value)) return `${name}=${value}`
  if (!/['\r\n]/.test(value)) return `${name}='${value}'`
  throw new CliError(`The value of ${name} has a character that a .env file cannot hold.`, {
    code: 'format',
    hint: 'use --format json',
  })
}
