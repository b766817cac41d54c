import { bashrc, EARLIER_EXPORT, home, outOfReach, type StartUpHome } from './start-up-home.ts'

/** The terminal reads other files than the usual ones. */
export const otherFiles: readonly StartUpHome[] = [
  // A bash that is no login shell reads .bashrc alone.
  home('bash', 'no start-up file at all', { '.hushlogin': '' }),
  home('bash', 'only .bash_profile', { '.bash_profile': 'export PAGER=less\n' }),
  home('bash', 'only .profile', { '.profile': 'export PAGER=less\n' }),

  // ZDOTDIR. A shell that is no login shell reads another .zshrc than a login shell does.
  home('zsh', 'ZDOTDIR is set in .zprofile', {
    '.zprofile': 'export ZDOTDIR=$HOME/.config/zsh\n',
    '.zshrc': 'alias g=git\n',
    '.config/zsh/.zshrc': 'alias l=ls\n',
  }),
  home(
    'zsh',
    'ZDOTDIR is empty',
    { '.zshenv': 'ZDOTDIR=\n', '.zshrc': 'alias g=git\n' },
    // zsh reads /.zshrc then.
    outOfReach(),
  ),
  home('zsh', 'ZDOTDIR is set in an interactive .zshenv', {
    '.zshenv': '[[ -o interactive ]] && export ZDOTDIR=$HOME/.config/zsh\n',
    '.config/zsh/.zshrc': 'alias l=ls\n',
  }),

  // ENV.
  home('ksh', 'an export in the file that ENV names', {
    '.profile': 'export ENV=$HOME/.kshrc\n',
    '.kshrc': `${EARLIER_EXPORT}\n`,
  }),
  home('ksh', 'only .kshrc', { '.kshrc': 'alias ll="ls -l"\n' }),
  home('ksh', 'only .profile', { '.profile': 'export PAGER=less\n' }),
  home('mksh', 'an export in .mkshrc', { '.profile': 'export PAGER=less\n', '.mkshrc': `${EARLIER_EXPORT}\n` }),
  home('sh', 'an export in the file that ENV names', {
    '.profile': 'ENV=$HOME/.shrc; export ENV\n',
    '.shrc': `${EARLIER_EXPORT}\n`,
  }),

  // .zlogin is read last.
  home(
    'zsh',
    '.zshrc sets ZDOTDIR, and that one has a .zlogin',
    {
      '.zshrc': 'export ZDOTDIR=$HOME/.z\n',
      '.z/.zshrc': 'alias l=ls\n',
      '.z/.zlogin': `${EARLIER_EXPORT}\n`,
    },
    { expects: { kind: 'either', why: 'the login shell reads two directories' } },
  ),
  home(
    'zsh',
    '.zlogin unsets by a pattern',
    { '.zshrc': 'alias l=ls\n', '.zlogin': 'unset -m "AZURE_*"\n' },
    outOfReach('.zlogin', 'unset -m "AZURE_*"'),
  ),

  // zsh does not read .zshrc.
  home('zsh', 'no_rcs in .zshenv', { '.zshenv': 'setopt no_rcs\n', '.zshrc': 'alias l=ls\n' }, outOfReach()),
  home(
    'zsh',
    'a compiled .zshrc that is newer',
    { '.zshrc': 'alias g=git\n' },
    { before: "zsh -fc 'zcompile .zshrc'\ntouch -d '+1 hour' .zshrc.zwc\n", ...outOfReach('.zshrc') },
  ),

  bashrc('the file is one of another shell', 'alias g=git\n', {
    args: ['--rc-file', '.config/fish/config.fish'],
    files: { '.config/fish/config.fish': 'set -gx FOO bar\n' },
    expects: { kind: 'maybe-refused', why: 'fish does not read statements of bash' },
  }),
]
