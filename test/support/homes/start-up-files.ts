import type { VariableState } from '../../../src/look/outcome.ts'

export const TESTED_SHELLS = ['bash', 'zsh', 'dash', 'ksh', 'mksh'] as const
export type TestedShell = (typeof TESTED_SHELLS)[number]

/** The expected result of a look, in short: a state of the variable, `to fish: missing`, `ended 1` or `too slow`. */
export type Expectation =
  | VariableState
  | `to ${string}: ${VariableState}`
  | `ended ${number}`
  | 'too slow'
  | 'could not look'

/** A start-up file and what a shell that reads it has in the end. */
export interface StartUpFile {
  readonly name: string
  /** `BLOCK` stands for the lines that load the value. */
  readonly text: string
  readonly expected: Expectation
  /** Where shells differ; a shell that does not know what the file uses is left out. */
  readonly butIn?: Partial<Record<TestedShell, Expectation | 'left out'>>
}

const ONLY_BASH = { zsh: 'left out', dash: 'left out', ksh: 'left out', mksh: 'left out' } as const
const ONLY_ZSH = { bash: 'left out', dash: 'left out', ksh: 'left out', mksh: 'left out' } as const

export const startUpFiles: readonly StartUpFile[] = [
  { name: 'the block alone', text: 'BLOCK', expected: 'same' },
  {
    name: 'much output',
    text: 'for i in 1 2 3 4 5 6 7 8 9; do printf "%9000s\\033[2J\\n" "$i"; done\nBLOCK',
    expected: 'same',
  },
  { name: 'a flood of output', text: 'yes | head -c 20000000\nBLOCK', expected: 'same' },
  { name: 'a trace', text: 'set -x\nBLOCK', expected: 'same' },
  { name: 'unset variables are errors', text: 'set -u\nBLOCK', expected: 'same' },
  {
    name: 'a trap for each command',
    text: "trap ':' DEBUG\nBLOCK",
    expected: 'same',
    butIn: { dash: 'left out', mksh: 'left out' },
  },
  { name: 'closed output', text: 'exec >/dev/null 2>&1\nBLOCK', expected: 'same' },
  { name: 'closed descriptors', text: 'exec 3>&- 4>&- 5>&-\nBLOCK', expected: 'same' },
  { name: 'no overwriting', text: 'set -C\nBLOCK', expected: 'same' },
  {
    name: 'functions by the names of programs',
    text: 'env() { :; }\nnode() { :; }\nprintf() { :; }\nBLOCK',
    expected: 'same',
  },
  { name: 'aliases by the names of programs', text: 'alias env=: node=: command=:\nBLOCK', expected: 'same' },
  { name: 'an empty PATH', text: 'PATH=\nBLOCK', expected: 'same' },
  { name: 'settings of the terminal', text: 'stty -echo\nBLOCK', expected: 'same' },
  {
    name: 'read-only options of Node',
    text: 'readonly NODE_OPTIONS=--no-such-option\nexport NODE_OPTIONS\nBLOCK',
    expected: 'same',
  },
  {
    name: 'options of Node',
    text: 'export NODE_OPTIONS="--require=/none" NODE_EXTRA_CA_CERTS=/none\nBLOCK',
    expected: 'same',
  },
  { name: 'a broken configuration of OpenSSL', text: 'export OPENSSL_CONF=/etc/passwd\nBLOCK', expected: 'same' },
  { name: 'a syntax error behind the block', text: 'BLOCK\nfi\n', expected: 'same' },
  { name: 'a question', text: 'read answer\nBLOCK', expected: 'same' },
  {
    name: 'a question to the terminal',
    text: 'read answer </dev/tty\nBLOCK',
    expected: 'same',
    butIn: { dash: 'left out' },
  },
  { name: 'something in the background', text: 'sleep 30 &\nBLOCK', expected: 'same' },
  {
    name: 'a background job in its own group',
    text: 'set -m\nsleep 30 &\nBLOCK',
    expected: 'same',
    butIn: { zsh: 'left out' },
  },
  {
    name: 'a signal to the group',
    text: 'kill -TERM 0\nBLOCK',
    expected: 'same',
    // Both ignore it only from their first prompt on.
    butIn: { ksh: 'ended 143', mksh: 'ended 143' },
  },
  { name: 'something slow at the end', text: "trap 'sleep 1' EXIT\nBLOCK", expected: 'same' },
  { name: 'a limit on written files', text: 'ulimit -f 0\nBLOCK', expected: 'same' },
  { name: 'a limit on memory', text: 'BLOCK\nulimit -v 400000', expected: 'same' },
  {
    name: 'a hook that unsets it at the prompt',
    text: 'BLOCK\nPROMPT_COMMAND="unset ACS_VALUE"\nprecmd() { unset ACS_VALUE; }',
    expected: 'same',
  },
  {
    name: 'an old history',
    text: 'BLOCK\nHISTFILE=~/history\nHISTSIZE=5\nSAVEHIST=5',
    expected: 'same',
    // Korn shells make the file that is set here whenever they start, and ksh93 adds the command that it is to run.
    butIn: { ksh: 'left out', mksh: 'left out' },
  },
  { name: 'fish in its place', text: 'exec fish', expected: 'to fish: missing' },
  {
    name: 'fish in its place, perhaps',
    text: '[ -x /usr/bin/fish ] && exec fish\nBLOCK',
    expected: 'to fish: missing',
  },
  { name: 'fish in its place, with the value', text: 'BLOCK\nexec fish', expected: 'to fish: same' },
  { name: 'fish before it ends', text: 'BLOCK\nfish && exit', expected: 'to fish: same' },
  {
    name: 'mksh in its place, with the value',
    text: 'BLOCK\nexec mksh',
    expected: 'to mksh: same',
    butIn: { mksh: 'left out' },
  },
  {
    name: 'a bash without the value',
    text: 'BLOCK\nexec env -u ACS_VALUE bash --norc',
    expected: 'to bash: missing',
    butIn: { bash: 'left out' },
  },
  { name: 'tmux in its place', text: '[ -n "$TMUX" ] || exec tmux\nBLOCK', expected: 'to tmux: same' },
  { name: 'another program in its place', text: 'BLOCK\nexec cat', expected: 'ended 0' },
  { name: 'an exit before the block', text: 'exit 3\nBLOCK', expected: 'ended 3' },
  { name: 'an exit behind the block', text: 'BLOCK\nexit 0', expected: 'ended 0' },
  {
    name: 'an error that ends it',
    text: 'set -e\nfalse\nBLOCK',
    expected: 'ended 1',
    butIn: { zsh: 'same', ksh: 'same' },
  },
  { name: 'a signal that ends it', text: 'BLOCK\nkill -KILL $$', expected: 'ended 137' },
  {
    name: 'a variable that has to be set',
    text: 'BLOCK\n: ${NEEDED:?is not set}',
    expected: 'same',
  },
  { name: 'a return before the block', text: 'return\nBLOCK', expected: 'missing' },
  { name: 'a syntax error before the block', text: 'fi\nBLOCK', expected: 'missing' },
  { name: 'a terminal needed', text: '[ -t 1 ] || return\nBLOCK', expected: 'missing' },
  { name: 'a long sleep', text: 'sleep 60\nBLOCK', expected: 'too slow' },
  { name: 'a loop without end', text: 'while :; do :; done\nBLOCK', expected: 'too slow' },
  { name: 'a deaf sleep', text: "trap '' TERM HUP INT\nsleep 60\nBLOCK", expected: 'too slow' },
  { name: 'not exported', text: 'BLOCK\nvalue=$ACS_VALUE\nunset ACS_VALUE\nACS_VALUE=$value', expected: 'unexported' },
  { name: 'not exported any more', text: 'BLOCK\nexport -n ACS_VALUE', expected: 'unexported', butIn: ONLY_BASH },
  { name: 'set again', text: 'BLOCK\nexport ACS_VALUE=old', expected: 'other' },
  { name: 'emptied', text: 'BLOCK\nACS_VALUE=', expected: 'other' },
  { name: 'removed', text: 'BLOCK\nunset ACS_VALUE', expected: 'missing' },
  { name: 'read-only before', text: 'readonly ACS_VALUE=old\nexport ACS_VALUE\nBLOCK', expected: 'other' },
  { name: 'a carriage return', text: 'export ACS_VALUE=old\r\nBLOCK', expected: 'same' },
  {
    name: 'a glob without a match',
    text: 'for file in ~/none/*.zsh; do :; done\nBLOCK',
    expected: 'missing',
    butIn: ONLY_ZSH,
  },
]
