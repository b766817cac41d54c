import { renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../../src/platforms/resolve.ts'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { makeHome } from '../../support/homes/home.ts'
import { makeSystem, type WorldOptions } from '../../support/homes/world.ts'
import { canBeAnybody } from '../../support/programs/as-user.ts'
import { hasProgram } from '../../support/programs/requirements.ts'
import { startNamespace } from '../../support/schedulers/namespace.ts'

const USER = 1234
const accountsOf = (shell: string): string =>
  `root:x:0:0:root:/root:/bin/sh\nalice:x:${USER}:${USER}:Alice, 1:/home/alice:${shell}\ntwice:x:${USER}:1::/:/bin/fish\n`

async function setup(options: WorldOptions, args: readonly string[] = []): Promise<void> {
  const run = await acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args], options)
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
}

async function status(options: WorldOptions): Promise<{ exitCode: number; problems: unknown }> {
  const { exitCode, stdout } = await acs(['status', '--json'], options)
  return { exitCode, problems: (JSON.parse(stdout) as { problems: unknown }).problems }
}

const changedTo = (shell: string): string =>
  `Your login shell was changed to ${shell} after the setup, and it loads nothing.`
const fine = { exitCode: 0, problems: [] }

describe('the login shell of an account that is in a file', () => {
  const withAccounts = (accountShell: string): WorldOptions => ({
    userId: USER,
    accountShell,
    accountsFile: join(home.path, 'accounts'),
  })
  /** Inspects what is stored, and counts how often the system is asked. */
  async function asked(options: WorldOptions): Promise<number> {
    let count = 0
    const system = makeSystem(home.path, options)
    const store = await openStore({ ...system, accountShell: () => ((count += 1), options.accountShell) })
    await store.inspect(await store.find())
    return count
  }

  it('is not asked for as long as the file is the same', async () => {
    home.write('accounts', accountsOf('/bin/bash'))
    await setup(withAccounts('/bin/bash'))
    expect(await asked(withAccounts('/bin/bash'))).toBe(0)
    expect(await status(withAccounts('/bin/bash'))).toEqual(fine)
  })

  it.each<[string, () => void]>([
    ['written anew', () => home.write('accounts', accountsOf('/usr/bin/fish'))],
    [
      'replaced by one of the same size and time',
      () => {
        const [other, accounts] = [home.write('other', accountsOf('/bin/fish')), join(home.path, 'accounts')]
        const { atime, mtime } = statSync(accounts)
        utimesSync(other, atime, mtime)
        renameSync(other, accounts)
      },
    ],
    ['gone', () => rmSync(join(home.path, 'accounts'))],
  ])('is asked for where the file was %s', async (_, change) => {
    home.write('accounts', accountsOf('/bin/bash'))
    await setup(withAccounts('/bin/bash'))
    change()
    expect(await asked(withAccounts('/bin/bash'))).toBe(1)
    expect(await status(withAccounts('/bin/bash'))).toEqual(fine)
    expect(await status(withAccounts('/usr/bin/fish'))).toEqual({
      exitCode: 3,
      problems: [changedTo('/usr/bin/fish')],
    })
  })

  it.each([
    ['says something else than the system, as a directory service that is asked first', accountsOf('/bin/zsh')],
    ['does not have the account', 'root:x:0:0:root:/root:/bin/bash\n'],
    ['is no list of accounts', '\0\n::::\n'],
  ])('is asked for each time where the file %s', async (_, accounts) => {
    home.write('accounts', accounts)
    await setup(withAccounts('/bin/bash'))
    expect(await asked(withAccounts('/bin/bash'))).toBe(1)
    expect(await status(withAccounts('/usr/bin/fish'))).toEqual({
      exitCode: 3,
      problems: [changedTo('/usr/bin/fish')],
    })
  })

  it('is asked for each time where there is no such file', async () => {
    await setup(withAccounts('/bin/bash'))
    expect(await asked(withAccounts('/bin/bash'))).toBe(1)
  })

  it('is asked for where the setup was one of an earlier release', async () => {
    home.write('accounts', accountsOf('/bin/bash'))
    await setup(withAccounts('/bin/bash'))
    const state = JSON.parse(home.read('.config/acs-env/state.json')) as Record<string, unknown>
    expect(state.accounts_file).toBeDefined()
    home.write('.config/acs-env/state.json', JSON.stringify({ ...state, accounts_file: undefined }))
    expect(await asked(withAccounts('/bin/bash'))).toBe(1)
  })
})

describe.skipIf(!canBeAnybody() || !hasProgram('chsh', '--help'))('chsh', () => {
  it('is seen, and so is that it was taken back', async () => {
    const own = makeHome()
    const machine = await startNamespace(own.path, 'cp -a /etc "$HOME/etc"; mount --bind "$HOME/etc" /etc')
    try {
      machine.sh('chsh --shell /bin/bash root')
      const env = { SHELL: '/bin/bash', AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString }
      expect(await machine.acs(['setup', '--yes'], { env })).toMatchObject({ exitCode: 0 })
      expect(await machine.acs(['status'], { env })).toMatchObject({ exitCode: 0 })
      machine.sh('chsh --shell /bin/zsh root')
      const changed = await machine.acs(['status'], { env })
      expect([changed.exitCode, changed.stdout]).toEqual([3, expect.stringContaining(changedTo('/bin/zsh'))])
      machine.sh('chsh --shell /bin/bash root')
      expect(await machine.acs(['status'], { env })).toMatchObject({ exitCode: 0 })
    } finally {
      await machine.end()
      own.remove()
    }
  })
})
