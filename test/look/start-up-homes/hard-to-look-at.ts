import {
  CONNECTION_STRING,
  differsAtTerminal,
  home,
  maybeNotLookedAt,
  outOfReach,
  type Details,
  type HomeShell,
  type StartUpHome,
} from './start-up-home.ts'

/** The file that each shell reads in every terminal, or in those of a login alone. */
const FILE: Readonly<Record<HomeShell, string>> = {
  bash: '.bashrc',
  zsh: '.zshrc',
  sh: '.profile',
  ksh: '.kshrc',
  mksh: '.mkshrc',
}

interface Kind {
  readonly name: string
  readonly shells: readonly HomeShell[]
  readonly contents: string
  readonly details: Details | ((shell: HomeShell) => Details)
}

const BOTH: readonly HomeShell[] = ['bash', 'zsh']
const ALL: readonly HomeShell[] = ['bash', 'zsh', 'sh', 'ksh', 'mksh']

function kind(name: string, shells: readonly HomeShell[], contents: string, details: Kind['details'] = {}): Kind {
  return { name, shells, contents, details }
}

/** Blames this line of the file itself, also where the profile of bash sources that file. */
function blames(line: string): (shell: HomeShell) => Details {
  return (shell) => outOfReach(FILE[shell], line)
}

const WORDS = ['env', 'command', 'node', 'printf']
const NOISE = 'a line that nobody reads, about nothing at all\\n'

/** What makes it hard to find out what a new shell has: noise, closed channels, questions, other programs, no end. */
const kinds: readonly Kind[] = [
  kind('5,000 lines of noise', BOTH, 'i=0\nwhile [ $i -lt 5000 ]; do echo "noise $i"; i=$((i+1)); done\n'),
  kind('colours and titles', ALL, "printf '\\033]0;title\\007\\033[1;31mwelcome\\033[0m\\033[?25h\\n'\n"),
  kind('set -x', ALL, 'set -x\n'),
  kind('set -u', ALL, 'set -u\n'),
  kind('a DEBUG trap', ['bash', 'zsh', 'ksh'], 'trap "true" DEBUG\n'),
  kind('output goes nowhere', BOTH, 'exec >/dev/null 2>&1\n'),
  kind('noclobber', ALL, 'set -C\n'),
  kind('aliases of usual commands', ALL, [...WORDS, 'exit'].map((word) => `alias ${word}="echo no"\n`).join('')),
  kind('functions named like usual commands', BOTH, WORDS.map((word) => `${word}() { echo no; }\n`).join('')),
  kind('exit is a function', ['bash'], 'exit() { echo no; }\n'),
  kind('an empty PATH', BOTH, 'PATH=\n'),
  kind('stty', ALL, 'stty -echo -ixon 2>/dev/null\n'),
  kind('something readonly', ALL, 'readonly LIMIT=10\n'),
  kind('a syntax error further on', BOTH, 'alias g=git\nif then fi else\n'),
  kind('a flood of output', ['bash', 'zsh'], `yes "${NOISE}" | head -c 300000\n`),
  kind('it reads a line', ALL, 'echo "Continue?"; read answer\n'),
  kind('it reads a line from the terminal', BOTH, 'read answer </dev/tty\n'),
  kind('a job in the background that keeps the output', BOTH, 'sleep 30 &\n'),
  kind('a program in a session of its own', BOTH, 'setsid sleep 8 >/dev/null 2>&1 </dev/null &\n'),
  kind('it ends its process group', BOTH, 'kill -TERM 0\n'),
  kind(
    'an EXIT trap that sleeps',
    ['bash'],
    "trap 'sleep 60' EXIT\n",
    maybeNotLookedAt('the shell does not end before the deadline'),
  ),
  kind('an EXIT trap that says goodbye', ALL, "trap 'echo goodbye' EXIT\n"),
  kind('fish takes over', BOTH, 'exec fish\n'),
  kind('zsh takes over', ['bash', 'sh', 'ksh', 'mksh'], 'exec zsh\n'),
  kind('bash takes over', ['zsh'], 'exec bash --norc\n'),
  kind('tmux takes over', BOTH, 'exec tmux -f /dev/null new-session\n', differsAtTerminal('tmux needs a terminal')),
  kind('exit', ALL, 'exit 0\n', blames('exit 0')),
  kind('set -e and a failing command', ['bash', 'mksh', 'sh'], 'set -e\nfalse\n', blames('false')),
  kind('return', BOTH, 'return\n'),
  kind('a syntax error', BOTH, 'case word in\n'),
  kind('return without a terminal', BOTH, '[ -t 1 ] || return\nalias g=git\n'),
  kind('exit without a terminal', ALL, '[ -t 0 ] || exit\nalias g=git\n', maybeNotLookedAt('it asks for a terminal')),
  kind(
    'exit without a terminal, in lines of their own',
    BOTH,
    'if [[ ! -t 1 ]]; then\n  exit 1\nfi\n',
    maybeNotLookedAt('it asks for a terminal'),
  ),
  kind('a terminal is asked for, and exit in any case', BOTH, '[ -t 1 ] && alias l=ls\nexit 0\n', blames('exit 0')),
  kind(
    'a setting of the terminal, and an end that has nothing to do with it',
    BOTH,
    '[ -t 0 ] && stty -ixon\nif ! command -v not-there >/dev/null; then\n  exit 1\nfi\n',
    blames('  exit 1'),
  ),
  kind(
    'exit where a function finds no terminal',
    BOTH,
    'has_terminal() {\n  [ -n "$HOME" -a -t 0 ]\n}\nhas_terminal || exit\n',
    maybeNotLookedAt('it asks for a terminal'),
  ),
  kind(
    'set -e, and a setting of the terminal',
    ['bash', 'mksh', 'sh'],
    'set -e\nstty -ixon\nset +e\n',
    maybeNotLookedAt('it asks for a terminal'),
  ),
  kind('a failing command, and set -e that ksh does not heed here', ['ksh'], 'set -e\nfalse\n'),
  kind('it sleeps', ['bash', 'zsh'], 'sleep 60\n', maybeNotLookedAt('it takes a minute')),
  kind(
    'it never ends, and ignores SIGTERM',
    ['bash'],
    'trap "" TERM\nwhile :; do :; done\n',
    maybeNotLookedAt('no end'),
  ),
  kind('no file may grow', BOTH, 'ulimit -f 0\n'),
  kind('set, and not exported', BOTH, `${CONNECTION_STRING}=earlier\nexport -n ${CONNECTION_STRING} 2>/dev/null\n`),
]

const promptHooks: readonly StartUpHome[] = [
  home(
    'bash',
    'a hook of the prompt unsets it',
    { '.bashrc': `PROMPT_COMMAND='unset ${CONNECTION_STRING}'\n`, '.bash_profile': '. ~/.bashrc\n' },
    differsAtTerminal('the hook runs at a prompt, which only a terminal has'),
  ),
  home(
    'zsh',
    'a hook of the prompt unsets it',
    { '.zshrc': `precmd() { unset ${CONNECTION_STRING}; }\n` },
    differsAtTerminal('the hook runs at a prompt, which only a terminal has'),
  ),
]

export const hardToLookAt: readonly StartUpHome[] = [
  ...kinds.flatMap(({ name, shells, contents, details }) =>
    shells.map((shell) =>
      home(
        shell,
        name,
        {
          [FILE[shell]]: contents,
          ...(shell === 'bash' && { '.bash_profile': '[ -f ~/.bashrc ] && . ~/.bashrc\n' }),
        },
        typeof details === 'function' ? details(shell) : details,
      ),
    ),
  ),
  ...promptHooks,
]
