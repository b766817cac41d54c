import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'

const OWN = '.config/acs-env'

const setup = (args: readonly string[] = []): ReturnType<typeof acs> =>
  acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])

const problems = async (): Promise<readonly string[]> => {
  const { stdout } = await acs(['status', '--json'])
  return (JSON.parse(stdout) as { problems: readonly string[] }).problems
}

const modeOf = (path: string): number => statSync(join(home.path, path)).mode & 0o777

/** What a backup, a checkout or a copy makes of the permissions. */
const cases: readonly (readonly [string, readonly string[], string, number, number])[] = [
  ['the connection string', [], `${OWN}/connection-string`, 0o644, 0o600],
  ['the token, for the group', [], `${OWN}/access-token`, 0o640, 0o600],
  ['a token that others can write', [], `${OWN}/access-token`, 0o602, 0o600],
  ['the directory', [], OWN, 0o755, 0o700],
  ['the directory, to be entered alone', [], OWN, 0o711, 0o700],
  ['a profile with the values', ['--inline'], '.bash_profile', 0o644, 0o600],
  ['a profile with the values, for the group', ['--inline'], '.bashrc', 0o660, 0o600],
]

describe('values that others can read', () => {
  it.each(cases)(
    'are reported by status, and made private by the next write: %s',
    async (_, args, path, open, closed) => {
      for (const write of [['refresh'], ['setup', '--no-verify', ...args]]) {
        await setup(args)
        expect(await problems()).toEqual([])
        chmodSync(join(home.path, path), open)
        expect(await problems()).toEqual([
          expect.stringMatching(new RegExp(`^Others may .* ~/${path} \\(mode ${open.toString(8)}\\)\\.$`)),
        ])
        expect((await acs(['status'])).exitCode).toBe(3)
        expect((await acs(write)).exitCode).toBe(0)
        expect([modeOf(path), await problems()]).toEqual([closed, []])
      }
    },
  )

  it('are no matter where a profile only loads them', async () => {
    await setup()
    chmodSync(join(home.path, '.bash_profile'), 0o644)
    expect(await problems()).toEqual([])
  })
})
