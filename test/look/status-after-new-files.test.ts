import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { built, home } from '../support/homes/emulator-and-home.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

/** Files that these shells would read if they were there: one more, or in the place of another. */
const cases: readonly { shell: string; before: Readonly<Record<string, string>>; appears: string; text: string }[] = [
  {
    shell: 'fish',
    before: { '.config/fish/config.fish': '' },
    appears: '.config/fish/conf.d/zz.fish',
    text: `set -e ${TOKEN}\n`,
  },
  {
    shell: 'xonsh',
    before: { '.config/xonsh/rc.xsh': '' },
    appears: '.config/xonsh/rc.d/zz.xsh',
    text: `del $${TOKEN}\n`,
  },
  { shell: 'tcsh', before: { '.cshrc': 'set prompt="> "\n' }, appears: '.tcshrc', text: `unsetenv ${TOKEN}\n` },
  { shell: 'elvish', before: {}, appears: '.elvish/rc.elv', text: '' },
]

describe('status after a start-up file has appeared', () => {
  it.each(cases.filter(({ shell }) => hasProgram(shell, shell === 'elvish' ? '-version' : '--version')))(
    'of $shell promises nothing any more',
    async ({ shell, before, appears, text }) => {
      for (const [name, contents] of Object.entries(before)) home.write(name, contents)
      const env = { SHELL: `/usr/bin/${shell}` }
      expect((await built(['setup', '--yes'], { env })).stderr).toContain('have them')
      expect(await built(['status'], { env })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Ready.') })
      // Our own writes are no change.
      expect((await built(['refresh'], { env })).exitCode).toBe(0)
      expect((await built(['status'], { env })).stdout).toContain('Ready.')
      home.write(appears, text)
      const { stdout } = await built(['status'], { env })
      expect(stdout).toMatch(/changed since new terminals were looked at/)
      expect(stdout).not.toContain('Ready.')
    },
  )

  it.runIf(hasProgram('fish'))('of fish, but none of ours: --inline writes into the same directory', async () => {
    const env = { SHELL: '/usr/bin/fish' }
    expect((await built(['setup', '--yes', '--inline'], { env })).stderr).toContain('have them')
    expect((await built(['refresh'], { env })).exitCode).toBe(0)
    expect((await built(['status'], { env })).stdout).toContain('Ready.')
  })
})

it.runIf(hasProgram('ksh', '-c'))('a look writes nothing into the history of a ksh that takes over', async () => {
  home.write('.bashrc', '[[ $- == *i* ]] && exec ksh\n')
  await built(['setup', '--yes'], { env: { SHELL: '/bin/bash' } })
  expect(existsSync(join(home.path, '.sh_history'))).toBe(false)
})

it.runIf(hasProgram('xonsh'))('nor into that of a xonsh', async () => {
  home.write('.bashrc', '[[ $- == *i* ]] && exec xonsh\n')
  expect((await built(['setup', '--yes'], { env: { SHELL: '/bin/bash' } })).stderr).toContain('New terminals have them')
  expect(existsSync(join(home.path, '.local/share/xonsh/history_json'))).toBe(false)
})

it.runIf(hasProgram('zsh')).each(['inc_append_history', 'share_history', 'inc_append_history_time'])(
  'nor into the history of a zsh that takes over, with %s',
  async (option) => {
    home.write('.bashrc', '[[ $- == *i* ]] && exec zsh -i\n')
    home.write('.zshrc', `HISTFILE=~/.zsh_history HISTSIZE=100 SAVEHIST=100\nsetopt ${option}\n`)
    home.write('.zsh_history', 'cd ~/work\nprint "$PWD"\n')
    expect((await built(['setup', '--yes'], { env: { SHELL: '/bin/bash' } })).stderr).toContain(
      'New terminals have them',
    )
    expect(home.read('.zsh_history')).toBe('cd ~/work\nprint "$PWD"\n')
  },
)
