import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listWithoutShells, residentWith } from '../support/homes/resident.ts'
import { installedOtherShells, oldNushell } from '../support/programs/other-shells.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const FISH_FILE = '.config/fish/conf.d/acs-env.fish'
/** What stays where nothing shows that it was made for us. */
const LEFT_EMPTY: Readonly<Record<string, readonly string[]>> = {
  elvish: ['.config/elvish', '.config/elvish/rc.elv'],
  powershell: ['.config/powershell', '.config/powershell/profile.ps1'],
}

describe('a file of somebody else', () => {
  it.each([
    ['fish', '~/.config/fish/conf.d/acs-env.fish'],
    ['nu', '~/.config/nushell/autoload/acs-env.nu'],
    ['xonsh', '~/.config/xonsh/rc.d/acs-env.xsh'],
  ])('at our place in the directory of %s is refused, and left alone', async (name, path) => {
    const { home, setup } = residentWith(`/none/${name}`)
    home.write(path.slice(2), '# not ours\n')
    const { exitCode, stderr } = await setup()
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`error: ${path} is not from acs-env.\nhint: move it`),
    ])
    expect(home.list().filter((each) => each.startsWith('.config/acs-env'))).toEqual([])
    expect(home.read(path.slice(2))).toBe('# not ours\n')
  })
})

describe('without the records', () => {
  it.each([
    ['fish', ''],
    ['fish', 'config/of/mine'],
    ['xonsh', ''],
    ['elvish', ''],
    ['powershell', ''],
  ])('unset finds what was written for %s, and the directories that were made: %s', async (name, given) => {
    const { home, setup, acs } = residentWith(`/none/${name}`, {
      env: (path): Record<string, string> => (given === '' ? {} : { XDG_CONFIG_HOME: join(path, given) }),
    })
    expect((await setup('--no-verify')).exitCode).toBe(0)
    rmSync(join(home.path, '.config/acs-env/state.json'))
    rmSync(join(home.path, '.config/acs-env/restore.json'), { force: true })
    expect((await acs('unset', '--yes')).exitCode).toBe(0)
    // Who made an empty start-up file, and what is above our directory, is not known any more.
    const rest = home.list().filter((path) => !/^(?:\.config|config|config\/of)$/.test(path))
    expect(rest).toEqual(LEFT_EMPTY[name] ?? [])
  })
})

describe('the language of each file', () => {
  it('stays its own when another shell is set up', async () => {
    const { home, setup, acs } = residentWith('/bin/bash')
    expect((await setup('--no-verify')).exitCode).toBe(0)
    const block = home.read('.bashrc')
    expect((await setup('--no-verify', '--shell', 'fish')).exitCode).toBe(0)
    expect(home.read('.bashrc')).toBe(block)
    expect(home.read(FISH_FILE)).toContain('read -gx')
    // And the other way round.
    expect((await setup('--no-verify', '--shell', 'bash')).exitCode).toBe(0)
    expect(home.read(FISH_FILE)).toContain('read -gx')
    expect((await acs('unset', '--yes')).exitCode).toBe(0)
    expect(home.list()).toEqual([])
  })

  it('is asked for with --rc-file', async () => {
    const { home, setup } = residentWith('/bin/bash')
    home.write('config.fish', '# mine\n')
    const refused = await setup('--no-verify', '--rc-file', join(home.path, 'config.fish'))
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('config.fish is a file of fish')])
    const other = await setup('--no-verify', '--shell', 'fish', '--rc-file', join(home.path, '.bashrc'))
    expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('does not look like a file of fish')])
    const right = await setup('--no-verify', '--shell', 'fish', '--rc-file', join(home.path, 'config.fish'))
    expect([right.exitCode, home.read('config.fish')]).toEqual([0, expect.stringContaining('# >>> acs-env >>>')])
  })

  it('lets PowerShell have first what has to come first', async () => {
    const { home, setup } = residentWith('/bin/bash')
    const profile = '# mine\nusing namespace System.IO\n'
    home.write('.config/powershell/profile.ps1', profile)
    expect((await setup('--no-verify', '--shell', 'powershell')).exitCode).toBe(0)
    expect(home.read('.config/powershell/profile.ps1').startsWith(profile)).toBe(true)
  })

  it('is that of ~/.cshrc where tcsh has no file of its own', async () => {
    const { home, setup } = residentWith('/bin/bash')
    home.write('.cshrc', '# mine\n')
    expect((await setup('--no-verify', '--shell', 'tcsh')).exitCode).toBe(0)
    expect([home.read('.cshrc').includes('setenv'), home.list().includes('.tcshrc')]).toEqual([true, false])
  })
})

