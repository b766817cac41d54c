import type { TestedShell } from './start-up-files.ts'

/** Start-up files in which one line is to blame, which ends in `# <-`. */
export interface BlamedLine {
  readonly name: string
  /** `BLOCK` stands for the lines that load the value. */
  readonly text: string
  /** Other files in the home, by their names. */
  readonly others?: Readonly<Record<string, string>>
  readonly shells: readonly TestedShell[]
  /** The finding, with `MAIN` for the start-up file. */
  readonly message: string
}

const ALL = ['bash', 'zsh', 'dash', 'ksh', 'mksh'] as const
const BASH_AND_ZSH = ['bash', 'zsh'] as const
const KORN_TOO = ['bash', 'zsh', 'ksh', 'mksh'] as const

const sets = (line: number): string => `MAIN sets ACS_VALUE again in line ${line}, after the acs-env block.`
const removes = (line: number): string => `MAIN removes ACS_VALUE in line ${line}, after the acs-env block.`

export const blamedLines: readonly BlamedLine[] = [
  { name: 'export', text: 'BLOCK\n:\nexport ACS_VALUE=old', shells: ALL, message: sets(8) },
  { name: 'two statements', text: 'BLOCK\nACS_VALUE=old\n:\nexport ACS_VALUE', shells: ALL, message: sets(7) },
  {
    name: 'a value of the same length',
    text: 'BLOCK\nACS_VALUE=a-value-that-nobody-is-to-know==',
    shells: ALL,
    message: sets(7),
  },
  { name: 'nothing', text: 'BLOCK\nACS_VALUE=', shells: ALL, message: sets(7) },
  { name: 'unset', text: 'BLOCK\n:\n\nunset ACS_VALUE\n:', shells: ALL, message: removes(9) },
  {
    name: 'read from a file',
    text: 'BLOCK\nread -r ACS_VALUE < ~/old',
    others: { old: 'old\n' },
    shells: ALL,
    message: sets(7),
  },
  { name: 'read from a document', text: 'BLOCK\nread -r ACS_VALUE <<end\nold\nend\n:', shells: ALL, message: sets(7) },
  { name: 'read from a string', text: 'BLOCK\nread -r ACS_VALUE <<< old', shells: BASH_AND_ZSH, message: sets(7) },
  { name: 'printf -v', text: 'BLOCK\nprintf -v ACS_VALUE %s old', shells: BASH_AND_ZSH, message: sets(7) },
  { name: 'eval', text: 'BLOCK\neval "export ACS_VALUE=old"\n:', shells: ALL, message: sets(7) },
  {
    name: 'eval of what a program says',
    text: 'BLOCK\neval "$(echo export ACS_VALUE=old)"\n:',
    shells: ALL,
    message: sets(7),
  },
  {
    name: 'a name from pieces',
    text: 'BLOCK\nname=ACS\n:\nexport "${name}_VALUE=old"\n:',
    shells: KORN_TOO,
    message: sets(9),
  },
  {
    name: 'a substitution',
    text: 'BLOCK\nsource <(echo "export ACS_VALUE=old")\n:',
    shells: BASH_AND_ZSH,
    message: sets(7),
  },
  { name: 'declare', text: 'BLOCK\ndeclare -gx ACS_VALUE=old', shells: BASH_AND_ZSH, message: sets(7) },
  { name: 'typeset', text: 'BLOCK\ntypeset -x ACS_VALUE=old', shells: KORN_TOO, message: sets(7) },
  { name: 'a loop', text: 'BLOCK\nfor ACS_VALUE in old; do\n:\ndone', shells: ['bash', 'zsh'], message: sets(7) },
  {
    name: 'a default',
    text: 'BLOCK\nunset ACS_VALUE\nexport ACS_VALUE\n: "${ACS_VALUE:=old}"\n:',
    shells: BASH_AND_ZSH,
    message: sets(9),
  },
  {
    name: 'a condition',
    text: 'BLOCK\nif true; then\n  [ -n "$HOME" ] && export ACS_VALUE=old\nfi',
    shells: ALL,
    message: sets(8),
  },
  {
    name: 'a function',
    text: 'BLOCK\nload() {\n  export ACS_VALUE=old\n}\n:\nload',
    shells: BASH_AND_ZSH,
    message: 'MAIN sets ACS_VALUE again in line 8, called in line 11, after the acs-env block.',
  },
  {
    name: 'another file',
    text: 'BLOCK\n. ~/work.sh\n:',
    others: { 'work.sh': ':\n\nexport ACS_VALUE=old\n' },
    shells: ['bash', 'zsh', 'ksh'],
    message: '~/work.sh sets ACS_VALUE again in line 3, read by MAIN in line 7, after the acs-env block.',
  },
  {
    name: 'another file, where the shell does not say so',
    text: 'BLOCK\n. ~/work.sh\n:',
    others: { 'work.sh': ':\n\nexport ACS_VALUE=old\n' },
    shells: ['dash', 'mksh'],
    message: '~/work.sh sets ACS_VALUE again in line 3, after the acs-env block.',
  },
  {
    name: 'a file in a file',
    text: 'BLOCK\n[ -r ~/one.sh ] && . ~/one.sh\n:',
    others: { 'one.sh': ':\n. ~/two.sh\n:\n', 'two.sh': 'set -a\nACS_VALUE=old\nset +a\n' },
    shells: ['bash', 'zsh', 'ksh'],
    message: '~/two.sh sets ACS_VALUE again in line 2, read by MAIN in line 7, after the acs-env block.',
  },
  {
    name: 'a subshell in between',
    text: 'BLOCK\nexport ACS_VALUE=old\n(ACS_VALUE=inner; :)\n:',
    shells: ['bash', 'zsh', 'ksh'],
    message: sets(7),
  },
  {
    name: 'read-only',
    text: ':\nreadonly ACS_VALUE=old\nexport ACS_VALUE\nBLOCK',
    shells: ALL,
    message: 'MAIN makes ACS_VALUE read-only in line 2, before the acs-env block can load it.',
  },
  {
    name: 'not exported any more',
    text: 'BLOCK\n:\nexport -n ACS_VALUE',
    shells: ['bash'],
    message: 'MAIN keeps ACS_VALUE from programs in line 8, after the acs-env block.',
  },
  {
    name: 'not exported any more, by typeset',
    text: 'BLOCK\n:\ntypeset +x ACS_VALUE',
    shells: BASH_AND_ZSH,
    message: 'MAIN keeps ACS_VALUE from programs in line 8, after the acs-env block.',
  },
  {
    name: 'a return',
    text: ':\n[ -t 1 ] || return\nBLOCK',
    shells: ALL,
    message: 'MAIN ends in line 2 (return), before the acs-env block.',
  },
  {
    name: 'a syntax error',
    text: ':\n\nfi\nBLOCK',
    shells: ALL,
    message: 'MAIN has a syntax error in line 3, and SHELL reads no further, so ACS_VALUE is not loaded.',
  },
  {
    name: 'an error',
    text: ':\nfor file in ~/none/*.zsh; do :; done\nBLOCK',
    shells: ['zsh'],
    message: 'MAIN fails in line 2, and SHELL reads no further, so ACS_VALUE is not loaded.',
  },
  {
    name: 'no more start-up files',
    text: 'BLOCK',
    others: { '.zshenv': ':\nsetopt no_rcs\n' },
    shells: ['zsh'],
    message: '~/.zshenv switches off all further start-up files in line 2, so MAIN is not read.',
  },
  {
    name: 'a block that does nothing',
    text: 'read() { :; }\nBLOCK',
    shells: BASH_AND_ZSH,
    message: 'The acs-env block in MAIN does not load ACS_VALUE.',
  },
  {
    name: 'fish in its place',
    text: ':\n[ -x /usr/bin/fish ] && exec fish\nBLOCK',
    shells: ALL,
    message: 'MAIN hands over to fish in line 2, and fish does not have ACS_VALUE.',
  },
  {
    name: 'fish in its place, after the value was removed',
    text: 'BLOCK\nunset ACS_VALUE\nexec fish',
    shells: ALL,
    message: removes(7),
  },
  {
    name: 'an exit',
    text: 'BLOCK\n:\nexit 3',
    shells: ALL,
    message: 'A new shell that is not a login shell ends while it starts, in line 8 of MAIN (exit).',
  },
  {
    name: 'an exit in another file',
    text: 'BLOCK\n. ~/work.sh',
    others: { 'work.sh': ':\n\nexit 3\n' },
    shells: ['bash', 'zsh', 'ksh'],
    message:
      'A new shell that is not a login shell ends while it starts, in line 3 of ~/work.sh (exit), read by MAIN in line 7.',
  },
  {
    name: 'an exit in another file, where the shell does not say so',
    text: 'BLOCK\n. ~/work.sh',
    others: { 'work.sh': ':\n\nexit 3\n' },
    shells: ['dash', 'mksh'],
    message: 'A new shell that is not a login shell ends while it starts, in line 3 of ~/work.sh (exit).',
  },
  {
    name: 'a failing command under set -e in another file',
    text: 'BLOCK\n. ~/work.sh',
    others: { 'work.sh': 'set -e\n\nfalse\n' },
    shells: ['bash'],
    message:
      'A new shell that is not a login shell ends while it starts, in line 3 of ~/work.sh (false), read by MAIN in line 7.',
  },
  {
    name: 'an exit with a trap behind it',
    text: 'BLOCK\ntrap ":" EXIT\nexit 3',
    shells: ALL,
    message: 'A new shell that is not a login shell ends while it starts, in line 8 of MAIN (exit).',
  },
  {
    name: 'a failing command under set -e, with a trap behind it',
    text: 'BLOCK\ntrap ":" EXIT\nset -e\nfalse',
    shells: ['bash', 'dash', 'mksh'],
    message: 'A new shell that is not a login shell ends while it starts, in line 9 of MAIN (false).',
  },
]
