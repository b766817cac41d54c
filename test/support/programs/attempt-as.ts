import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { makeHome } from '../homes/home.ts'
import type { User } from './as-user.ts'
import type { Attempt } from './attempt-entry.ts'

/**
 * `attempt` in a process of another user: the system checks permissions against the user that started a process, not
 * the one that it switches to later.
 */
export async function prepareAttempts(): Promise<{
  /** The bundle, for a process of one's own. */
  readonly file: string
  readonly attemptAs: (user: User, path: string) => Attempt
  readonly remove: () => void
}> {
  const home = makeHome()
  for (const directory of [join(home.path, '..'), home.path]) chmodSync(directory, 0o755)
  const file = join(home.path, 'attempt.cjs')
  const bundle = await rolldown({ input: join(import.meta.dirname, 'attempt-entry.ts'), platform: 'node' })
  await bundle.write({ file, format: 'cjs' })
  await bundle.close()
  const script = 'console.log(JSON.stringify(require(process.argv[1]).attempt(process.argv[2])))'
  return {
    file,
    attemptAs: ({ uid, gids: [gid] }, path) => {
      const args = ['-e', script, file, path]
      return JSON.parse(execFileSync(process.execPath, args, { uid, gid, cwd: '/', encoding: 'utf8' })) as Attempt
    },
    remove: home.remove,
  }
}
