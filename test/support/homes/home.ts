import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A home directory of a test's own. */
export interface TestHome {
  readonly path: string
  /** Writes a file below it, with the directories above. */
  write(name: string, contents: string | Buffer): string
  read(name: string): string
  /** Every file and directory below it, sorted. */
  list(): readonly string[]
  remove(): void
}

/** A new empty home; `name` is its last part, for homes with spaces and quotes in their names. */
export function makeHome(name = 'home'): TestHome {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'acs-env-test-')))
  const path = join(parent, name)
  mkdirSync(path)
  return {
    path,
    write: (file, contents) => {
      const target = join(path, file)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, contents)
      return target
    },
    read: (file) => readFileSync(join(path, file), 'latin1'),
    list: () => readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted(),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  }
}

/** Every file below a directory with its contents, byte for byte. */
export function readTree(directory: string): Readonly<Record<string, string>> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')]),
  )
}
