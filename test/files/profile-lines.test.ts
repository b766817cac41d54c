import { describe, expect, it } from 'vitest'
import { findBlock, hasMarker } from '../../src/profile/block.ts'
import { readProfile } from '../../src/profile/profile-lines.ts'

const NAMES = ['N', 'TOKEN']

interface Found {
  readonly taken: readonly (readonly [number, string])[]
  readonly left: readonly (readonly [number, string])[]
  readonly exits: readonly (readonly [number, string])[]
}

function find(text: string, dialect: 'posix' | 'zsh' = 'posix'): Found {
  const bytes = Buffer.from(text, 'latin1')
  const { literalExports, otherAssignments, exits } = readProfile(bytes, NAMES, findBlock(bytes), dialect)
  for (const { start, end, line } of [...literalExports, ...otherAssignments, ...exits]) {
    expect(text.slice(0, start).split('\n').length).toBe(line)
    expect(text.slice(start, end)).toBe(text.match(/[^\n]*\n|[^\n]+/g)?.[line - 1])
  }
  const pairs = (lines: typeof exits): Found['exits'] => lines.map(({ line, name }) => [line, name])
  return { taken: pairs(literalExports), left: pairs(otherAssignments), exits: pairs(exits) }
}

const TAKEN = { taken: [[2, 'N']], left: [], exits: [] }
const LEFT = { taken: [], left: [[2, 'N']], exits: [] }
const NOTHING = { taken: [], left: [], exits: [] }

describe('a hand-written export that is taken over', () => {
  it.each([
    ['in single quotes', "export N='endpoint=https://x/;accesskey=a b=='"],
    ['in double quotes', 'export N="endpoint=https://x/;accesskey=ab=="'],
    ['in double quotes with a single one', 'export N="it\'s"'],
    ['without quotes', 'export N=eyJhbG.eyJ-_.abc'],
    ['without quotes and with a key alone', 'export N=accesskey=ab+/=='],
    ['with an empty value', 'export N='],
    ['with a semicolon behind it', "export N='v';"],
    ['with a semicolon and blanks behind it', "export N='v' ; \t"],
    ['with blanks in front', "  \texport  N='v'"],
    ['with CRLF', "export N='v'\r"],
  ])('%s', (_, line) => {
    expect(find(`a\n${line}\nb\n`)).toEqual(TAKEN)
    expect(find(`a\n${line}`)).toEqual(TAKEN)
  })

  it('each of several, in the order of the file', () => {
    expect(find("export N='1'\nexport TOKEN=2\nexport M=3\nexport N=4")).toEqual({
      taken: [
        [1, 'N'],
        [2, 'TOKEN'],
        [4, 'N'],
      ],
      left: [],
      exits: [],
    })
  })

  it('on both sides of the block, and nothing inside it', () => {
    const text = "export N=1\n# >>> acs-env >>>\nexport N='2'\nexit\n# <<< acs-env <<<\nexport N=3\n"
    expect(find(text).taken.map(([line]) => line)).toEqual([1, 6])
    expect(find(text).exits).toEqual([])
  })
})

describe('what sets one of the variables and stays', () => {
  it.each([
    ['a command', 'export N="$(op read op://vault/acs)"'],
    ['a command without quotes', 'export N=$(op read "op://vault/acs")'],
    ['a command in backticks', 'export N=`op read x`'],
    ['another variable', 'export N="$X"'],
    ['an escape', 'export N="a\\"b"'],
    ['a value that its own semicolon cuts', 'export N=endpoint=https://x/;accesskey=abc=='],
    ['one that is not exported', 'N=v'],
    ['one that is not exported, in quotes', "N='a b'"],
    ['one that is exported later', "N='a b'; export N"],
    ['declare', 'declare -x N=v'],
    ['typeset', 'typeset -gx N=v'],
    ['readonly', 'readonly N=v'],
    ['a comment behind it', "export N='v' # of my resource"],
    ['unset', 'unset N'],
    ['unset with others', 'unset -v M N'],
    ['several on a line', 'export A=1 N=2'],
    ['several, ours first', 'export N=2 A=1'],
    ['quotes around all of it', 'export "N=v"'],
    ['appending', 'export N+=v'],
    ['a statement behind it', "export N='v'; echo"],
    ['a condition', "[ -f x ] && export N='v'"],
    ['two quotes', 'export N=\'a\'"b"'],
    ['a tilde', 'export N=~/x'],
    ['a glob', 'export N=a*'],
    ['fish', 'set -gx N v'],
    ['one behind another', 'A=1 N=2'],
  ])('%s', (_, line) => {
    expect(find(`a\n${line}\nb\n`)).toEqual(LEFT)
  })

  it.each([
    ['an if', "if true; then\n  export N='v'\nfi\n"],
    ['a function', "f() {\n  export N='v'\n}\n"],
    ['a function of bash with a blank', "function f () {\nexport N='v'\n}\n"],
    ['a case', "case a in\na) export N='v' ;; esac\n"],
    ['a subshell', "(\nexport N='v'\n)\n"],
    ['a condition that goes on', "true &&\nexport N='v'\n"],
    ['a continued line', "env \\\nexport N='v'\n"],
    ['a brace that nothing closes', "{\nexport N='v'\n"],
  ])('because it is in %s', (_, text) => {
    expect(find(text)).toEqual(LEFT)
  })

  it('over several lines', () => {
    expect(find("a\nexport N='v\nw'\n")).toEqual(LEFT)
    expect(find('a\nexport N=v\\\nw\n')).toEqual(LEFT)
  })

  it('where an earlier part is not understood', () => {
    expect(find("fi\nexport N='v'\n")).toEqual(LEFT)
  })
})

