import type { Secret } from '../secret.ts'
import type { Environment } from '../system/system.ts'
import type { Facts, StoredVariable } from './facts.ts'
import type { RunningProgram } from './processes.ts'

/** The variables of which this process has another value than the stored one, or none. */
export function differingHere(variables: readonly StoredVariable[], env: Environment): readonly StoredVariable[] {
  return variables.filter(({ name, secret }) => env[name] !== secret.reveal())
}

/** The variables of which this process has another value than the stored one. */
export function otherHere(variables: readonly StoredVariable[], env: Environment): readonly StoredVariable[] {
  return differingHere(variables, env).filter(({ name }) => env[name] !== undefined)
}

/** The variables of which an environment has another value than the stored one. */
export function otherIn(
  variables: readonly StoredVariable[],
  environment: ReadonlyMap<string, Secret>,
): readonly StoredVariable[] {
  return variables.filter(({ name, secret }) => {
    const held = environment.get(name)
    return held !== undefined && !held.equals(secret)
  })
}

/** Of the programs around this one the farthest that began with the very value that is here. */
export function originOf(
  name: string,
  programs: readonly RunningProgram[],
  env: Environment,
): RunningProgram | undefined {
  const value = env[name]
  if (value === undefined) return undefined
  return programs.findLast(({ environment }) => environment?.get(name)?.reveal() === value)
}

/** A program that hands its own environment to all that it starts, and cannot take in another one. */
export interface Keeper {
  /** Whether a program is it, by a path of its own. */
  readonly isIt: (path: string) => boolean
  /** Whether this process runs in it, though it may not be among the ancestors. */
  readonly isTold: (env: Environment) => boolean
}

/**
 * The variables that were stored after a keeper around this process had started; undefined where there is no such
 * keeper. Its process is not asked: an editor reads the user's shell when it starts, which its environment does not show.
 */
export async function staleIn(
  { isIt, isTold }: Keeper,
  { ancestors, variables, system }: Pick<Facts, 'ancestors' | 'variables' | 'system'>,
): Promise<readonly StoredVariable[] | undefined> {
  const programs = (await ancestors()).filter(({ paths }) => paths.some((path) => isIt(path)))
  const oldest = programs.at(-1)
  if (oldest === undefined && !isTold(system.env)) return undefined
  const startedAt = oldest?.startedAt
  if (startedAt === undefined) return differingHere(variables, system.env)
  return variables.filter(({ storedAt }) => storedAt !== undefined && startedAt < storedAt)
}

export function namesOf(variables: readonly { readonly name: string }[]): readonly string[] {
  return variables.map(({ name }) => name)
}
