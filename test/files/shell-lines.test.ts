import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readShellLines } from '../../src/files/shell-lines.ts'
import type { ShellDialect } from '../../src/files/shell-reader.ts'
import { hasProgram } from '../support/requirements.ts'
import { runShell } from '../support/shell-run.ts'

/** The script, each line behind what it is: `T` top level, `-` nested code, `D` data, `?` not understood. */
type Annotated = readonly string[]

const SNIPPETS: readonly (readonly [string, Annotated])[] = [
  ['plain statements', ['T|export A=1', 'T|', 'T|  B=2 # comment', 'T|\tC=3; D=4 &', 'T|E=5']],
  ['a here-document', ['T|cat <<EOF', "D|it's", 'D| EOF', 'D|EOF', 'T|A=1']],
  ['one with tabs', ['T|cat <<-EOF', 'D|\tx', 'D|\tEOF', 'T|A=1']],
  ['one whose delimiter has a blank before it', ['T|cat << EOF', 'D|x', 'D|EOF', 'T|A=1']],
  [
    'quoted delimiters',
    ["T|cat <<'E F'", 'D|$(', 'D|E F', 'T|cat <<"X"', 'D|`', 'D|X', 'T|cat <<\\Y', 'D|{', 'D|Y', 'T|A=1'],
  ],
  ['two here-documents on a line', ['T|cat <<A - <<B', 'D|B', 'D|A', 'D|A', 'D|B', 'T|A=1']],
  ['a joined line is no delimiter', ['T|cat <<EOF', 'D|x \\', 'D|EOF', 'D|EOF', 'T|A=1']],
  ['but with a quoted one it is', ["T|cat <<'EOF'", 'D|x \\', 'D|EOF', 'T|A=1']],
  ['an open here-document', ['T|cat <<EOF', 'D|A=1']],
  ['one in a substitution', ['T|x="$(cat <<EOF', 'D|"', 'D|EOF', 'D|)"', 'T|A=1']],
  ['one in a pipe that goes on', ['T|cat <<EOF |', 'D|x', 'D|EOF', '-|cat', 'T|A=1']],
  ['a here-string', ['T|cat <<<EOF', 'T|A=1']],
  ['single quotes over lines', ["T|x='a", 'D|export A=1', "D|b'", 'T|A=1']],
  ['double quotes over lines', ['T|x="a', 'D|it\'s \\"', 'D|b"', 'T|A=1']],
  ['ANSI quotes', ["T|x=$'it\\'s'", "T|y=$$'\\'", 'T|A=1']],
  ['quotes in quotes', ['T|x="$(echo "a b" "$(echo ")")")"', 'T|A=1']],
  ['an open quote', ['T|x="a', 'D|A=1']],
  ['a substitution over lines', ['T|x=$(', '-|  echo a', '-|)', 'T|A=1']],
  ['backticks', ['T|x=`echo "a" \\`b\\``', 'T|y=`', '-|z', '-|`', 'T|A=1']],
  ['a comment in backticks', ['T|echo a `# a comment` \\', '-|  b', 'T|A=1']],
  ['arithmetic with shifts', ['T|x=$((1 << 2))', 'T|((y = (1<<2) + 3))', 'T|z=$(( (x<<1) * 2 ))', 'T|A=1']],
  ['arithmetic over lines', ['T|x=$((', '-|1 + $(echo 2; : ")")', '-|))', 'T|A=1']],
  ['a subshell in a substitution', ['T|x=$( (echo a) )', 'T|A=1']],
  ['case', ['T|case $- in', '-|  *i*) ;;', "-|  'a b'|(c) | d) echo ')' ;;", '-|  *) echo;; esac', 'T|A=1']],
  ['case on one line', ['T|case "$x" in a) y ;; (b) z;; esac; B=2', 'T|A=1']],
  ['case in a substitution', ['T|x=$(case a in a) echo b;; esac)', 'T|A=1']],
  ['a case that falls through', ['T|case a in', '-|a) b ;&', '-|c) d ;;&', '-|e) f', '-|esac', 'T|A=1']],
  ['functions', ['T|a() {', '-|  A=1', '-|}', 'T|b () { A=1; }', 'T|c()', '-|{', '-|A=1', '-|}', 'T|A=1']],
  ['functions with the word', ['T|function a {', '-|A=1', '-|}', 'T|function b() {', '-|A=1', '-|}', 'T|A=1']],
  ['a blank before the parentheses', ['T|function a () {', '-|A=1', '-|}', 'T|A=1']],
  ['the brace on its own line', ['T|function a', '-|', '-|# comment', '-|{', '-|A=1', '-|}', 'T|A=1']],
  ['functions of other bodies', ['T|a() (', '-|A=1', '-|)', 'T|b() if true; then', '-|A=1', '-|fi', 'T|A=1']],
  ['if', ['T|if true; then', '-|A=1', '-|elif false', '-|then', '-|:', '-|else', '-|B=1', '-|fi', 'T|A=1']],
  ['if behind if', ['T|if true; then if true; then', '-|:', '-|fi', '-|A=1', '-|fi', 'T|A=1']],
  ['reserved words behind compound commands', ['T|if { true; } then if (true) then', '-|:; fi fi', 'T|A=1']],
  ['then behind a test', ['T|if [[ a ]] then if (( 1 )) then :', '-|fi', '-|A=1', '-|fi', 'T|A=1']],
  ['loops', ['T|for x in a b', '-|do', '-|A=1', '-|done', 'T|while false; do A=1', '-|done <x', 'T|A=1']],
  ['more loops', ['T|for ((i = 0; i < (1 << 2); i++)); do', '-|A=1', '-|done', 'T|until true; do :; done', 'T|A=1']],
  ['for with its list on the next line', ['T|for x', '-|in a; do :; done', 'T|A=1']],
  ['reserved words as arguments', ['T|echo if for case { in', '?|A=1']],
  ['words that look like them', ['T|echo if done fi esac do; if=1; iffy', 'T|echo "if" then', 'T|A=1']],
  ['tests with regular expressions', ['T|[[ $x =~ ^(a|b)+[[:space:]]$ && ( a < b ) ]] && echo', 'T|A=1']],
  ['a test over lines', ['T|[[ a &&', '-|b ]]', 'T|A=1']],
  ['arrays', ['T|a=(1 "b c"', '-|# it is a comment', "-|'d' if)", 'T|a+=(x) b=()', 'T|declare -A m=([a]=b)', 'T|A=1']],
  ['continued lines', ['T|echo a \\', '-|  b', 'T|c\\', '-|d', 'T|A=1']],
  ['a comment is not continued', ['T|# a \\', 'T|A=1']],
  [
    'what goes on behind an operator',
    ['T|true &&', '-|A=1', 'T|a |', '-|', '-|# comment', '-|b', 'T|c ||', '-|d', 'T|A=1'],
  ],
  ['what does not', ['T|a &', 'T|b;', 'T|A=1']],
  ['comments with quotes', ["T|# don't", 'T|echo a # "', 'T|echo b;# `', 'T|A=1']],
  [
    'a hash that begins no comment',
    ["T|echo a#'", "D|' $#", 'T|echo "a"#"', 'D|"', 'T|echo ${x}#$(y)#`z`#"', 'D|"', 'T|A=1'],
  ],
  ['parameters', ["T|x=${y#z} ${#x} ${x//\\'/} ${x:-'}'} ${x:-\"}\"}", 'T|A=1']],
  ['parameters in double quotes', ['T|x="${y#*"}"}" "${z:-$(echo "}")}"', 'T|x="${y:-\'a\'}"', 'T|A=1']],
  ['a quote in one that shells read differently', ['T|x="${y%\'"\'}"', '?|A=1']],
  ['parameters over lines', ['T|x="${y:-', 'D|a}"', 'T|A=1']],
  ['subshells and groups', ['T|(', '-|A=1', '-|)', 'T|{', '-|A=1', '-|}', 'T|( a; { b; } ); c', 'T|A=1']],
  ['process substitutions', ['T|cat <(', '-|a', '-|) >(b)', 'T|A=1']],
  ['redirections', ['T|a >&2 2>&1 &>b >|c <&- 3<>d', 'T|A=1']],
  ['extended globs', ['T|ls !(a|b) @(c)', 'T|A=1']],
  ['a coprocess', ['T|coproc {', '-|A=1', '-|}', 'T|coproc NAME {', '?|A=1']],
  ['a group that nothing began', ['T|}', '?|A=1']],
  ['a loop that nothing began', ['T|repeat 3; do', '?|A=1', '?|done']],
  ['CRLF, where "fi\\r" closes nothing', ['T|A=1\r', 'T|if a; then :\r', '-|fi\r', '-|A=1\r']],
  ['a CRLF here-document and its delimiter', ['T|cat <<EOF\r', 'D|EOF', 'D|EOF\r', 'T|A=1\r']],
  ['letters beyond ASCII', ["T|echo voil\xc3\xa0#'", "D|'", 'T|A=1']],
  [
    'the .bashrc of Debian',
    [
      'T|# ~/.bashrc: executed by bash(1) for non-login shells.',
      'T|case $- in',
      '-|    *i*) ;;',
      '-|      *) return;;',
      '-|esac',
      'T|HISTCONTROL=ignoreboth',
      'T|[ -x /usr/bin/lesspipe ] && eval "$(SHELL=/bin/sh lesspipe)"',
      'T|if [ -z "${debian_chroot:-}" ] && [ -r /etc/debian_chroot ]; then',
      '-|    debian_chroot=$(cat /etc/debian_chroot)',
      '-|fi',
      'T|case "$TERM" in',
      '-|    xterm-color|*-256color) color_prompt=yes;;',
      '-|esac',
      'T|if [ "$color_prompt" = yes ]; then',
      "-|    PS1='${debian_chroot:+($debian_chroot)}\\[\\033[01;32m\\]\\u@\\h\\[\\033[00m\\]\\$ '",
      '-|else',
      "-|    PS1='${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '",
      '-|fi',
      "T|alias alert='notify-send \"$(history|tail -n1|sed -e '\\''s/[;&|]\\s*alert$//'\\'')\"'",
      'T|if ! shopt -oq posix; then',
      '-|  if [ -f /etc/bash_completion ]; then',
      '-|    . /etc/bash_completion',
      '-|  fi',
      '-|fi',
      'T|export A=1',
    ],
  ],
]

