import {
  bashrc,
  differsAtTerminal,
  EARLIER_EXPORT,
  home,
  outOfReach,
  profile,
  zshrc,
  type StartUpHome,
} from './start-up-home.ts'

const OWN_PROGRAMS = 'PATH="$HOME/bin:$PATH"\n'
const STARTS_ZELLIJ =
  `${OWN_PROGRAMS}ZELLIJ_AUTO_EXIT=true\n` +
  'if [[ -z "$ZELLIJ" ]]; then\n  zellij\n  if [[ "$ZELLIJ_AUTO_EXIT" == "true" ]]; then\n    exit\n  fi\nfi\n'

/** Debian's, shortened. */
const DEBIAN_PROFILE = `# ~/.profile: executed by the command interpreter for login shells.
if [ -n "$BASH_VERSION" ]; then
    if [ -f "$HOME/.bashrc" ]; then
	. "$HOME/.bashrc"
    fi
fi
if [ -d "$HOME/.local/bin" ] ; then
    PATH="$HOME/.local/bin:$PATH"
fi
`
const DEBIAN_BASHRC = `# ~/.bashrc: executed by bash(1) for non-login shells.
case $- in
    *i*) ;;
      *) return;;
esac
HISTCONTROL=ignoreboth
shopt -s histappend checkwinsize
[ -x /usr/bin/lesspipe ] && eval "$(SHELL=/bin/sh lesspipe)"
case "$TERM" in
    xterm-color|*-256color) color_prompt=yes;;
esac
if [ "$color_prompt" = yes ]; then
    PS1='\\[\\033[01;32m\\]\\u@\\h\\[\\033[00m\\]:\\[\\033[01;34m\\]\\w\\[\\033[00m\\]\\$ '
else
    PS1='\\u@\\h:\\w\\$ '
fi
unset color_prompt
if [ -f ~/.bash_aliases ]; then
    . ~/.bash_aliases
fi
if ! shopt -oq posix; then
  if [ -f /usr/share/bash-completion/bash_completion ]; then
    . /usr/share/bash-completion/bash_completion
  fi
fi
`
const CONDA = `# >>> conda initialize >>>
# !! Contents within this block are managed by 'conda init' !!
__conda_setup="$('/nonexistent/conda' 'shell.bash' 'hook' 2> /dev/null)"
if [ $? -eq 0 ]; then
    eval "$__conda_setup"
else
    if [ -f "/nonexistent/etc/profile.d/conda.sh" ]; then
        . "/nonexistent/etc/profile.d/conda.sh"
    else
        export PATH="/nonexistent/bin:$PATH"
    fi
fi
unset __conda_setup
# <<< conda initialize <<<
`
const NVM = `export NVM_DIR="$HOME/.nvm"
[ -s "$NVM_DIR/nvm.sh" ] && \\. "$NVM_DIR/nvm.sh"  # This loads nvm
[ -s "$NVM_DIR/bash_completion" ] && \\. "$NVM_DIR/bash_completion"
`
const NVM_SH = `{ # this ensures the entire script is downloaded #
nvm() { echo "nvm $*"; }
nvm_process_parameters() {
  local ARGUMENT
  for ARGUMENT in "$@"; do
    case "$ARGUMENT" in
      --install) nvm install >/dev/null || nvm_failed=1 ;;
      --no-use) return 3 ;;
    esac
  done
}
nvm_process_parameters "$@"
} # this ensures the entire script is downloaded #
`
const LONG = Array.from({ length: 6000 }, (_, index) => `alias shortcut${index}='echo ${index}'\n`).join('')
const LATIN_1 = Buffer.from('# Fran\xE7ois, \xE9t\xE9\nPS1="\xB5> "\nexport EDITOR=vi\n', 'latin1')

