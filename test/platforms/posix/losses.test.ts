import { chmodSync, chownSync, linkSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { built, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { canBeAnybody } from '../../support/programs/as-user.ts'
import type { BuiltRun } from '../../support/programs/built.ts'

const USER = 54_321
const LOST = /^warning: \S*profile could not keep its other names \(hard links/m

/** As a user without privileges, in a directory of root's where everybody may make files, as in /tmp. */
function asUser(args: readonly string[]): Promise<BuiltRun> {
  return built(args, { userId: USER, env: { SHELL: '/bin/bash' } })
}

/** A profile of that user's with a second name; into a file of another user's directory nothing is written in place. */
function share(): string {
  const directory = join(dirname(home.path), 'team')
  mkdirSync(directory)
  chmodSync(directory, 0o1777)
  const profile = home.write('../team/profile', 'mine=1\n')
  linkSync(profile, `${profile}.twin`)
  for (const path of [profile, home.path]) chownSync(path, USER, USER)
  chmodSync(dirname(home.path), 0o755)
  return profile
}

function setup(profile: string, ...args: readonly string[]): Promise<BuiltRun> {
  const source = ['--connection-string', emulator.connectionString]
  return asUser(['setup', '--yes', '--no-verify', ...source, '--rc-file', profile, ...args])
}

describe.runIf(canBeAnybody())('what a rewritten file could not keep', () => {
  it.each<readonly [readonly string[]]>([[[]], [['--inline']], [['--json']], [['--quiet']], [['--json', '--quiet']]])(
    'is said by setup, on standard error alone: %j',
    async (args) => {
      const profile = share()
      const { exitCode, stdout, stderr } = await setup(profile, ...args)
      expect([exitCode, stderr]).toEqual([0, expect.stringMatching(LOST)])
      expect(stdout).not.toMatch(/keep/)
      if (args.includes('--json')) expect(JSON.parse(stdout)).toHaveProperty('stored')
    },
  )

  it.each(['refresh', 'unset'])('is said by %s', async (command) => {
    const profile = share()
    await setup(profile, '--inline')
    // It has one name now, and gets another one.
    linkSync(profile, `${profile}.other`)
    const { exitCode, stderr } = await asUser([command, '--yes'])
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(LOST)])
    expect(statSync(`${profile}.twin`).nlink).toBe(1)
  })
})
