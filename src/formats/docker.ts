import { CliError } from '../errors.ts'

/** A line for `docker run --env-file`, which takes quotes for a part of the value, and everything up to the line's end. */
export function renderDockerEnv(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return `${name}=${value}`
  throw new CliError(`The value of ${name} has a line break, which a file for Docker cannot hold.`, {
    code: 'format',
    hint: 'use --format json',
  })
}
