import { spawnSync } from 'node:child_process'

/**
 * Whether a program that a suite needs is there. Where it is not, the suite may be left out, and says so; in CI, where
 * `.ci/run` installs all of them, that is a failure.
 */
export function hasProgram(name: string, versionArgument = '--version'): boolean {
  if (spawnSync(name, [versionArgument], { stdio: 'ignore' }).error === undefined) return true
  if (process.env.CI) throw new Error(`${name} is missing; in CI nothing may be left out`)
  console.warn(`left out: tests that need ${name}, which is not installed`)
  return false
}

/** Of tables that take an hour the tests have a part; with this variable all of it. */
export const WHOLE_TABLES = process.env.ACS_ENV_TEST_WHOLE_TABLES !== undefined