/** What people have who changed nothing much, or use what many use. */
export const everyday: readonly StartUpHome[] = [
  home('bash', "Debian's own files", {
    '.profile': DEBIAN_PROFILE,
    '.bashrc': DEBIAN_BASHRC,
    '.bash_logout': 'clear\n',
  }),
  home('sh', "Debian's own profile", { '.profile': DEBIAN_PROFILE }),
  bashrc('conda at the end', `alias g=git\n${CONDA}`),
  zshrc('conda at the end', `alias g=git\n${CONDA.replace('shell.bash', 'shell.zsh')}`),
  bashrc('nvm at the end', NVM, { files: { '.nvm/nvm.sh': NVM_SH } }),
  zshrc('nvm at the end', NVM, { files: { '.nvm/nvm.sh': NVM_SH } }),
  bashrc(
    'pyenv that is not installed',
    'export PYENV_ROOT="$HOME/.pyenv"\n[[ -d $PYENV_ROOT/bin ]] && export PATH="$PYENV_ROOT/bin:$PATH"\neval "$(pyenv init - bash)"\n',
  ),
  bashrc(
    'the hook of direnv',
    '_direnv_hook() {\n  local previous_exit_status=$?;\n  trap -- "" SIGINT;\n  trap - SIGINT;\n  return $previous_exit_status;\n};\n' +
      'if [[ ";${PROMPT_COMMAND[*]:-};" != *";_direnv_hook;"* ]]; then\n  PROMPT_COMMAND="_direnv_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}"\nfi\n',
  ),
  zshrc(
    'the hook of direnv',
    '_direnv_hook() {\n  trap -- "" SIGINT\n  trap - SIGINT\n}\ntypeset -ag precmd_functions\n' +
      'if (( ! ${precmd_functions[(I)_direnv_hook]} )); then\n  precmd_functions=(_direnv_hook $precmd_functions)\nfi\n',
  ),
  bashrc('starship that may be missing', 'command -v starship >/dev/null && eval "$(starship init bash)"\n'),
  zshrc('starship that is missing', 'eval "$(starship init zsh)"\n'),
  bashrc(
    'a framework with parts',
    'case $- in\n  *i*) ;;\n  *) return ;;\nesac\nexport BASH_IT="$HOME/.bash_it"\nexport BASH_IT_THEME="plain"\nsource "$BASH_IT"/bash_it.sh\n',
    {
      files: {
        '.bash_it/bash_it.sh':
          'for _part in "$BASH_IT"/{aliases,completion,plugins}/*.bash; do\n  [[ -e $_part ]] && source "$_part"\ndone\nunset _part\n',
        '.bash_it/aliases/general.bash': "alias ll='ls -al'\n",
        '.bash_it/plugins/base.bash': 'function up() { cd ..; }\n',
      },
    },
  ),
  zshrc(
    'a framework with parts and completion',
    'export ZSH="$HOME/.oh-my-zsh"\nZSH_THEME="plain"\nplugins=(git)\nsource $ZSH/oh-my-zsh.sh\nalias g=git\n',
    {
      files: {
        '.oh-my-zsh/oh-my-zsh.sh':
          'autoload -U compaudit compinit zrecompile\ncompinit -u -d "$ZSH/.zcompdump"\n' +
          'for part ("$ZSH"/lib/*.zsh(N)); do\n  source "$part"\ndone\nunset part\n' +
          'for plugin ($plugins); do\n  source "$ZSH/plugins/$plugin/$plugin.plugin.zsh"\ndone\nunset plugin\n',
        '.oh-my-zsh/lib/history.zsh': 'HISTFILE="$HOME/.zsh_history"\nsetopt share_history extended_history\n',
        '.oh-my-zsh/plugins/git/git.plugin.zsh': "alias gst='git status'\n",
      },
      leavesBehind: ['.oh-my-zsh/.zcompdump', '.zsh_history'],
    },
  ),
  home('zsh', 'a framework in a ZDOTDIR of its own', {
    '.zshenv': 'export ZDOTDIR="${ZDOTDIR:-$HOME/.zprezto-files}"\nsource "$ZDOTDIR/.zshenv"\n',
    '.zprezto-files/.zshenv':
      'if [[ ( "$SHLVL" -eq 1 && ! -o LOGIN ) && -s "$ZDOTDIR/.zprofile" ]]; then\n  source "$ZDOTDIR/.zprofile"\nfi\n',
    '.zprezto-files/.zprofile': 'export EDITOR=nano\ntypeset -gU cdpath fpath path\n',
    '.zprezto-files/.zshrc': 'autoload -Uz promptinit\npromptinit\nprompt off\n',
    '.zprezto-files/.zlogin': '{\n  :\n} &!\n',
  }),
  zshrc(
    'an instant prompt',
    'if [[ -r "${XDG_CACHE_HOME:-$HOME/.cache}/p10k-instant-prompt-${(%):-%n}.zsh" ]]; then\n' +
      '  source "${XDG_CACHE_HOME:-$HOME/.cache}/p10k-instant-prompt-${(%):-%n}.zsh"\nfi\n' +
      'autoload -Uz colors && colors\n[[ ! -f ~/.p10k.zsh ]] || source ~/.p10k.zsh\n',
    { files: { '.p10k.zsh': "() {\n  emulate -L zsh -o extended_glob\n  PROMPT='%~ > '\n} always {\n  :\n}\n" } },
  ),
  bashrc(
    'a trap on every command, and hooks of the prompt',
    '__before() { :; }\n__after() { local code=$?; return $code; }\ntrap "__before" DEBUG\nPROMPT_COMMAND=(__after "history -a")\nset -o functrace\n',
    { leavesBehind: ['.bash_history'] },
  ),
  bashrc('a history that is kept', 'HISTSIZE=5000\nshopt -s histappend\nPROMPT_COMMAND="history -a; history -n"\n', {
    files: { '.bash_history': 'cd ~/work\ngit status\n' },
  }),
  zshrc(
    'a history that is shared',
    'HISTFILE=~/.zsh_history\nHISTSIZE=5000\nSAVEHIST=5000\nsetopt share_history inc_append_history\n',
    {
      files: { '.zsh_history': ': 1700000000:0;cd ~/work\n' },
    },
  ),
  bashrc(
    'tmux starts by itself',
    'if command -v tmux >/dev/null && [ -z "$TMUX" ]; then\n  exec tmux -f /dev/null new-session\nfi\n',
    differsAtTerminal('tmux needs a terminal'),
  ),
  bashrc('a multiplexer starts by itself, as zellij has people write it', STARTS_ZELLIJ, {
    // What it does at a terminal, and elsewhere.
    files: { 'bin/zellij': '#!/bin/sh\n[ -t 0 ] || exit 1\nZELLIJ=0 exec bash\n' },
    before: 'chmod +x bin/zellij',
  }),
  bashrc('a multiplexer that is not there', STARTS_ZELLIJ, outOfReach('.bashrc', '    exit')),
  bashrc('a multiplexer takes over, as screen does', `${OWN_PROGRAMS}[ -z "$STY" ] && exec screen\n`, {
    files: { 'bin/screen': '#!/bin/sh\n[ -t 0 ] || exit 1\nSTY=1.pts-0.host exec bash\n' },
    before: 'chmod +x bin/screen',
  }),
  bashrc('a function with exec that is called', 'take_over() {\n  exec fish\n}\ntake_over\n'),
  bashrc('a function with exec that is not called', 'take_over() { exec fish; }\nexec 3>&1\nexec 3>&-\n'),
  bashrc(
    'guards by TERM, PS1 and $-',
    '[ "$TERM" = dumb ] && return\n[ -z "$PS1" ] && return\n[[ $- != *i* ]] && return\n',
  ),
  bashrc('a guard by SHLVL', 'if [ "$SHLVL" -lt 2 ]; then\n  return\nfi\nalias g=git\n'),
  bashrc('a guard by SSH_TTY', '[ -n "$SSH_TTY" ] || return\nalias g=git\n'),
  bashrc('a sourced file that is not there', '. ~/.not-there\n. "$HOME/.cargo/env"\n'),
  home('bash', '.bash_login alone', { '.bash_login': '. ~/.bashrc\n', '.bashrc': 'alias g=git\n' }),
  home('bash', '.bash_profile and .bashrc that source each other', {
    '.bash_profile': '[ -n "$SEEN_PROFILE" ] || { SEEN_PROFILE=1; . ~/.bashrc; }\n',
    '.bashrc': '[ -n "$SEEN_PROFILE" ] || . ~/.bash_profile\nalias g=git\n',
  }),
  home(
    'bash',
    '.bash_profile that ends the shell',
    { '.bash_profile': '. ~/.bashrc\nstartx_is_over() { exit; }\nstartx_is_over\n', '.bashrc': 'alias g=git\n' },
    outOfReach('.bash_profile'),
  ),
  bashrc('it goes elsewhere', 'cd /\nCDPATH=/usr\nalias cd="cd -P"\n'),
  zshrc('it goes elsewhere', 'setopt auto_cd cd_silent\ncd /\n'),
  bashrc('no rights for new files', 'umask 777\n'),
  bashrc('a locale that is not there', 'export LC_ALL=ja_JP.SJIS LANG=xx_YY\n'),
  bashrc('bytes of latin1', LATIN_1),
  zshrc('bytes of latin1', LATIN_1),
  bashrc('6,000 lines', LONG),
  zshrc('6,000 lines', LONG),
  bashrc('no newline at the end', 'alias g=git'),
  zshrc('no newline at the end', 'alias g=git'),
  bashrc('Windows line endings throughout', 'alias g=git\r\nexport EDITOR=vi\r\n[ -z "$PS1" ] && return\r\n'),
  bashrc('set -eu with care', 'set -eu\nname=${NEVER_SET:-}\nset +eu\n'),
  bashrc('traps', "trap '' INT\ntrap 'echo failed >/dev/null' ERR\ntrap 'true' RETURN\nset -E\n"),
  zshrc('another emulation', 'emulate sh\n'),
  zshrc('the options of ksh', 'setopt ksh_arrays sh_word_split no_nomatch\nbindkey -v\n'),
  zshrc('more exports than one', `${EARLIER_EXPORT}\nalias g=git\n${EARLIER_EXPORT}\n`),
  home(
    'zsh',
    '.zshrc is a link into a repository',
    { 'dotfiles/zshrc': 'alias g=git\nexport EDITOR=vi\n' },
    { before: 'ln -s dotfiles/zshrc .zshrc\n' },
  ),
  home('ksh', 'a prompt with a command, and vi keys', {
    '.profile': 'export ENV="$HOME/.kshrc"\nPATH=$HOME/bin:$PATH\n',
    '.kshrc': "set -o vi\nPS1='$(pwd) $ '\nalias ll='ls -l'\n",
  }),
  home('mksh', 'a prompt with a function', {
    '.mkshrc': 'function prompt { print -n -- "${PWD##*/} "; }\nPS1=\'$(prompt)$ \'\nset -o utf8-mode\n',
  }),
  profile(
    'the session is of the desktop',
    'if [ -z "$DISPLAY" ] && [ "$(tty)" = /dev/tty1 ]; then\n  exec startx\nfi\nexport EDITOR=vi\n',
  ),
]
