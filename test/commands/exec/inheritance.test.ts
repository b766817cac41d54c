import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { storeGoodPair } from '../../support/homes/stored-values.ts'
import { BUILT, cleanEnvironment } from '../../support/programs/built.ts'
import { hasProgram } from '../../support/programs/requirements.ts'

let home: TestHome
beforeAll(() => {
  home = makeHome()
  storeGoodPair(home)
})
afterAll(() => home.remove())

/** A script of bash in which `$X` is the built `exec`; what it wrote, byte for byte. */
function bash(script: string, env: Record<string, string> = {}): string {
  const { stdout, stderr } = spawnSync('bash', ['-c', script], {
    env: cleanEnvironment(home.path, { ...env, X: `${process.execPath} ${BUILT} exec --` }),
    cwd: home.path,
  })
  expect(stderr.toString('latin1')).toBe('')
  return stdout.toString('latin1')
}

describe.runIf(process.platform === 'linux')('open file descriptors', () => {
  it.each([
    ['a file', 'exec 3<<<three', 'cat <&3', 'three\n'],
    ['a file to write to', 'exec 4>four', 'echo four >&4; cat four', 'four\n'],
    ['one above a gap', 'exec 9<<<nine', 'cat <&9', 'nine\n'],
    ['one beyond those that Node looks at', 'exec 63<<<high', 'cat /dev/fd/63', 'high\n'],
    ['the end of a pipe', 'exec 5< <(echo piped)', 'cat <&5', 'piped\n'],
    [
      'both ends of a pipe',
      'mkfifo p; exec 3<>p 4>p; rm p',
      'echo token >&4; read -r line <&3; echo "$line"',
      'token\n',
    ],
    ['several at once', 'exec 3<<<a 4<<<b 7<<<c', 'cat <&3 <&4; cat <&4 <&7; cat <&3', 'b\nc\na\n'],
    ['a device', 'exec 3</dev/null', 'cat <&3; echo end', 'end\n'],
  ])('reach the command: %s', (_, opening, command, said) => {
    const plain = bash(`${opening}; sh -c '${command}'`)
    expect(bash(`${opening}; $X sh -c '${command}'`)).toBe(plain)
    expect(plain.split('\n').length).toBe(said.split('\n').length)
  })

  it('are those that were open, and none of our own', () => {
    const list = 'for number in /proc/self/fd/*; do echo "${number##*/}"; done'
    const opening = 'exec 3</dev/null 6<<<six 12<<<twelve'
    expect(bash(`${opening}; $X sh -c '${list}'`)).toBe(bash(`${opening}; sh -c '${list}'`))
    expect(bash(`$X sh -c '${list}'`)).toBe(bash(`sh -c '${list}'`))
  })

  it.runIf(hasProgram('make'))('are the jobserver of make', () => {
    home.write('inner.mk', 'all:\n\t@echo inner $(MAKEFLAGS)\n')
    home.write('outer.mk', 'all:\n\t+@$(X) $(MAKE) --no-print-directory -f inner.mk\n')
    expect(bash('make -j2 --no-print-directory -f outer.mk 2>&1')).toMatch(/^inner .*--jobserver/)
  })
})

describe.runIf(process.platform === 'linux')('bytes that are not UTF-8', () => {
  /** Every byte but 0, which ends a string. */
  const ALL = Array.from({ length: 255 }, (_, index) => index + 1)
  const quoted = (bytes: readonly number[]): string =>
    `$'${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`
  const text = String.fromCharCode(...ALL)

  it.each([
    ['every byte', ALL],
    ['one byte', [0xff]],
    ['a name in Latin-1', [0x66, 0xe9, 0x2e, 0x74]],
    ['a line break at the end', [0xe9, 0x0a]],
    ["what a shell's quotes consist of", [0xe9, 0x27, 0x5c, 0x22, 0x24, 0x60, 0x27]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('reach the command in an argument and in a variable: %s', (_, bytes) => {
    const value = String.fromCharCode(...bytes)
    expect(bash(`$X printf '%s|' ${quoted(bytes)} "it's" '' ${quoted(bytes)}`)).toBe(`${value}|it's||${value}|`)
    const print = `sh -c 'printf "%s|" "$RAW" "$AZURE_COMMUNICATION_ACCESS_TOKEN"'`
    expect(bash(`export RAW=${quoted(bytes)}; $X ${print}`)).toBe(`${value}|eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl|`)
  })

  it('reach it beside descriptors, standard input and an exit code', () => {
    const command = String.raw`sh -c 'cat; cat <&3; printf %s "$0"; exit 9' ${quoted(ALL)}`
    expect(bash(`exec 3<<<three; echo in | $X ${command}; echo ":$?"`)).toBe(`in\nthree\n${text}:9\n`)
  })

  it('are not confused with a replacement character that the user has written', () => {
    expect(bash(String.raw`$X printf '%s' $'\xef\xbf\xbd'`)).toBe('\u00EF\u00BF\u00BD')
  })
})
