import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ACCESS_TOKEN } from '../../support/homes/shell-block.ts'
import { ended } from '../../support/homes/world.ts'
import type { DoctorCase } from './doctor-case.ts'

const OLD = { [ACCESS_TOKEN]: 'old' }

/** Programs that keep an old environment, and files that set another one. */
export const environmentCases: readonly DoctorCase[] = [
  {
    id: 'environment.shell',
    why: 'the shell began before the values were stored',
    setsUp: 'afterwards',
    arrange: async ({ startProgram }) => ({ parentProcessId: await startProgram('bash'), env: OLD }),
    finds:
      /^This shell has an older AZURE_COMMUNICATION_ACCESS_TOKEN: it began on .*, (?:just before that was stored|and the stored value is of .*)\.$/,
    cure: /^Load what is stored: source ~\/\.bash_profile$/,
  },
  {
    id: 'environment.shell',
    why: 'the shell has none of them yet',
    setsUp: 'afterwards',
    arrange: async ({ startProgram }) => ({ parentProcessId: await startProgram('zsh'), env: { [ACCESS_TOKEN]: '' } }),
    finds: /^This shell does not have AZURE_COMMUNICATION_ACCESS_TOKEN yet: it began on/,
  },
  {
    id: 'environment.shell',
    why: 'the shell was started with another value',
    arrange: async ({ startProgram }) => ({ parentProcessId: await startProgram('nu', OLD), env: OLD }),
    finds: /^This shell has another value in \w+ than the stored one; nu \(process \d+\) handed it on\.$/,
  },
  {
    id: 'environment.programs',
    why: 'a server still runs with the old value',
    arrange: async ({ startProgram }) => void (await startProgram('server', OLD)),
    finds:
      /^server \(process \d+\) works with another value in AZURE_COMMUNICATION_ACCESS_TOKEN than the stored one\.$/,
    cure: /: acs-env exec -- CMD$/,
  },
  {
    id: 'environment.tmux',
    why: 'the server has the environment of its first client',
    arrange: () => ({
      env: { TMUX: '/tmp/tmux,1,0' },
      run: async (program) => ended(program === 'tmux' ? 0 : 1, `TERM=screen\n${ACCESS_TOKEN}=old\n`),
    }),
    finds: /^The tmux server has another value in AZURE_COMMUNICATION_ACCESS_TOKEN than the stored one/,
    cure: /: tmux set-environment -gu AZURE_COMMUNICATION_ACCESS_TOKEN$/,
  },
  {
    id: 'environment.screen',
    why: 'the session began with the old value',
    arrange: async ({ startProgram }) => ({ env: { STY: `${await startProgram('screen', OLD)}.pts-0.host` } }),
    finds: /^The screen session has another value in/,
    cure: /: screen -X unsetenv AZURE_COMMUNICATION_ACCESS_TOKEN$/,
  },
  {
    id: 'environment.vscode',
    why: 'the editor began before the values were stored',
    setsUp: 'afterwards',
    arrange: async ({ startProgram }) => ({ parentProcessId: await startProgram('usr/share/code/code') }),
    finds: /^The editor around this shell began before AZURE_\w+ and AZURE_\w+ changed/,
    cure: /^Quit all of its windows/,
  },
  {
    id: 'environment.vscode',
    why: 'the editor that began before was replaced by an update while it runs',
    setsUp: 'afterwards',
    arrange: async ({ startProgram, home }) => {
      const parentProcessId = await startProgram('opt/vscodium/codium')
      rmSync(join(home.path, '../programs/opt/vscodium/codium'))
      return { parentProcessId }
    },
    finds: /^The editor around this shell began before AZURE_\w+ and AZURE_\w+ changed/,
  },
  {
    id: 'environment.vscode',
    why: 'the editor is known by its terminal alone',
    arrange: () => ({ env: { ...OLD, TERM_PROGRAM: 'vscode' } }),
    finds: /^The editor around this shell began before AZURE_COMMUNICATION_ACCESS_TOKEN changed/,
  },
  ...(
    [
      ['over SSH', {}, /^Choose "Remote-SSH: Kill VS Code Server on Host…"/],
      ['in WSL', { WSL_DISTRO_NAME: 'Debian' }, /: wsl --shutdown$/],
      ['in a container', { REMOTE_CONTAINERS: 'true' }, /^Choose "Dev Containers: Rebuild Container"/],
      ['in a codespace', { CODESPACES: 'true' }, /^Stop the codespace/],
    ] as const
  ).map(([why, env, cure]): DoctorCase => ({
    id: 'environment.vscode-remote',
    why,
    setsUp: 'afterwards',
    arrange: async ({ startProgram }) => ({
      parentProcessId: await startProgram('.vscode-server/bin/abc/node'),
      env: { ...env, VSCODE_IPC_HOOK_CLI: '/run/vscode.sock', TERM_PROGRAM: 'vscode' },
    }),
    finds: /^The server of the remote editor began before AZURE_\w+ and AZURE_\w+ changed, and outlives its windows\.$/,
    cure,
  })),
  {
    id: 'environment.jetbrains',
    why: 'the IDE began before the values were stored',
    setsUp: 'afterwards',
    arrange: async ({ startProgram }) => ({
      parentProcessId: await startProgram('idea/jbr/bin/java'),
      env: { TERMINAL_EMULATOR: 'JetBrains-JediTerm' },
    }),
    finds: /^The IDE around this shell began before/,
    cure: /JetBrains Toolbox too/,
  },
  {
    id: 'environment.direnv',
    why: 'the .envrc of a directory above sets another value',
    arrange: ({ home }) => {
      home.write('.envrc', `# ${ACCESS_TOKEN}\nexport ${ACCESS_TOKEN}=old\n`)
      return { env: { ...OLD, DIRENV_DIR: `-${home.path}` } }
    },
    finds: /^direnv sets AZURE_COMMUNICATION_ACCESS_TOKEN in this directory, by ~\/\.envrc in line 2\.$/,
    cure: /: direnv allow$/,
    line: 2,
  },
  {
    id: 'environment.mise',
    why: 'the configuration of mise sets another value',
    arrange: ({ home }) => {
      home.write('mise.toml', `[env]\n${ACCESS_TOKEN} = "old"\n`)
      return { env: { ...OLD, MISE_SHELL: 'bash' } }
    },
    finds: /^mise sets AZURE_COMMUNICATION_ACCESS_TOKEN here, by ~\/mise\.toml in line 2\.$/,
    line: 2,
  },
  {
    id: 'environment.dotenv',
    why: 'a .env file has another value',
    arrange: ({ home }) => void home.write('.env', `A=b\n${ACCESS_TOKEN}="old"\n`),
    finds: /^~\/\.env has another AZURE_COMMUNICATION_ACCESS_TOKEN than the stored one in line 2/,
    cure: /: acs-env env --format dotenv$/,
    line: 2,
  },
  {
    id: 'environment.container',
    why: 'a codespace has a secret of that name',
    arrange: async ({ startProgram }) => ({
      parentProcessId: await startProgram('vscode-remote', OLD),
      env: { ...OLD, CODESPACES: 'true' },
    }),
    finds: /^This container brings another AZURE_COMMUNICATION_ACCESS_TOKEN than the stored one\.$/,
    cure: /codespace's secret/,
  },
  {
    id: 'environment.wsl',
    why: 'Windows hands its own value over',
    arrange: () => ({ env: { ...OLD, WSL_DISTRO_NAME: 'Debian', WSLENV: `A/p:${ACCESS_TOKEN}/u` } }),
    finds: /^WSLENV hands the AZURE_COMMUNICATION_ACCESS_TOKEN of Windows to this side\.$/,
  },
  {
    id: 'environment.sudo',
    why: 'sudo has emptied the environment',
    arrange: () => ({ env: { [ACCESS_TOKEN]: '', SUDO_USER: 'somebody' } }),
    finds: /^sudo does not hand on AZURE_COMMUNICATION_ACCESS_TOKEN\.$/,
    cure: /: acs-env exec -- CMD$/,
  },
  {
    id: 'session.systemd',
    why: 'somebody has imported an old value',
    arrange: ({ home }) => {
      mkdirSync(join(home.path, 'run/systemd'), { recursive: true })
      return {
        env: { XDG_RUNTIME_DIR: join(home.path, 'run') },
        run: async (program) => ended(program === 'systemctl' ? 0 : 1, `PATH=/bin\n${ACCESS_TOKEN}=$'o;ld'\n`),
      }
    },
    finds: /^The systemd user session has another value in/,
    cure: /: systemctl --user unset-environment AZURE_COMMUNICATION_ACCESS_TOKEN$/,
  },
  {
    id: 'session.files',
    why: 'environment.d sets it',
    arrange: ({ home }) => void home.write('.config/environment.d/10-acs.conf', `A=b\n${ACCESS_TOKEN}=old\n`),
    finds:
      /^~\/\.config\/environment\.d\/10-acs\.conf sets AZURE_COMMUNICATION_ACCESS_TOKEN for the whole session in line 2\.$/,
    line: 2,
  },
  {
    id: 'session.launchd',
    why: 'somebody has set an old value for the programs of the Dock',
    arrange: () => ({
      platform: 'darwin',
      run: async (program, [, name]) =>
        ended(program === '/bin/launchctl' ? 0 : 1, name === ACCESS_TOKEN ? 'old\n' : ''),
    }),
    finds: /^The macOS session has another value in AZURE_COMMUNICATION_ACCESS_TOKEN/,
    cure: /: launchctl unsetenv AZURE_COMMUNICATION_ACCESS_TOKEN$/,
  },
]
