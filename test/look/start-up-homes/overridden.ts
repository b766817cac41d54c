import {
  ACCESS_TOKEN,
  bashrc,
  CONNECTION_STRING,
  EARLIER_EXPORT,
  EARLIER_VALUE,
  home,
  outOfReach,
  zshrc,
  type StartUpHome,
} from './start-up-home.ts'

const DOTENV = `${CONNECTION_STRING}=earlier\n`
const SOURCED_EXPORT = `export ${CONNECTION_STRING}="endpoint=https://sourced.communication.azure.com/;accesskey=c291cmNlZA=="\n`
const INTEGER = `typeset -i ${CONNECTION_STRING}`

/** A hand-written export, and further on a line that sets or removes the variable again. */
export const overridden: readonly StartUpHome[] = [
  // Lines that do not name the variable, or name it in an unusual way.
  bashrc('an export, then declare +x', `${EARLIER_EXPORT}\ndeclare +x ${CONNECTION_STRING}\n`),
  bashrc('an export, then \\export', `${EARLIER_EXPORT}\n\\export ${CONNECTION_STRING}="earlier"\n`),
  bashrc('an export, then builtin export', `${EARLIER_EXPORT}\nbuiltin export ${CONNECTION_STRING}="earlier"\n`),
  bashrc('an export, then eval with an export', `${EARLIER_EXPORT}\neval "export ${CONNECTION_STRING}=earlier"\n`),
  bashrc(
    'an export, then an assignment as a condition',
    `${EARLIER_EXPORT}\nif ${CONNECTION_STRING}=earlier; then :; fi\n`,
  ),
  bashrc(
    'an export, then read from a command',
    `${EARLIER_EXPORT}\nIFS= read -r ${CONNECTION_STRING} < <(echo earlier)\n`,
  ),
  bashrc(
    'an export, then every line of .env',
    `${EARLIER_EXPORT}\nwhile read -r line; do export "$line"; done < ~/.env\n`,
    {
      files: { '.env': DOTENV },
    },
  ),
  bashrc('an export, then eval of a file', `${EARLIER_EXPORT}\neval "$(cat ~/.azure-exports)"\n`, {
    files: { '.azure-exports': `${EARLIER_EXPORT}\n` },
  }),
  bashrc('an export, then export of all of .env', `${EARLIER_EXPORT}\nexport $(cat ~/.env)\n`, {
    files: { '.env': DOTENV },
  }),
  bashrc('an export, then printf -v', `${EARLIER_EXPORT}\nprintf -v ${CONNECTION_STRING} %s earlier\n`),
  bashrc('an export, then read from a file', `${EARLIER_EXPORT}\nread -r ${CONNECTION_STRING} < ~/.connection\n`, {
    files: { '.connection': 'earlier\n' },
  }),
  bashrc('an export, then a sourced file', `${EARLIER_EXPORT}\n. ~/.azure-exports\n`, {
    files: { '.azure-exports': SOURCED_EXPORT },
  }),
  bashrc('an export, then unset by a prefix', `${EARLIER_EXPORT}\nunset \${!AZURE_*}\n`),
  zshrc('an export, then noglob export', `${EARLIER_EXPORT}\nnoglob export ${CONNECTION_STRING}=earlier\n`),
  zshrc('an export, then an assigning expansion', `${EARLIER_EXPORT}\n: \${${CONNECTION_STRING}::=earlier}\n`),
  zshrc('an export, then the name as an integer', `${EARLIER_EXPORT}\n${INTEGER}\n`, outOfReach('.zshrc', INTEGER)),
  zshrc(
    'an export, then a directory of parts',
    `${EARLIER_EXPORT}\nfor part in ~/.zsh.d/*.zsh; do source $part; done\n`,
    {
      files: { '.zsh.d/azure.zsh': SOURCED_EXPORT },
    },
  ),
  zshrc('an export, then typeset +x', `${EARLIER_EXPORT}\ntypeset +x ${CONNECTION_STRING}\n`),
  zshrc('an export, then unset by a pattern', `${EARLIER_EXPORT}\nunset -m "AZURE_*"\n`),

  // Lines that name it.
  bashrc(
    'an export, then another one behind &&',
    `${EARLIER_EXPORT}\n[ -d /tmp ] && export ${CONNECTION_STRING}="earlier"\n`,
  ),
  bashrc(
    'an export, then another one from a command',
    `${EARLIER_EXPORT}\nexport ${CONNECTION_STRING}=$(echo earlier)\n`,
  ),
  bashrc('an export, then a plain assignment', `${EARLIER_EXPORT}\n${CONNECTION_STRING}="earlier"\n`),
  bashrc(
    'both exported, the second with a comment',
    `export ${ACCESS_TOKEN}="eyJlYXJsaWVy"\n${EARLIER_EXPORT} # key 1\n`,
  ),
  bashrc(
    'both exported, the second from a command',
    `# first\n${EARLIER_EXPORT}\n# third\nexport ${ACCESS_TOKEN}=$(cat ~/.token)\n`,
    { files: { '.token': 'eyJlYXJsaWVy' } },
  ),
  bashrc(
    'an export, then a local variable of the name',
    `${EARLIER_EXPORT}\nhide() { local ${CONNECTION_STRING}=earlier; }; hide\n`,
  ),

  // Exports in files that the block does not stand in: scripts that read those get one's key with another's token.
  home(
    'bash',
    'an export in .profile',
    {
      '.bashrc': 'alias g=git\n',
      '.profile': `${EARLIER_EXPORT}\n[ -n "$BASH" ] && [ -f ~/.bashrc ] && . ~/.bashrc\n`,
    },
    { scripts: ['bash -c', 'sh -lc'] },
  ),
  home(
    'zsh',
    'an export in .zshenv',
    { '.zshenv': `${EARLIER_EXPORT}\n`, '.zshrc': 'alias g=git\n' },
    { scripts: ['zsh -c', 'zsh -lc'] },
  ),
  home(
    'zsh',
    'an export in .zprofile',
    { '.zprofile': `export ${CONNECTION_STRING}='${EARLIER_VALUE}'\n`, '.zshrc': 'alias g=git\n' },
    { scripts: ['zsh -c', 'zsh -lc'] },
  ),
]