const ZSH_SNIPPETS: readonly (readonly [string, Annotated])[] = [
  [
    'a .zshrc with oh-my-zsh',
    [
      'T|export ZSH="$HOME/.oh-my-zsh"',
      'T|ZSH_THEME="robbyrussell"',
      'T|plugins=(git docker',
      '-|  kubectl) # more',
      'T|source $ZSH/oh-my-zsh.sh',
      'T|if [[ -n ~/.zcompdump(#qN.mh+24) ]]; then',
      '-|  compinit',
      '-|fi',
      "T|zstyle ':completion:*' matcher-list 'm:{a-z}={A-Za-z}'",
      'T|for file in ~/.zsh/*.zsh(N); do source $file; done',
      'T|(( $+commands[fzf] )) && source <(fzf --zsh)',
      'T|autoload -Uz add-zsh-hook; bindkey "^[[A" up-line-or-search',
      "T|PROMPT='%(?.%F{green}√.%F{red}?%?)%f %B%F{240}%1~%f%b %# '",
      'T|export A=1',
    ],
  ],
  ['a group that closes without a semicolon', ['T|mkcd() { mkdir $1 && cd $1 }', 'T|a() {', '-|b }', 'T|A=1']],
  ['an anonymous function', ['T|() {', '-|local A=1', '-|} argument', 'T|A=1']],
  ['always', ['T|{', '-|a', '-|} always {', '-|b', '-|}', 'T|A=1']],
  [
    'glob qualifiers and flags',
    ['T|ls *(N) **/*(.om[1]) *(#q/) (a|b)*', 'T|[[ $x == (#i)foo* ]]', 'T|a=(*(N)) b', 'T|A=1'],
  ],
  ['parameter flags', ['T|a=(${(f)"$(ls)"}) b=${(s:/:)x} c=${${x%.*}##*/}', 'T|A=1']],
  ['disowned jobs', ['T|a &!', 'T|b &|', 'T|A=1']],
  ['a short loop, whose end is not known', ['T|for f (a b) source $f', '?|A=1']],
  ['another one', ['T|for f in a b; source $f', '?|A=1']],
]

