import type { Environment, System } from '../system/system.ts'

/** What a terminal hands to its shell, and what start-up files branch on. None of the variables that are stored. */
const PASSED_ON = [
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_SESSION_TYPE',
  'DBUS_SESSION_BUS_ADDRESS',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  // Without it a start-up file would begin another agent.
  'SSH_AUTH_SOCK',
  'SSH_CONNECTION',
  'WSL_DISTRO_NAME',
  'WSL_INTEROP',
  'CODESPACES',
  'REMOTE_CONTAINERS',
]
/** Where a new session looks for programs, before any start-up file has added to it. */
export const SESSION_PATH = '/usr/local/bin:/usr/bin:/bin'

/** How the names begin of the directories that shells we open find our files in. */
export const SHELL_DIRECTORY = 'acs-env-shell-'

/** Set in every shell that we open, so that a start-up file can tell, and so that we do not open shells in shells. */
export const OPENED_BY_US = 'ACS_ENV_DOCTOR'

/**
 * The environment that a new terminal starts a shell with, as far as it can be known from inside another one. It is made
 * anew, since what an earlier shell has set would hide what a new one lacks.
 *
 * @param program the path or name of the shell
 */
export function sessionEnvironment(program: string, home: string, { env }: Pick<System, 'env'>): Environment {
  const passedOn = Object.entries(env).filter(([name]) => PASSED_ON.includes(name) || name.startsWith('LC_'))
  // VS Code puts a directory of its own into ZDOTDIR and keeps the user's here; both may leak into other programs.
  const dotDirectory = env.USER_ZDOTDIR ?? env.ZDOTDIR
  return {
    ...Object.fromEntries(passedOn),
    HOME: home,
    SHELL: program,
    PATH: SESSION_PATH,
    // "dumb" makes some start-up files return early.
    TERM: 'xterm-256color',
    ...(dotDirectory !== undefined && { ZDOTDIR: dotDirectory }),
    ...(env.ENV !== undefined && { ENV: env.ENV }),
    // These ask questions, or start another program in the shell's place, where there is a terminal.
    DISABLE_AUTO_UPDATE: 'true',
    ZSH_TMUX_AUTOSTART: 'false',
    // ksh93 would write the command that it is asked to run into the history, also where it takes over from another shell.
    HISTFILE: '/dev/null',
    // zsh takes this from the environment: of a zsh that takes over, our lines alone stay out of a history of its own.
    HISTORY_IGNORE: `*/${SHELL_DIRECTORY}*`,
    // xonsh would write it there too, and what it made of our file into its cache.
    XONSH_HISTORY_BACKEND: 'dummy',
    XONSH_CACHE_SCRIPTS: '0',
    [OPENED_BY_US]: '1',
  }
}