describe('a login shell that nobody knows', () => {
  it('gets the values stored, and the truth about the rest', async () => {
    const { home, setup, acs } = residentWith('/opt/shells/osh')
    const { exitCode, stderr } = await setup()
    expect(exitCode).toBe(3)
    expect(stderr).toContain('acs-env does not know how osh, your login shell, starts')
    expect(stderr).toContain('acs-env exec -- /opt/shells/osh')
    expect(stderr).not.toMatch(/--shell|loaded by/)
    expect((await acs('token')).stdout).toMatch(/^eyJ/)

    const status = await acs('status')
    expect([status.exitCode, status.stdout]).toEqual([3, expect.stringContaining('does not know how osh')])
    expect(status.stdout).not.toContain('puts this right')
    const doctor = await acs('doctor', '--offline', '--verbose')
    expect([doctor.exitCode, doctor.stdout]).toEqual([3, expect.stringContaining('does not know how osh, your login')])
    const refreshed = await acs('refresh')
    expect([refreshed.exitCode, refreshed.stderr]).toEqual([0, expect.stringContaining('exec -- /opt/shells/osh')])
    expect((await acs('unset', '--yes')).exitCode).toBe(0)
    expect(home.list()).toEqual([])
  })

  it('is reported to programs, too', async () => {
    const { stdout, exitCode } = await residentWith('/opt/shells/osh').setup('--json')
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      3,
      expect.objectContaining({
        activate: 'acs-env exec -- /opt/shells/osh',
        new_shell: expect.objectContaining({ outcome: 'not-seen' }),
      }),
    ])
  })

  it.each(['--inline', '--rc-file=x'])('cannot have %s, which would be written in its language', async (option) => {
    const { home, setup } = residentWith('/opt/shells/osh')
    const { exitCode, stderr } = await setup(option)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('osh is not one that acs-env knows')])
    expect(home.list()).toEqual([])
  })
})

describe.skipIf(!hasProgram('fish'))('fish', () => {
  it('whose config.fish sets another value: setup names the line', async () => {
    const { home, setup } = residentWith('/usr/bin/fish')
    home.write('.config/fish/config.fish', '# mine\nset -gx AZURE_COMMUNICATION_ACCESS_TOKEN old\n')
    const { exitCode, stderr } = await setup()
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringContaining(
        'config.fish sets AZURE_COMMUNICATION_ACCESS_TOKEN again in line 2, after the acs-env file.',
      ),
    ])
  })

  it('that takes over from bash is looked at as it is', async () => {
    const { home, setup } = residentWith('/bin/bash')
    home.write('work.sh', 'unset AZURE_COMMUNICATION_ACCESS_TOKEN\n')
    const handsOver = '. ~/work.sh\nexec fish\n'
    home.write('.bashrc', handsOver)
    home.write('.bash_profile', handsOver)
    const { exitCode, stderr } = await setup()
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('AZURE_COMMUNICATION_ACCESS_TOKEN')])
    // fish itself has them once it is set up, whatever bash has removed before.
    const again = await setup('--shell', 'fish')
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('New terminals have them.')])
    expect((await setup('--shell', 'bash')).exitCode).toBe(0)
  })

  it('is said to have the variable as a universal one', async () => {
    const { home, setup, acs } = residentWith('/usr/bin/fish')
    home.write(
      '.config/fish/fish_variables',
      '# This file contains fish universal variable definitions.\n# VERSION: 3.0\nSETUVAR --export AZURE_COMMUNICATION_ACCESS_TOKEN:old\n',
    )
    expect((await setup()).exitCode).toBe(0)
    const { exitCode, stderr } = await acs('unset', '--yes')
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('"set -Ue AZURE_COMMUNICATION_ACCESS_TOKEN"')])
  })
})

const nushell = installedOtherShells().find(({ name }) => name === 'nu')
it.skipIf(nushell === undefined)(
  'nushell that takes over from bash cannot be looked at, and that is said',
  async () => {
    const { home, setup } = residentWith('/bin/bash')
    for (const name of ['.bashrc', '.bash_profile']) home.write(name, `exec ${nushell?.program}\n`)
    const { exitCode, stderr } = await setup()
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('hands over to nushell')])
    expect(stderr).toContain('New terminals were not looked at')
  },
)

it.skipIf(oldNushell() === undefined)('an old nushell has a block in env.nu', async () => {
  const { home, setup, acs } = residentWith(oldNushell() ?? '')
  const { exitCode, stderr } = await setup()
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('New terminals were not looked at')])
  expect(home.read('.config/nushell/env.nu')).toContain('# >>> acs-env >>>')
  expect((await acs('unset', '--yes')).exitCode).toBe(0)
  expect(listWithoutShells(home)).toEqual([])
})
