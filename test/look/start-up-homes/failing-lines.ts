import {
  bashrc,
  CONNECTION_STRING,
  EARLIER_VALUE,
  outOfReach,
  profile,
  zshrc,
  type StartUpHome,
} from './start-up-home.ts'

const BYTE_ORDER_MARK = '\uFEFF'

/** An error keeps the rest of the file from being read. */
export const failingLines: readonly StartUpHome[] = [
  // zsh reads no further after many an error.
  zshrc('an export with spaces around =', `export ${CONNECTION_STRING} = "${EARLIER_VALUE}"\nalias g=git\n`),
  zshrc('a bad substitution', 'echo ${name!y} >/dev/null\nalias g=git\n'),
  // zsh ends there where it is to run one command; at a prompt it goes on.
  zshrc('a variable that has to be set', ': ${NEEDED:?is not set}\n'),
  zshrc(
    'a variable that has to be set, and a history that is written line by line',
    'HISTFILE=~/.history SAVEHIST=100 HISTSIZE=100\nsetopt inc_append_history\n: ${NEEDED:?is not set}\n',
    { files: { '.history': 'cd ~/work\n' } },
  ),
  zshrc('brackets that match nothing', '[[ -f notes ]]; echo item[1]of >/dev/null\n'),
  zshrc('a loop over a directory that is empty', 'for part in /nonexistent-*.zsh; do :; done\nalias g=git\n'),
  zshrc('a second value for something readonly', 'readonly EDITOR=vim\nEDITOR=nano\n'),
  zshrc('an unset variable with no_unset', 'setopt no_unset\necho $NEVER_SET >/dev/null\n'),

  // Syntax errors.
  bashrc('one closing brace too many', 'alias g=git\n}\n'),
  bashrc('one fi too many', 'alias g=git\nfi\n'),
  bashrc('a glob qualifier of zsh in bash', 'alias g=git\nfor part in *.zsh(N); do :; done\nalias l=ls\n'),
  zshrc(
    'lines of bash in zsh',
    'alias g=git\nif [ "$TERM" == "dumb" ]; then :; fi\nshopt -s histappend\ncomplete -F _g g\n',
  ),
  zshrc('one closing brace too many', 'alias g=git\n}\n'),
  bashrc('a command in a value without an end', 'export PREFIX=$(brew --prefix\n'),
  bashrc('a command in quotes without an end', 'alias x="$(brew --prefix\n'),
  bashrc('a command without an end, and no line ending', 'echo "$(cat'),
  zshrc('a command in a value without an end', 'export PREFIX=$(brew --prefix\n'),

  // Bytes that an editor of Windows leaves.
  // The mark makes a word of its own of the first one, and with it the file a syntax error from beginning to end.
  bashrc('a byte order mark before if', `${BYTE_ORDER_MARK}if true; then\n  :\nfi\n`, outOfReach('.bashrc')),
  bashrc('a function with Windows line endings', 'greet() {\r\n  echo hi\r\n}\r\n'),
  zshrc('a function with Windows line endings', 'greet() {\r\n  echo hi\r\n}\r\n'),

  // A POSIX shell ends its profile where a sourced file is not there.
  profile('a sourced file that is not there', '. ~/.not-there\nexport PAGER=less\n'),
]
