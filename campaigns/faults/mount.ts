import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Mounts, does the work, and unmounts again whatever happens. */
export async function withMount<Result>(
  args: readonly string[],
  target: string,
  work: () => Promise<Result>,
): Promise<Result> {
  mount(...args, target)
  try {
    return await work()
  } finally {
    spawnSync('umount', ['--lazy', target])
  }
}

/** `mount` with these arguments; throws where it fails. */
export function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`mount ${args.join(' ')}: ${stderr}`)
}

/** Whether this machine lets us mount. In CI, where it has to, anything else is a failure. */
export function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-mount-'))
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', directory], { stdio: 'ignore' }).status === 0
  if (isMounted) spawnSync('umount', [directory])
  rmSync(directory, { recursive: true })
  if (isMounted) return true
  if (process.env.CI) throw new Error('mounting is not permitted; in CI nothing may be left out')
  console.warn('left out: homes on other file systems, since mounting is not permitted')
  return false
}
