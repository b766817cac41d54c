import {
  ACCESS_TOKEN,
  bashrc,
  CONNECTION_STRING,
  EARLIER_VALUE,
  outOfReach,
  zshrc,
  type StartUpHome,
} from './start-up-home.ts'

const BASH_READONLY = `readonly ${CONNECTION_STRING}="${EARLIER_VALUE}"`
const ZSH_READONLY = `typeset -rx ${CONNECTION_STRING}="${EARLIER_VALUE}"`
const ZSH_INTEGER = `typeset -i ${ACCESS_TOKEN}`

/** The shell is no longer what it was when it started: names have attributes, HOME is elsewhere, words mean something else. */
export const changedShell: readonly StartUpHome[] = [
  // Attributes of the names.
  bashrc('the name is readonly', `${BASH_READONLY}\n`, outOfReach('.bashrc', BASH_READONLY)),
  zshrc('the name is readonly', `${ZSH_READONLY}\n`, outOfReach('.zshrc', ZSH_READONLY)),
  zshrc('the name is an integer', `${ZSH_INTEGER}\n`, outOfReach('.zshrc', ZSH_INTEGER)),
  zshrc('the name is always in capitals', `typeset -u ${CONNECTION_STRING}\n`),
  zshrc('the name is always in small letters', `typeset -l ${ACCESS_TOKEN}\n`),

  // HOME.
  bashrc('HOME is elsewhere', 'export HOME=/nonexistent\n'),
  zshrc('HOME is elsewhere', 'export HOME=/nonexistent\n'),
  zshrc('HOME is unset', 'unset HOME\n'),

  // The words that the block is made of.
  bashrc(': is an alias', 'alias :="exit"\n'),
  bashrc('fi is an alias', 'alias fi="done"\n'),
  bashrc('if is an alias', 'alias if="echo"\n'),
  bashrc('read is switched off', 'enable -n read\n'),
  bashrc('export is a function', 'export() { echo "not today"; }\n'),
  bashrc('read is a function in POSIX mode', 'set -o posix\nread() { :; }\n'),
  bashrc('assignments anywhere in a command', 'set -k\n'),
  zshrc('-r is a global alias', "alias -g -- -r='-x'\n"),
  zshrc('read is an alias', 'alias read="echo"\n'),
  zshrc('read is switched off', 'disable read\n'),
  zshrc('read is a function', 'read() { print hello }\n'),
]
