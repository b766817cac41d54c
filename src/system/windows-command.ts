import { statSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import type { Environment } from './system.ts'

const USUAL_ENDINGS = '.COM;.EXE;.BAT;.CMD'

/**
 * Whether Windows would find a program of this name. What it does not find goes to `cmd.exe` (cross-spawn), which says so
 * in words and with an exit code of its own.
 */
export function isCommandOfWindows(program: string, env: Environment): boolean {
  const listOf = (wanted: string, usual = ''): readonly string[] =>
    (Object.entries(env).find(([name]) => name.toUpperCase() === wanted)?.[1] || usual).split(';')
  // The directory at hand comes first.
  const directories = /[\\/:]/.test(program) ? [''] : ['', ...listOf('PATH')]
  const endings = ['', ...listOf('PATHEXT', USUAL_ENDINGS)]
  return directories.some((directory) =>
    endings.some((ending) => isFile(join(directory.replaceAll('"', ''), program + ending))),
  )
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch (error) {
    // Programs of the Store are there, and yet Node cannot look at them (nodejs/node#36790).
    return !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
  }
}
