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
  const named = nodesNamedIn('ACS_ENV_TEST_NODES', 'every Node to test on')
  return named.length === 0 ? [nodeAt(process.execPath)] : named
}

/** Every Node named in ACS_ENV_TEST_OLD_NODES, which are too old; in CI they have to be named. */
export function oldNodes(): readonly TestNode[] {
  return nodesNamedIn('ACS_ENV_TEST_OLD_NODES', 'some that are too old')
}

function nodesNamedIn(variable: string, what: string): readonly TestNode[] {
  const { [variable]: named = '', CI: inCi = '' } = process.env
  const paths = named.split(delimiter).filter((path) => path !== '')
  if (paths.length === 0 && inCi !== '') throw new Error(`${variable} is missing; in CI it names ${what}`)
  return paths.map(nodeAt)
}

function nodeAt(path: string): TestNode {
  return { version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path }
}
