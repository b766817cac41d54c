import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, scratch } from './world.mjs'

/**
 * Builds another commit of this repository, and returns the path of its program. Its packages are those of this one,
 * unless its lock file names others.
 *
 * @param {string} ref
 */
export function buildEarlier(ref) {
  const directory = join(scratch, 'earlier')
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' })
  const commit = git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`).trim()
  git('worktree', 'add', '--quiet', '--detach', directory, commit)
  process.on('exit', () => git('worktree', 'remove', '--force', directory))
  const lockOf = (/** @type {string} */ root) => readFileSync(join(root, 'package-lock.json'), 'utf8')
  const npm = (/** @type {string[]} */ ...args) => execFileSync('npm', args, { cwd: directory, stdio: 'ignore' })
  if (lockOf(directory) === lockOf(ROOT) && existsSync(join(ROOT, 'node_modules'))) {
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  } else {
    npm('ci')
  }
  npm('run', 'build')
  return { ref: `${ref} (${commit.slice(0, 7)})`, script: join(directory, 'dist/cli.cjs') }
}
