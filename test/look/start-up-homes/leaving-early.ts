import { ACCESS_TOKEN, bashrc, home, outOfReach, profile, zshrc, type StartUpHome } from './start-up-home.ts'

const EARLIER_TOKEN = `export ${ACCESS_TOKEN}=old`

/** Another shell takes over, or the file ends, before its last line. */
export const leavingEarly: readonly StartUpHome[] = [
  // Inside a compound command or a list.
  bashrc('fish takes over if it is there', 'if [ -x /usr/bin/fish ]; then\n  exec fish\nfi\n'),
  bashrc('fish takes over behind &&', '[ -x /usr/bin/fish ] && exec fish\n'),
  bashrc('fish takes over in an interactive shell alone', 'case $- in\n  *i*) exec fish ;;\nesac\n'),
  bashrc(
    'fish takes over in the outermost shell alone',
    'if [[ -z $BASH_EXECUTION_STRING && $SHLVL -eq 1 ]]; then\n  exec fish\nfi\n',
  ),
  bashrc('zsh takes over behind test', 'test -x /bin/zsh && exec /bin/zsh\n'),
  bashrc('a guard the wrong way round', '[ -n "$PS1" ] && return\nalias ll="ls -l"\n'),
  bashrc('return between braces', '{ echo hello; return; }\n'),
  bashrc('return behind ||', 'false || return\n'),
  profile('zsh takes over from a POSIX shell', 'if [ -x /bin/zsh ]; then exec zsh; fi\n'),
  zshrc('fish takes over in an anonymous function', '() {\n  exec fish\n}\n'),
  zshrc('fish takes over in an if with braces', 'if [[ -x /usr/bin/fish ]] {\n  exec fish\n}\n'),
  zshrc('return in an interactive shell', '[[ -o interactive ]] && return\n'),

  // A plain command, but not the first word of the line.
  bashrc('exec behind an assignment', 'export SHELL=/usr/bin/fish; exec fish\n'),
  bashrc('exec with a backslash', '\\exec fish\n'),
  bashrc('exec as a builtin', 'builtin exec fish\n'),
  bashrc('exec with a variable of its own', 'SHELL=/usr/bin/fish exec fish\n'),
  bashrc('exit once fish is over', 'fish && exit\n', fishAnswersFirst('fish && exit')),
  zshrc('exec behind a semicolon', 'clear; exec fish\n'),
  zshrc('exit once fish is over, behind a semicolon', 'command fish; exit\n', fishAnswersFirst('command fish; exit')),
  zshrc('return behind a semicolon', "alias g=git; return\nalias l='ls -l'\n"),

  // By other means.
  bashrc('exec in eval', 'eval "exec fish"\n'),
  bashrc('exec in a sourced file', '. ~/.bash_local\n', { files: { '.bash_local': 'exec fish\n' } }),
  bashrc('exit in a sourced file', '. ~/.bash_local\n', {
    files: { '.bash_local': 'alias g=git\nexit\n' },
    ...outOfReach('.bash_local', 'exit'),
  }),
  zshrc('exit in a sourced file', '. ~/.zsh_local\n', {
    files: { '.zsh_local': 'alias g=git\nexit\n' },
    ...outOfReach('.zsh_local', 'exit'),
  }),
  home(
    'ksh',
    'exit in a sourced file',
    { '.kshrc': ':\n. ~/.ksh_local\n', '.ksh_local': 'alias g=git\nexit\n' },
    outOfReach('.ksh_local', 'exit'),
  ),
  home(
    'mksh',
    'exit in a sourced file',
    { '.mkshrc': ':\n. ~/.mksh_local\n', '.mksh_local': 'alias g=git\nexit\n' },
    outOfReach('.mksh_local', 'exit'),
  ),
  profile('exit in a sourced file', ':\n. ~/.sh_local\n', {
    files: { '.sh_local': 'alias g=git\nexit\n' },
    ...outOfReach('.sh_local', 'exit'),
  }),
  bashrc('a failing command under set -e in a sourced file', '. ~/.bash_local\n', {
    files: { '.bash_local': 'set -e\nalias g=git\nfalse\n' },
    ...outOfReach('.bash_local', 'false'),
  }),
  bashrc('exit in a login shell that has something to do when it ends', 'exit 2\n', {
    files: { '.bash_logout': ':\ntrue\n' },
    ...outOfReach('.bashrc', 'exit 2'),
  }),
  bashrc('exit, and a trap behind it', "trap 'true' EXIT\nexit 2\n", outOfReach('.bashrc', 'exit 2')),
  zshrc('logout', 'logout\n', outOfReach('.zshrc', 'logout')),

  // With options that say which files it reads.
  bashrc('bash takes over with another file', 'exec bash --rcfile ~/.myrc\n', {
    files: { '.myrc': `${EARLIER_TOKEN}\n` },
    ...outOfReach(),
  }),
  zshrc('bash takes over with another file', 'exec bash --rcfile ~/.myrc\n', {
    files: { '.myrc': `${EARLIER_TOKEN}\n` },
    ...outOfReach(),
  }),
  zshrc('bash takes over in POSIX mode', 'ENV=~/.myrc exec bash --posix\n', {
    files: { '.myrc': `${EARLIER_TOKEN}\n` },
    ...outOfReach(),
  }),
  bashrc(
    'bash takes over without files, in an environment made anew',
    '[ -z "$CLEAN" ] && exec env -i CLEAN=1 HOME="$HOME" TERM="$TERM" PATH="$PATH" bash --norc\n',
    outOfReach(),
  ),
  zshrc(
    'zsh takes over without files, in an environment made anew',
    '[[ -z $CLEAN ]] && exec env -i CLEAN=1 HOME=$HOME TERM=$TERM PATH=$PATH zsh -f\n',
    outOfReach(),
  ),
  zshrc('bash takes over as a login shell', 'exec bash -l\n', { files: { '.bashrc': `${EARLIER_TOKEN}\n` } }),
  zshrc('bash takes over, called as a login shell', 'exec -l bash\n', { files: { '.bashrc': `${EARLIER_TOKEN}\n` } }),
  bashrc('zsh takes over without files', 'exec zsh -f\n', { files: { '.zshrc': `${EARLIER_TOKEN}\n` } }),

  // Within it, so that it waits for the other one to end.
  bashrc('zsh is started within bash', 'command -v zsh >/dev/null && zsh\n', {
    files: { '.zshrc': `${EARLIER_TOKEN}\n` },
    ...outOfReach(),
  }),
  bashrc('bash is started within bash', '[ -z "$WITHIN" ] && WITHIN=1 bash --rcfile ~/.myrc -i\n', {
    files: { '.myrc': `unset ${ACCESS_TOKEN}\n` },
    ...outOfReach(),
  }),
  bashrc('zsh is started within bash, and keeps what it gets', 'if [ -x /bin/zsh ]; then\n  zsh -l\nfi\n'),
  zshrc('bash is started within zsh', 'alias g=git; bash # mine\n', {
    files: { '.bashrc': `${EARLIER_TOKEN}\n` },
    ...outOfReach(),
  }),
  home('ksh', 'zsh is started within ksh', { '.kshrc': 'zsh\n', '.zshrc': `${EARLIER_TOKEN}\n` }, outOfReach()),
  home('mksh', 'bash is started within mksh', { '.mkshrc': 'bash\n', '.bashrc': `${EARLIER_TOKEN}\n` }, outOfReach()),

  // In a file that is read earlier than the one with the block.
  home('bash', 'zsh takes over in the .profile that .bash_profile sources', {
    '.profile': '[ -n "$BASH_VERSION" ] && exec zsh -l\n',
    '.bash_profile': '. ~/.profile\n',
  }),
  home('bash', 'zsh takes over in .profile', { '.profile': '[ -x /bin/zsh ] && exec zsh -l\n' }),
  home(
    'zsh',
    'fish takes over in .zprofile',
    { '.zprofile': '[[ -x /usr/bin/fish ]] && exec fish\n', '.zshrc': 'alias g=git\n' },
    outOfReach('.zprofile', '[[ -x /usr/bin/fish ]] && exec fish'),
  ),
  home(
    'zsh',
    'fish takes over in .zshenv',
    { '.zshenv': '[[ -o interactive && -x /usr/bin/fish ]] && exec fish\n', '.zshrc': 'alias g=git\n' },
    outOfReach('.zshenv', '[[ -o interactive && -x /usr/bin/fish ]] && exec fish'),
  ),
]

/** At a terminal fish waits for commands; without one it reads the end of its input and is over at once. */
function fishAnswersFirst(line: string): Pick<StartUpHome, 'expects'> {
  return {
    expects: {
      kind: 'differs-at-terminal',
      why: `in "${line}" fish waits at a terminal, and is over at once without one`,
    },
  }
}
