import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import type { System } from '../../system/system.ts'

/**
 * Nodes for the launcher to try first: the one that runs this, and the others on PATH. Absolute paths.
 *
 * Which of them are new enough the launcher finds out when it needs one: they change.
 */
export function nodesOnPath({ self, env, platform }: System): readonly string[] {
  const name = platform === 'win32' ? 'node.exe' : 'node'
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter(isLasting)
    .map((directory) => join(directory, name))
    .filter(isProgram)
  return [...new Set([self.nodePath, ...onPath])].filter((path) => !/[\r\n"]/.test(path) || platform !== 'win32')
}

/** False for a directory on PATH that is relative, or of one shell (fnm), one project or one run: gone before the job runs. */
export function isLasting(directory: string): boolean {
  return isAbsolute(directory) && !/fnm_multishells|node_modules|\/_npx\//.test(directory)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