function annotate(script: Annotated, dialect: ShellDialect): Annotated {
  const text = script.map((line) => line.slice(2)).join('\n')
  return readShellLines(text, dialect).map(({ start, end, topLevel, data, unknown }) => {
    const kind = topLevel ? 'T' : data ? 'D' : unknown ? '?' : '-'
    return `${kind}|${text.slice(start, end).replace(/\n$/, '')}`
  })
}

describe('the lines of a script', () => {
  it.each(SNIPPETS)('%s', (_, script) => {
    expect(annotate(script, 'posix')).toEqual(script)
  })

  it.each(ZSH_SNIPPETS)('of zsh: %s', (_, script) => {
    expect(annotate(script, 'zsh')).toEqual(script)
  })

  it('cover the text without a gap, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(soup(), fc.string({ unit: 'binary' })), fc.constantFrom('posix', 'zsh'), (text, dialect) => {
        const lines = readShellLines(text, dialect)
        expect(lines.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
        expect(lines.map(({ start, end }) => text.slice(start, end))).toEqual(text.match(/[^\n]*\n|[^\n]+/g) ?? [])
      }),
      { numRuns: 3000 },
    )
  })

  it('of a large profile are read in no time', () => {
    const text = SNIPPETS.map(([, script]) => script.map((line) => line.slice(2)).join('\n'))
      .join('\n')
      .repeat(200)
    const started = performance.now()
    readShellLines(text)
    expect(text.length).toBeGreaterThan(500_000)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

const PROBE = "export ACS_PROBE='x'\n"
/** Pieces of a script that are whole or not, and that together are anything; harmless with an empty PATH. */
const PIECES = [
  ...'\'"`#;&|(){}$\\!<>=*?[]~ \t'.split(''),

  '\n',
  '\n',
  '\n',
  '\n',
  'E',
  'E',
  '\nE\n',
  'x',
  'x=',
  ' a ',
  '$(',
  '${',
  '$((',
  '))',
  '((',
  ')',
  '() ',
  'f()',
  "$'",
  '$"',

  '&&',
  '||',
  ';;',
  ';&',
  '|&',
  '<<E',
  '<<-E',
  "<<'E'",
  '<<\\E',
  '<<<',
  '<(',
  '&>',
  '>&2 ',
  '[[ ',
  ' ]]',
  '${x#',
  '${x:-',

  'if ',
  'if :; then\n',
  ' then ',
  'else ',
  'fi\n',
  'fi',
  'for x in a; do\n',
  ' do ',
  'done\n',
  'while false; do\n',
  'case a in\n',

  'a) ',
  'esac\n',
  'function f ',
  'coproc ',
  'time ',
  '! ',
  '{ ',
  ' }',
  '}\n',
  '\\\n',
  '\\\\',
  '\r\n',
  ' # ',
  ':\n',
  ': ',
  'x=1\n',
]

function soup(): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(''))
}

