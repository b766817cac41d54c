import { randomUUID } from 'node:crypto'
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CliError, UsageError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import type { Environment } from '../system/system.ts'
import type { Assignment } from './format.ts'

/**
 * The workflow commands that mask the values in the log of a GitHub Actions job, and the key in a connection string for
 * itself too: a step that takes it apart would show it. `%` and line breaks are escaped.
 */
export function maskInGithub(assignments: readonly Assignment[]): string {
  const secrets = assignments.flatMap(({ value }) => {
    const [, accessKey] = /(?:^|;)accesskey=([^;]+)/i.exec(value.reveal()) ?? []
    return [value.reveal(), ...(accessKey === undefined ? [] : [accessKey])]
  })
  return secrets.map((secret) => `::add-mask::${escapeCommandData(secret)}\n`).join('')
}

/** What the file of `$GITHUB_ENV` gets, for the later steps of the job to have the variables. */
export function renderGithubEnv(assignments: readonly Assignment[]): string {
  return assignments.map(({ name, value }) => renderAssignment(name, value.reveal())).join('')
}

/** Adds text to the file of the job, and does `before` once that file can be written; what is in it stays. */
export async function appendToGithubEnv(text: string, env: Environment, before: () => Promise<void>): Promise<void> {
  const path = githubEnvFile(env)
  const file = tryToWrite(path, () => openSync(path, 'a+'))
  try {
    await before()
    // Somebody's last line may lack its end, and would swallow our first.
    tryToWrite(path, () => appendFileSync(file, endsInsideLine(file) ? `\n${text}` : text))
  } finally {
    closeSync(file)
  }
}

/** The file of the job; outside a job a `UsageError`. */
export function githubEnvFile({ GITHUB_ENV }: Environment): string {
  if (GITHUB_ENV !== undefined) return GITHUB_ENV
  throw new UsageError('GITHUB_ENV is not set, so this is not a step of a GitHub Actions job.', {
    hint: 'choose another --format',
  })
}

function escapeCommandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function renderAssignment(name: string, value: string): string {
  if (value.includes('\r')) {
    // The runner takes it for a part of the line's end.
    throw new CliError(`The value of ${name} has a carriage return in it.`, {
      code: 'format',
      hint: 'run "acs-env setup" again',
    })
  }
  if (!value.includes('\n')) return `${name}=${value}\n`
  const delimiter = `acs_env_${randomUUID()}`
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
}

function endsInsideLine(file: number): boolean {
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString('latin1') !== '\n'
}

function tryToWrite<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw fileError('written', path, error)
  }
}
