import type { ShellStart } from '../../../src/shells/shell.ts'

/** Start-up files of a shell with a language of its own, in which one line is to blame. */
export interface OtherBlamedLine {
  readonly name: string
  /** By their names in the home; `BLOCK` stands for the lines that load the value. */
  readonly files: Readonly<Record<string, string>>
  /** Where it is another one than a shell in a new tab. */
  readonly start?: ShellStart
  /** The finding, or that there is none. */
  readonly message: string
}

export const NOTHING_WRONG = 'nothing wrong'

const CONFIG = '.config/fish/config.fish'
const CONF_D = '.config/fish/conf.d'
const FUNCTIONS = '.config/fish/functions'
const SHOWN_CONFIG = `~/${CONFIG}`

const setsInFish = (line: number, rest = ''): string =>
  `${SHOWN_CONFIG} sets ACS_VALUE again in line ${line}${rest}, after the acs-env file.`
const inFish = (name: string, text: string, message: string): OtherBlamedLine => ({
  name,
  files: { [CONFIG]: text },
  message,
})

/** The value is loaded by a file in `conf.d`, unless there is a block. */
export const fishBlamedLines: readonly OtherBlamedLine[] = [
  inFish('set -gx', 'true\nset -gx ACS_VALUE old\ntrue\n', setsInFish(2)),
  inFish('a value of the same length', 'set -gx ACS_VALUE a-value-that-nobody-is-to-know==\n', setsInFish(1)),
  inFish('nothing', 'set -gx OTHER x\nset -gx ACS_VALUE\n', setsInFish(2)),
  inFish('the last of several', 'set -gx ACS_VALUE one\nset -gx ACS_VALUE two\n# set -gx ACS_VALUE\n', setsInFish(2)),
  inFish('a value that is worked out', 'set old (echo old)\nset -gx ACS_VALUE $old\n', setsInFish(2)),
  inFish('two lines for one command', 'true\nset -gx \\\n  ACS_VALUE old\n', setsInFish(2)),
  inFish('set -e', 'true\nset -e ACS_VALUE\n', `${SHOWN_CONFIG} removes ACS_VALUE in line 2, after the acs-env file.`),
  inFish(
    'set -gu',
    'true\nset -gu ACS_VALUE $ACS_VALUE\n',
    `${SHOWN_CONFIG} keeps ACS_VALUE from programs in line 2, after the acs-env file.`,
  ),
  inFish(
    'set -g of one that was removed',
    'set kept $ACS_VALUE\nset -e ACS_VALUE\nset -g ACS_VALUE $kept\n',
    `${SHOWN_CONFIG} keeps ACS_VALUE from programs in line 3, after the acs-env file.`,
  ),
  inFish('a universal variable', 'set -Ux ACS_VALUE old\ntrue\nset -e -g ACS_VALUE\n', setsInFish(3)),
  inFish('a universal variable that is hidden', 'set -U ACS_VALUE old\n', NOTHING_WRONG),
  {
    name: 'read from a file',
    files: { [CONFIG]: 'true\nread -gx ACS_VALUE < ~/old\n', old: 'old\n' },
    message: setsInFish(2),
  },
  {
    name: 'another file',
    files: {
      [CONFIG]: 'true\nsource ~/.work.fish 2>/dev/null\ntrue\n',
      '.work.fish': '\ntrue\nset -gx ACS_VALUE old\n',
    },
    message: `~/.work.fish sets ACS_VALUE again in line 3, read by ${SHOWN_CONFIG} in line 2, after the acs-env file.`,
  },
  {
    name: 'a file in a file',
    files: {
      [CONFIG]: 'test -r ~/one.fish; and source ~/one.fish\n',
      'one.fish': 'true\n. ~/two.fish\n',
      'two.fish': 'set -gx ACS_VALUE old\n',
    },
    message: `~/two.fish sets ACS_VALUE again in line 1, read by ${SHOWN_CONFIG} in line 1, after the acs-env file.`,
  },
  inFish(
    'a function',
    'function load\n  set -gx ACS_VALUE old\nend\ntrue\nload\n',
    setsInFish(2, ', called in line 5'),
  ),
  {
    name: 'a function of its own file',
    files: {
      [CONFIG]: 'true\nload\n',
      [`${FUNCTIONS}/load.fish`]: 'function load\n  true\n  set -gx ACS_VALUE old\nend\n',
    },
    message: `~/${FUNCTIONS}/load.fish sets ACS_VALUE again in line 3, read by ${SHOWN_CONFIG} in line 2, after the acs-env file.`,
  },
  inFish('an alias', "alias load='set -gx ACS_VALUE old'\ntrue\nload\n", setsInFish(3)),
  inFish('eval', 'true\neval "set -gx ACS_VALUE old"\ntrue\n', setsInFish(2)),
  inFish('eval of what is nowhere', 'set name ACS\neval set -gx {$name}_VALUE old\nset -g A b\n', setsInFish(2)),
  inFish('a name from pieces', 'set name ACS\ntrue\nset -gx {$name}_VALUE old\n', setsInFish(3)),
  inFish('what a program says', 'true\necho "set -gx ACS_VALUE old" | source\ntrue\n', setsInFish(2)),
  inFish('a loop', 'for each in one two\n  set -gx ACS_VALUE $each\nend\n', setsInFish(2)),
  inFish('a quiet block', 'begin\n  set -gx ACS_VALUE old\nend >/dev/null 2>&1\n', setsInFish(2)),
  inFish('an exit behind it', 'set -gx ACS_VALUE old\nexit 3\nset -gx ACS_VALUE older\n', setsInFish(1)),
  inFish('a condition', 'if status is-login\n  set -gx ACS_VALUE old\nend\n', NOTHING_WRONG),
  {
    ...inFish('a condition of a login shell', 'if status is-login\n  set -gx ACS_VALUE old\nend\n', setsInFish(2)),
    start: 'login',
  },
  {
    name: 'a file behind ours',
    files: { [`${CONF_D}/zz.fish`]: 'set -gx OTHER ACS_VALUE\nset -gx ACS_VALUE old\n' },
    message: `~/${CONF_D}/zz.fish sets ACS_VALUE again in line 2, after the acs-env file.`,
  },
  {
    name: 'a file behind ours that removes it',
    files: { [`${CONF_D}/zz.fish`]: 'true\nset -e ACS_VALUE\n' },
    message: `~/${CONF_D}/zz.fish removes ACS_VALUE in line 2, after the acs-env file.`,
  },
  {
    name: 'a file before ours',
    files: { [`${CONF_D}/aa.fish`]: 'set -gx ACS_VALUE old\nexit\n' },
    message: NOTHING_WRONG,
  },
  inFish('a syntax error', 'if true\nset -gx ACS_VALUE old\n', NOTHING_WRONG),
  inFish('bash in its place', 'true\nexec bash\n', NOTHING_WRONG),
  inFish(
    'bash in its place, after the value was removed',
    'set -e ACS_VALUE\nexec bash\n',
    `${SHOWN_CONFIG} removes ACS_VALUE in line 1, after the acs-env file.`,
  ),
  inFish(
    'bash in its place, without the value',
    'true\nexec env -u ACS_VALUE bash --norc\n',
    `${SHOWN_CONFIG} hands over to bash in line 2, and bash does not have ACS_VALUE.`,
  ),
  inFish(
    'another program in its place',
    'true\nexec false\n',
    `A new shell that is not a login shell ends while it starts, in line 2 of ${SHOWN_CONFIG} (exec false).`,
  ),
  inFish(
    'a block',
    'BLOCK\nset -gx ACS_VALUE old\n',
    `${SHOWN_CONFIG} sets ACS_VALUE again in line 6, after the acs-env block.`,
  ),
  inFish(
    'a return before a block',
    'true\nreturn\nBLOCK\n',
    `${SHOWN_CONFIG} ends in line 2 (return), before the acs-env block.`,
  ),
  inFish(
    'a syntax error before a block',
    'true\nend\nBLOCK\n',
    `${SHOWN_CONFIG} has a syntax error in line 2, and fish reads no further, so ACS_VALUE is not loaded.`,
  ),
]

