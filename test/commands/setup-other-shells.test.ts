import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { TestHome } from '../support/homes/home.ts'
import { askInNewTerminal, type TerminalAnswer } from '../support/homes/new-terminal.ts'
import { listWithoutShells, residentWith } from '../support/homes/resident.ts'
import { installedOtherShells, type InstalledShell } from '../support/programs/other-shells.ts'

/** The file that loads the values, below the home. */
const LOADED_BY: Readonly<Record<string, string>> = {
  fish: '.config/fish/conf.d/acs-env.fish',
  nu: '.config/nushell/autoload/acs-env.nu',
  xonsh: '.config/xonsh/rc.d/acs-env.xsh',
  tcsh: '.tcshrc',
  elvish: '.config/elvish/rc.elv',
}
const installed = installedOtherShells()
// Each waits for shells most of the time.
vi.setConfig({ testTimeout: 60_000, maxConcurrency: 6 })

it.concurrent.each(installed)(
  '$title gets the values into new terminals, once, and the home is as it was after unset',
  async (shell) => {
    const file = LOADED_BY[shell.name] ?? ''
    const { home, setup, acs } = residentWith(shell.program, { name: `a b é$x'q"\\` })
    // The user's own file, where the shell has no directory for files of others.
    if (['tcsh', 'elvish'].includes(shell.name)) home.write(file, '# mine')
    const before = listWithoutShells(home)

    const first = await setup()
    expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining('New terminals have them.')])
    await expect(ask(shell, home)).resolves.toMatchObject({ connectionString: 'same', accessToken: 'same' })

    const written = stampOf(home, file)
    expect((await setup()).exitCode).toBe(0)
    expect(stampOf(home, file)).toEqual(written)
    expect((await acs('status')).exitCode).toBe(0)

    expect((await acs('unset', '--yes')).exitCode).toBe(0)
    expect(listWithoutShells(home)).toEqual(before)
    if (before.includes(file)) expect(home.read(file)).toBe('# mine')
  },
)

it.concurrent.each(installed)('$title can have them in its file itself, which refresh renews', async (shell) => {
  const file = LOADED_BY[shell.name] ?? ''
  const { home, setup, acs } = residentWith(shell.program, { name: '*[a-z]?{1,2} #!&;' })
  const first = await setup('--inline')
  expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining('New terminals have them.')])
  expect(statSync(join(home.path, file)).mode & 0o777).toBe(0o600)
  const token = (await acs('token')).stdout.trim()
  expect(home.read(file)).toContain(token)

  expect((await acs('refresh')).exitCode).toBe(0)
  const renewed = (await acs('token')).stdout.trim()
  expect([renewed === token, home.read(file).includes(renewed), home.read(file).includes(token)]).toEqual([
    false,
    true,
    false,
  ])
  expect((await acs('status')).exitCode).toBe(0)
  expect((await acs('unset', '--yes')).exitCode).toBe(0)
  expect(listWithoutShells(home)).toEqual([])
})

async function ask({ program }: InstalledShell, home: TestHome): Promise<TerminalAnswer> {
  const scratch = mkdtempSync(join(tmpdir(), 'acs-env-terminal-'))
  // The question has a path without a quote, unlike some homes.
  const store = join(scratch, 'store')
  mkdirSync(store)
  for (const name of ['connection-string', 'access-token']) {
    writeFileSync(join(store, name), home.read(`.config/acs-env/${name}`))
  }
  try {
    const start = 'interactive'
    return await askInNewTerminal({
      shell: program,
      start,
      home: home.path,
      store,
      scratch,
      account: { kind: 'own' },
      script: '',
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** What changes when a file is written, if only with the same bytes. */
function stampOf(home: TestHome, file: string): readonly unknown[] {
  const { mtimeNs, ino } = statSync(join(home.path, file), { bigint: true })
  return [home.read(file), mtimeNs, ino]
}
