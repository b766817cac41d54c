import { appendFileSync } from 'node:fs'
import { CliError, UsageError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import type { Environment } from '../system/system.ts'
import type { Assignment } from './format.ts'

/**
 * Hands variables to the later steps of a GitHub Actions job: adds them to the file that `$GITHUB_ENV` names.
 *
 * @returns the workflow commands that mask the values in the log, to be printed first
 */
export function maskInGithub(assignments: readonly Assignment[]): string {
  return assignments.map(({ value }) => `::add-mask::${value.reveal()}\n`).join('')
}

export function appendToGithubEnv(assignments: readonly Assignment[], env: Environment): void {
  const path = githubEnvFile(env)
  const text = assignments.map(({ name, value }) => `${name}=${singleLine(name, value.reveal())}\n`).join('')
  try {
    appendFileSync(path, text)
  } catch (error) {
    throw fileError('written', path, error)
  }
}

/** The file of the job; outside a job a `UsageError`. */
export function githubEnvFile({ GITHUB_ENV }: Environment): string {
  if (GITHUB_ENV !== undefined) return GITHUB_ENV
  throw new UsageError('GITHUB_ENV is not set, so this is no step of a GitHub Actions job.', {
    hint: 'choose another --format',
  })
}

function singleLine(name: string, value: string): string {
  if (!/[\r\n]/.test(value)) return value
  throw new CliError(`The value of ${name} has a line break in it.`, {
    code: 'format',
    hint: 'run "acs-env setup" again',
  })
}