describe('what does not set it', () => {
  it.each([
    ['longer names', "export MY_N='v'\nexport N2='v'\nN_=1\nunset NN MY_N\nexport XN=1 N1=2"],
    ['comments', "# export N='v'\n  #N=v\necho # N=v; unset N"],
    ['uses', 'echo "$N" ${N} $N=\n[ "$N" = x ] && echo'],
    ['arguments', 'docker run -e N=v\ndd --env=N=v -DN=v\necho "N=v"'],
    ['aliases', "alias prod='env N=v npm start'"],
    ['a command of its own', "N=v npm start\nN='a b' npm start\nN= npm start"],
    ['exporting alone', 'export N'],
    ['here-documents', "cat <<EOF\nexport N='v'\nEOF"],
    ['quotes over lines', "x='\nexport N=v\n'"],
  ])('%s', (_, text) => {
    expect(find(text)).toEqual(NOTHING)
  })
})

describe('an exit', () => {
  it.each([
    ['exec fish', 'exec'],
    ['  exec tmux new', 'exec'],
    ['exec -a name zsh', 'exec'],
    ['return', 'return'],
    ['return 0 2>/dev/null || exit 0', 'return'],
    ['exit 0', 'exit'],
    ['exit;', 'exit'],
    ['exit\r', 'exit'],
  ])('at the top level is found: %j', (line, name) => {
    expect(find(`a\n${line}\nb`)).toEqual({ ...NOTHING, exits: [[2, name]] })
    expect(find(line).exits).toEqual([[1, name]])
  })

  it.each([
    'exec 2>file',
    'exec >file',
    'exec >>file 2>&1',
    'exec 3<&0',
    'exec {fd}<file',
    'exec &>file',
    'exec',
    'exec;',
    'exec # nothing',
    '# exit',
    'exit_code=1',
    'execute it',
    'returned=1',
    '[ -z "$PS1" ] && return',
    'trap exit INT',
  ])('is not: %s', (line) => {
    expect(find(`a\n${line}\nb`).exits).toEqual([])
  })

  it.each([
    'f() {\n  return\n}\n',
    'f()\n{\nreturn 1\n}\n',
    'if [ -z "$PS1" ]; then\nreturn\nfi\n',
    'case $- in\n*i*) ;;\n*)\nreturn;;\nesac\n',
    "x='\nexit\n'\n",
    'cat <<EOF\nexit\nEOF\n',
    'cat <<EOF; \\\ntrue\nexit\nEOF\n',
    'true ||\nexit\n',
  ])('in something else is not: %j', (text) => {
    expect(find(text).exits).toEqual([])
  })

  it('is not found behind a loop of zsh without a "do"', () => {
    expect(find('repeat 0\nexit\n', 'zsh').exits).toEqual([])
    expect(find('repeat 2; do true; done\nexit\n', 'zsh').exits).toEqual([[2, 'exit']])
  })

  it('is found behind the function of zsh that closes without a semicolon', () => {
    expect(find('f() { cd $1 }\nexit\n', 'zsh').exits).toEqual([[2, 'exit']])
  })
})

describe('the line that is still open', () => {
  const open = (text: string, dialect: 'posix' | 'zsh' = 'posix'): number | undefined =>
    readProfile(Buffer.from(text), NAMES, undefined, dialect).openLine

  it.each([
    ['a quote', "a\nexport X='v\nb\n", 2],
    ['a double quote', 'a\nb\nexport X="v\n', 3],
    ['a here-document', 'a\ncat <<EOF\nb\n', 2],
    ['an if', 'a\n\nif true; then\nb\n', 3],
    ['a function', 'f() {\nb\n', 1],
    ['a continued line', 'a\nb \\\n', 2],
    ['an operator', 'a\nb &&\n', 2],
    ['an if whose "fi" has a CR', 'a\r\nif b; then c\r\nfi\r\n', 2],
  ])('is the one that begins %s', (_, text, line) => {
    expect(open(text)).toBe(line)
  })

  it.each([
    ['an empty profile', ''],
    ['a whole one', "a\nif b; then c; fi\nx='y'\n"],
    ['one that is not understood', "fi\nx='\n"],
  ])('is none in %s', (_, text) => {
    expect(open(text)).toBeUndefined()
  })

  it('depends on the shell', () => {
    expect(open('f() { cd $1 }\n', 'zsh')).toBeUndefined()
    expect(open('f() { cd $1 }\n')).toBe(1)
  })
})

describe('a profile that goes on and on', () => {
  it.each(['exit\n', 'export NAME=a\n', 'NAME=$x\n', 'export NAME=a ', 'unset A NAME ', '# >>> acs-env >>>\n'])(
    'is judged in no time however often it says %j',
    (text) => {
      const bytes = Buffer.from(text.replaceAll('NAME', NAMES[0] ?? '').repeat(40_000))
      const started = performance.now()
      readProfile(bytes, NAMES, undefined)
      if (hasMarker(bytes))
        expect(() => findBlock(bytes)).toThrow('not one pair (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more)')
      expect(performance.now() - started).toBeLessThan(3_000)
    },
  )
})
