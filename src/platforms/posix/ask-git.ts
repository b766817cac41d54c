import type { System } from '../../system/system.ts'
import { gitEnvironment } from './git-environment.ts'

/** It only reads what it has about some files. */
const TIMEOUT_MS = 3_000

export type GitRunner = Pick<System, 'run' | 'env' | 'userId'>

/** A repository that files of the home can be in. */
export interface Repository {
  /** As people know it. */
  readonly path: string
  /** The arguments that make git use it. */
  readonly args: readonly string[]
}

/** Why git would commit a file: it has it already, or nothing keeps it out. */
export type Exposure = 'tracked' | 'not-ignored'

/** Asks git why it would commit this file; undefined where it would not, or gives no answer. */
export async function askExposure(
  path: string,
  repository: Repository,
  system: GitRunner,
): Promise<Exposure | undefined> {
  const tracked = await askGit(['ls-files', '--error-unmatch', '--', path], repository, system)
  if (tracked === 0) return 'tracked'
  if (tracked !== 1) return undefined
  // Git's own answer, with every .gitignore and exclude file: 0 is ignored, 1 is not.
  const ignored = await askGit(['check-ignore', '--quiet', '--', path], repository, system)
  return ignored === 1 ? 'not-ignored' : undefined
}

/** Its exit code; undefined where there is no answer. */
async function askGit(args: readonly string[], repository: Repository, system: GitRunner): Promise<number | undefined> {
  // No program that the repository names is started.
  const options = ['-c', 'core.fsmonitor=false', ...repository.args]
  const result = await system.run('git', [...options, ...args], { env: gitEnvironment(system), timeoutMs: TIMEOUT_MS })
  return result.kind === 'exited' ? result.exitCode : undefined
}