function composed(): fc.Arbitrary<string> {
  const whole = fc.constantFrom(...SNIPPETS).map(([, script]) => `${script.map((line) => line.slice(2)).join('\n')}\n`)
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: soup() }), { maxLength: 5 })
    .map((parts) => parts.join(''))
}

/** Every way to put the probe on a line of its own so that it counts as top level. */
function withProbe(script: string): readonly string[] {
  const boundaries = [
    ...readShellLines(script).map(({ start }) => start),
    ...(/(^|\n)$/.test(script) ? [script.length] : []),
  ]
  return [...new Set(boundaries)].flatMap((at) => {
    const text = script.slice(0, at) + PROBE + script.slice(at)
    return readShellLines(text).find(({ start }) => start === at)?.topLevel ? [text] : []
  })
}

describe.skipIf(!hasProgram('bash'))('a top-level line', () => {
  let directory: string

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'acs-env-lines-'))
  })

  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  /** What bash makes of a script with and without the probe: verdict, all variables and functions, and the probe. */
  const judge = (text: string): readonly string[] => {
    writeFileSync(join(directory, 'with'), text, 'latin1')
    writeFileSync(join(directory, 'without'), text.replace(PROBE, ''), 'latin1')
    const state =
      'set | "$GREP" -av "^\\(ACS_PROBE\\|BASH\\|FUNCNAME\\|LINENO\\|PIPESTATUS\\|_\\|RANDOM\\|SECONDS\\|EPOCH\\|SRANDOM\\|COPROC\\|NAME\\)"'
    const run = `( cd "$D/scratch" || exit; FUNCNEST=4; PATH=; . "$D/$1" > /dev/null 2>&1; exec 2> /dev/null; echo "[$ACS_PROBE]"; unset ACS_PROBE; ${state} )`
    const driver = `D=$1; GREP=$(command -v grep); mkdir -p "$D/scratch"; rm -f "$D"/scratch/*
      for script in with without; do
        bash -n "$D/$script" > /dev/null 2>&1; echo "$?"; set -- "$script"; unset script; ${run}; printf '\\0'
      done`
    const { stdout } = runShell('bash', ['--norc', '-c', driver, 'bash', directory], join(directory, 'home'))
    return stdout.split('\0').slice(0, 2)
  }

  it.each([
    ['open', 'if true; then\n', false],
    ['inner', "x='\n", false],
    ['plain', 'true\n', true],
  ] as const)('is told from others by the judge: %s', (_, start, isPlain) => {
    const [first = '', second = ''] = judge(`${start}${PROBE}`)
    expect(first.startsWith('0\n[x]') && first.replace('[x]', '[]') === second).toBe(isPlain)
  })

  /** Something stopped the run before the probe: at least what stands before it is to be a script of its own. */
  const isWhole = (script: string): boolean => {
    writeFileSync(join(directory, 'before'), script, 'latin1')
    const { status, stderr } = runShell('bash', ['-n', join(directory, 'before')], join(directory, 'home'))
    return status === 0 && stderr === ''
  }

  const property = (scripts: fc.Arbitrary<string>, numRuns: number): number => {
    let judged = 0
    fc.assert(
      fc.property(scripts, fc.nat(), (script, pick) => {
        const candidates = withProbe(script)
        const text = candidates[pick % Math.max(candidates.length, 1)]
        if (text === undefined) return
        const [before = '', after = ''] = judge(text)
        judged += 1
        expect(before[0]).toBe(after[0])
        // Where bash finds an error it stops, at one place or another.
        if (before[0] !== '0') return
        expect(before.includes('[x]') || isWhole(text.slice(0, text.indexOf(PROBE)))).toBe(true)
        expect(before.replace('[x]', '[]')).toBe(after)
      }),
      { numRuns },
    )
    return judged
  }

  it('is a plain statement to bash in every profile of known parts', () => {
    expect(property(composed(), 200)).toBeGreaterThan(200 / 3)
  })

  it('is a plain statement to bash in any soup', () => {
    expect(property(soup(), 300)).toBeGreaterThan(300 / 3)
  })
})
