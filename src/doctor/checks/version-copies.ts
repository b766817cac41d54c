import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { systemCode } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import { version } from '../../version.ts'
import type { Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'

/** An older acs-env on PATH, which scripts and other shells start in the place of this one. */
export const versionCopies: Check = {
  id: 'version.copies',
  fine: 'No other version of acs-env is on PATH.',
  on: 'every system',
  run: ({ system, show }) => {
    const directories = (system.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '')
    const programs = directories.map((directory) => join(directory, 'acs-env')).filter((program) => existsSync(program))
    return [...new Set(programs)].flatMap((program) => {
      const other = versionOf(program)
      if (other === undefined || other === version) return []
      return [
        warningFinding(
          `${show(program)} is version ${printable(other)} of acs-env, and this one is ${version}.`,
          cureOf('Make them the same', 'npm install -g acs-env@latest'),
        ),
      ]
    })
  },
}

/** Of the package that the program belongs to; on Windows the package lies beside it. */
function versionOf(program: string): string | undefined {
  const beside = join(dirname(program), 'node_modules/acs-env/package.json')
  return readVersion(join(dirname(realpathSync(program)), '../package.json')) ?? readVersion(beside)
}

function readVersion(file: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown; version?: unknown }
    return name === 'acs-env' && typeof version === 'string' ? version : undefined
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof SyntaxError)) throw error
    return undefined
  }
}
