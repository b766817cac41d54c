import { execFileSync } from 'node:child_process'
import { delimiter } from 'node:path'

/** A Node to run the built program on. */
export interface TestNode {
  /** `v24.21.0` */
  readonly version: string
  readonly path: string
}

/** Every Node named in ACS_ENV_TEST_NODES, else the one that runs the tests; in CI they have to be named. */
export function testNodes(): readonly TestNode[] {
  const { ACS_ENV_TEST_NODES: named = '', CI: inCi = '' } = process.env
  const paths = named.split(delimiter).filter((path) => path !== '')
  if (paths.length === 0 && inCi !== '') {
    throw new Error('ACS_ENV_TEST_NODES is missing; in CI it names every Node to test on')
  }
  return (paths.length === 0 ? [process.execPath] : paths).map((path) => ({
    version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(),
    path,
  }))
}
