import type { TestHome } from '../../test/support/homes/home.ts'
import type { Resources } from '../../test/support/homes/resources.ts'

/** A command, and what it finds. */
export interface Scenario {
  readonly name: string
  /** The commands that were run before. */
  readonly before: readonly (readonly string[])[]
  readonly command: readonly string[]
  /** The home has files that are not ours, with every peculiarity. */
  readonly foreign: boolean
  /** The values go into the profiles. */
  readonly inline?: boolean
}

type Words = readonly string[]

/** A command with its files in this home, wherever it is run. */
export function inHome(command: Words, home: string): Words {
  return command.map((word) => word.replace(/^HOME\//, `${home}/`))
}

const setup = (resource: Resources['a'], ...options: Words): Words => [
  'setup',
  '--yes',
  // Opening new shells would take most of the time, and faults do not change what those have.
  '--no-verify',
  '--connection-string',
  resource.connectionString,
  ...options,
]

/** Setups that open new shells, and change something more after it. */
export function scenariosWithLook({ a, b }: Resources): readonly Scenario[] {
  const looking = (resource: Resources['a']): Words => setup(resource).filter((word) => word !== '--no-verify')
  return [
    { name: 'setup that looks', before: [], command: looking(a), foreign: true },
    { name: 'setup of another resource that looks', before: [looking(a)], command: looking(b), foreign: false },
  ]
}

/** The commands that change what is stored, in every way that matters; the first ones are those of the short form. */
export function scenarios({ a, b }: Resources): readonly Scenario[] {
  const unset = ['unset', '--yes']
  return [
    { name: 'setup in an empty home', before: [], command: setup(a), foreign: false },
    { name: 'setup', before: [], command: setup(a), foreign: true },
    { name: 'setup of another resource', before: [setup(a)], command: setup(b), foreign: true },
    {
      name: 'setup --inline of another resource',
      before: [setup(a, '--inline')],
      command: setup(b, '--inline'),
      foreign: true,
      inline: true,
    },
    { name: 'refresh', before: [setup(a)], command: ['refresh'], foreign: true },
    { name: 'unset', before: [setup(a)], command: unset, foreign: true },
    { name: 'setup --dotenv', before: [setup(a)], command: setup(a, '--dotenv', 'HOME/.env'), foreign: true },
    {
      name: 'setup of another resource beside a .env file',
      before: [setup(a), setup(a, '--dotenv', 'HOME/.env')],
      command: setup(b),
      foreign: true,
    },
    {
      name: 'unset beside a .env file',
      before: [setup(a), setup(a, '--dotenv', 'HOME/.env')],
      command: unset,
      foreign: true,
    },
    { name: 'unset in a home that was empty', before: [setup(a)], command: unset, foreign: false },
    { name: 'unset after --inline', before: [setup(a, '--inline')], command: unset, foreign: true, inline: true },
    {
      name: 'setup --inline of another resource after files',
      before: [setup(a)],
      command: setup(b, '--inline'),
      foreign: true,
      inline: true,
    },
    {
      name: 'setup of another resource after --inline',
      before: [setup(a, '--inline')],
      command: setup(b),
      foreign: true,
    },
    {
      name: 'refresh with --inline',
      before: [setup(a, '--inline')],
      command: ['refresh'],
      foreign: true,
      inline: true,
    },
  ]
}

/** The commands that change which of several resources is the current one; the first ones are those of the short form. */
export function scenariosOfSeveral({ a, b }: Resources): readonly Scenario[] {
  const several = [setup(a), setup(b, '--name', 'staging')]
  return [
    { name: 'use', before: several, command: ['use', 'default'], foreign: true },
    { name: 'setup --name', before: [setup(a)], command: setup(b, '--name', 'staging'), foreign: true },
    {
      name: 'use with --inline',
      before: [setup(a, '--inline'), setup(b, '--name', 'staging', '--inline')],
      command: ['use', 'default'],
      foreign: true,
      inline: true,
    },
    {
      name: 'setup --name of one that is parked',
      before: [...several, ['use', 'default']],
      command: setup(b, '--name', 'staging'),
      foreign: false,
    },
    {
      name: 'use of a token alone',
      before: [setup(a), setup(b, '--name', 'staging', '--token-only'), ['use', 'default']],
      command: ['use', 'staging'],
      foreign: false,
    },
    {
      name: 'use where none is the current one',
      before: [...several, ['unset', '--name', 'staging', '--yes']],
      command: ['use', 'default'],
      foreign: false,
    },
    { name: 'unset --all', before: several, command: ['unset', '--all', '--yes'], foreign: true },
  ]
}

/** How many of them the short form does. */
export const SHORT_SCENARIOS_OF_SEVERAL = 3

/** How many of the others it does. */
export const SHORT_SCENARIOS = 13

/** Fills a home with what was there before us: CRLF, bytes of no encoding, no final newline, a documented export. */
export function writeForeignFiles(home: TestHome): void {
  const documented = 'export AZURE_COMMUNICATION_CONNECTION_STRING="endpoint=https://old.example/;accesskey=b2xk"'
  home.write('.bash_profile', Buffer.from(`# caf\xe9\r\nalias a=b\n${documented}\nLATER=1 # no newline`, 'latin1'))
  home.write('.bashrc', Buffer.from('# mine\n\n\xff\xfe=\r\n', 'latin1'))
  home.write('.profile', 'PROFILE=1\n')
  const token = 'AZURE_COMMUNICATION_ACCESS_TOKEN="mine.e30.mine"\t# theirs'
  home.write('.env', `A="two\nlines"\n${token}\n# no newline`)
  home.write('.config/other/settings', 'theirs\n')
}
