import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mergeDotenv } from '../../../src/platforms/dotenv/merge.ts'
import { WANTED } from '../../support/arbitraries/dotenv-files.ts'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { debianReaders, nodeReaders, npmReaders, type DotenvReader } from '../../support/programs/dotenv-readers.ts'

const [connectionString = '', token = ''] = WANTED.keys()
const isShell = ({ name }: DotenvReader): boolean => name.includes('sources')

/** Files of all kinds before the values come in, and the readers that cannot read any such file: two know no line breaks. */
const files: readonly (readonly [kind: string, text: string, except: (reader: DotenvReader) => boolean])[] = [
  ['a new file', '', () => false],
  ['other lines', 'A=1\n# mine\nB="two\nlines"\n', ({ name }) => ['direnv', 'Docker Compose'].includes(name)],
  ['other lines, and no final line ending', 'A=1', () => false],
  [
    'lines of ours with export',
    `export ${token}=old\nexport ${connectionString}="old"\n`,
    ({ name }) => ['env-cmd', 'systemd'].includes(name),
  ],
  // systemd knows no comment behind a value.
  [
    'lines of ours with a comment',
    `${token}=old # mine\n${connectionString}=old\t# mine\n`,
    ({ name }) => name === 'systemd',
  ],
  ['several lines of ours', `${token}=1\n${connectionString}=1\n${token}=2\n${connectionString}=2\n`, () => false],
  // A shell takes the carriage return for a part of the value.
  ['the line endings of Windows', 'A=1\r\n', isShell],
  // direnv refuses the file.
  ['a byte order mark', '\uFEFFA=1\n', ({ name }) => name === 'direnv'],
]

let home: TestHome
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

describe.each([...nodeReaders(), ...npmReaders(), ...debianReaders()])('$name', (reader) => {
  it.each(files.filter(([, , except]) => !except(reader)))('reads both values from %s', (_, text) => {
    const merged = mergeDotenv(Buffer.from(text), WANTED)
    if (merged.kind !== 'merged') throw new Error(merged.kind)
    expect(reader.read(home.write('.env', merged.bytes))).toMatchObject(Object.fromEntries(WANTED))
  })
})
