import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  linkSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { HomeShell } from '../../look/start-up-homes/start-up-home.ts'

/** What may happen to a start-up file that `setup` has seen. */
export interface Change {
  readonly name: string
  apply(path: string): void
}

export const changes: readonly Change[] = [
  { name: 'has another line', apply: (path) => appendFileSync(path, '\n# added later\n') },
  { name: 'is empty', apply: (path) => truncateSync(path) },
  {
    // As an editor saves: the same bytes, the same time, another file.
    name: 'was replaced',
    apply: (path) => {
      copy(path, `${path}.new`)
      renameSync(`${path}.new`, path)
    },
  },
  { name: 'was touched', apply: (path) => utimesSync(path, new Date(), new Date(Date.now() + 2_000)) },
  { name: 'is gone', apply: (path) => rmSync(path) },
]

/**
 * Changes a start-up file, and puts it back afterwards: the same file with the same bytes and times.
 *
 * @param path where it is; the file that a link leads to is what changes
 */
export async function whileChanged(change: Change, path: string, act: () => Promise<void>): Promise<void> {
  const target = realpathSync(path)
  const [backup, original] = [`${target}.backup`, `${target}.original`]
  copy(target, backup)
  linkSync(target, original)
  try {
    change.apply(target)
    await act()
  } finally {
    renameSync(original, target)
    // Two names of one file stay as they are when one is renamed to the other.
    rmSync(original, { force: true })
    writeFileSync(target, readFileSync(backup))
    // Node knows no nanoseconds.
    runFileCommand('touch', ['-r', backup, target])
    rmSync(backup)
  }
}

/** With owner, mode, and time to the nanosecond. */
function copy(from: string, to: string): void {
  runFileCommand('cp', ['-a', from, to])
}

function runFileCommand(program: string, args: readonly string[]): void {
  if (spawnSync(program, args).status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
}

const FILES: Readonly<Record<HomeShell, readonly string[]>> = {
  bash: ['.bashrc', '.bash_profile'],
  zsh: ['.zshrc', '.zshenv', '.zprofile', '.zlogin'],
  sh: ['.profile'],
  ksh: ['.kshrc', '.profile'],
  mksh: ['.mkshrc', '.profile'],
}

/** The start-up files that the shell reads in this home. Where another directory takes part, those that say so. */
export function startUpFilesIn(home: string, shell: HomeShell): readonly string[] {
  const files = FILES[shell].map((name) => join(home, name)).filter((path) => existsSync(path))
  const redirecting = files.filter((path) => readFileSync(path, 'latin1').includes('ZDOTDIR'))
  return redirecting.length > 0 ? redirecting : files
}
