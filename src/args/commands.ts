import type { OptionName } from './options.ts'

/** One command as the user types it. */
export interface CommandDefinition {
  readonly group: 'everyday' | 'scripting' | 'local'
  readonly summary: string
  /** A paragraph for the command's own help. */
  readonly description: string
  /** Besides the options that every command has. */
  readonly options: readonly OptionName[]
  readonly examples: readonly string[]
}

const connectionStringOptions = [
  'connection-string',
  'connection-string-stdin',
  'connection-string-command',
] as const satisfies readonly OptionName[]

const tokenOptions = ['scope', 'expires-in', 'user'] as const satisfies readonly OptionName[]

export const commandTable = {
  setup: {
    group: 'everyday',
    summary: 'store a connection string and a fresh access token (the default)',
    description:
      'Gets a connection string, issues an access token and stores both where your system keeps environment ' +
      'variables. Asks for what is missing; run again, it renews the token for the same identity.',
    options: [
      ...connectionStringOptions,
      ...tokenOptions,
      'new-user',
      'no-token',
      'token-only',
      'access-token-stdin',
      'as',
      'inline',
      'shell',
      'rc-file',
    ],
    examples: [
      'acs-env',
      'acs-env setup --scope chat --expires-in 90m',
      'op read op://dev/acs/connection | acs-env setup --connection-string-stdin --yes',
      'acs-env setup --as COMMUNICATION_SERVICES_CONNECTION_STRING',
      'acs-env setup --dry-run',
    ],
  },
  issue: {
    group: 'scripting',
    summary: 'issue an access token and print it; stores nothing',
    description:
      'Issues an access token and prints it alone on standard output. Without --user the token is for a new identity.',
    options: [...connectionStringOptions, ...tokenOptions],
    examples: [
      'acs-env issue --scope chat voip',
      'acs-env issue --scope chat --user 8:acs:… --json',
      'token=$(acs-env issue --scope chat --quiet)',
    ],
  },
  emulator: {
    group: 'local',
    summary: 'run a local ACS identity service for development and CI',
    description:
      'Serves the ACS identity operations on 127.0.0.1 and prints the connection string to use. Signatures are ' +
      'checked and tokens are real signed ones, good for nothing but tests. Identities are forgotten when it stops.',
    options: ['port', 'https', 'certificate-file', 'key-file', 'access-key'],
    examples: ['acs-env emulator', 'acs-env emulator --port 8484 --json', 'acs-env emulator --https'],
  },
  demo: {
    group: 'local',
    summary: 'see the whole job done offline, in a throw-away home',
    description:
      'Starts the emulator, makes a temporary home, runs the real setup in it, opens a new shell that sees both ' +
      'variables, shows the profile, and removes everything again. Touches nothing of yours.',
    options: [],
    examples: ['acs-env demo'],
  },
} as const satisfies Record<string, CommandDefinition>

export type CommandName = keyof typeof commandTable

export const groupTitles: Readonly<Record<CommandDefinition['group'], string>> = {
  everyday: 'Everyday',
  scripting: 'Scripting',
  local: 'Local',
}