const setsInTcsh = (line: number, rest = ''): string =>
  `~/.tcshrc sets ACS_VALUE again in line ${line}${rest}, after the acs-env block.`
const inTcsh = (name: string, text: string, message: string): OtherBlamedLine => ({
  name,
  files: { '.tcshrc': text },
  message,
})

/** The block has three lines. */
export const tcshBlamedLines: readonly OtherBlamedLine[] = [
  inTcsh('setenv', 'BLOCK\nset a = 1\nsetenv ACS_VALUE old\nset a = 2\n', setsInTcsh(5)),
  inTcsh('a value of the same length', 'BLOCK\nsetenv ACS_VALUE a-value-that-nobody-is-to-know==\n', setsInTcsh(4)),
  inTcsh(
    'the last of several',
    'setenv ACS_VALUE older\nBLOCK\nsetenv ACS_VALUE one\nsetenv ACS_VALUE two\n',
    setsInTcsh(6),
  ),
  inTcsh('two lines for one command', 'BLOCK\nsetenv ACS_VALUE \\\n  old\n', setsInTcsh(4)),
  inTcsh(
    'unsetenv',
    'BLOCK\nset a = 1\nunsetenv ACS_VALUE\n',
    '~/.tcshrc removes ACS_VALUE in line 5, after the acs-env block.',
  ),
  inTcsh(
    'unsetenv of a pattern',
    'BLOCK\nunsetenv ACS_V*\n',
    '~/.tcshrc removes ACS_VALUE in line 4, after the acs-env block.',
  ),
  inTcsh('set', 'BLOCK\nset ACS_VALUE = old\n', NOTHING_WRONG),
  inTcsh('an if block', 'BLOCK\nif ( $?TERM ) then\n  setenv ACS_VALUE old\nendif\n', setsInTcsh(5)),
  inTcsh(
    'the other branch',
    'BLOCK\nif ( 0 ) then\n  setenv ACS_VALUE older\nelse\n  setenv ACS_VALUE old\nendif\n',
    setsInTcsh(7),
  ),
  inTcsh('an alias', "BLOCK\nalias load 'setenv ACS_VALUE old'\nset a = 1\nload\n", setsInTcsh(6)),
  inTcsh('eval', 'BLOCK\neval "setenv ACS_VALUE old"\n', setsInTcsh(4)),
  inTcsh('a name from pieces', 'BLOCK\nset name = ACS\nsetenv ${name}_VALUE old\n', setsInTcsh(5)),
  inTcsh('a comment behind it', 'BLOCK\nsetenv ACS_VALUE   old # of work\n', setsInTcsh(4)),
  inTcsh(
    'one of several cases',
    'BLOCK\nswitch ( $TERM )\ncase xterm*:\n  setenv ACS_VALUE old\n  breaksw\ndefault:\n  setenv ACS_VALUE older\nendsw\n',
    setsInTcsh(6),
  ),
  inTcsh('fewer words', 'set a = 1\nunset verbose\nBLOCK\nsetenv ACS_VALUE old\n', setsInTcsh(6)),
  inTcsh('another cat', "alias cat 'echo old'\nBLOCK\n", 'The acs-env block in ~/.tcshrc does not load ACS_VALUE.'),
  inTcsh('a loop', 'BLOCK\nforeach each ( one two )\n  setenv ACS_VALUE $each\nend\nset a = 1\n', setsInTcsh(5)),
  {
    name: 'another file',
    files: { '.tcshrc': 'BLOCK\nsource ~/.work.csh\nset a = 1\n', '.work.csh': 'set b = 1\n\nsetenv ACS_VALUE old\n' },
    message: '~/.work.csh sets ACS_VALUE again in line 3, read by ~/.tcshrc in line 4, after the acs-env block.',
  },
  {
    name: 'another file that says nothing',
    files: {
      '.tcshrc': 'BLOCK\nsource ~/.work.csh >& /dev/null\n',
      '.work.csh': 'set b = 1\n\nsetenv ACS_VALUE old\n',
    },
    message: '~/.work.csh changes ACS_VALUE, in line 3.',
  },
  {
    name: 'the file of login shells',
    files: { '.tcshrc': 'BLOCK\n', '.login': 'set b = 1\nsetenv ACS_VALUE old\n' },
    start: 'login',
    message: '~/.login sets ACS_VALUE again in line 2, after the acs-env block.',
  },
  inTcsh(
    'an exit before the block',
    'set a = 1\nexit\nBLOCK\n',
    '~/.tcshrc ends in line 2 (exit), before the acs-env block.',
  ),
  inTcsh(
    'an error before the block',
    'set a = 1\nset b = $no_such\nBLOCK\n',
    '~/.tcshrc fails in line 2, and tcsh reads no further, so ACS_VALUE is not loaded.',
  ),
  inTcsh(
    'bash in its place',
    'set a = 1\nexec bash --norc\nBLOCK\n',
    '~/.tcshrc hands over to bash in line 2, and bash does not have ACS_VALUE.',
  ),
  inTcsh(
    'bash in its place, after the value was changed',
    'BLOCK\nsetenv ACS_VALUE old\nexec bash --norc\n',
    setsInTcsh(4),
  ),
  inTcsh(
    'another program in its place',
    'BLOCK\nexec false\n',
    'A new shell that is not a login shell ends while it starts, in line 4 of ~/.tcshrc (exec false).',
  ),
]
