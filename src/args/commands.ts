import type { OptionName } from './options.ts'

/** One command as the user types it. */
export interface CommandDefinition {
  readonly group: 'everyday' | 'scripting' | 'identity' | 'upkeep' | 'local'
  readonly summary: string
  /** A paragraph for the command's own help. */
  readonly description: string
  /** Besides the options that every command has. */
  readonly options: readonly OptionName[]
  /** What it takes besides options: nothing, one value, one that may be left out, or a whole command with its own options. */
  readonly operand?: { readonly name: string; readonly kind: 'one' | 'optional' | 'command' }
  readonly examples: readonly string[]
}

const connectionStringOptions = [
  'connection-string',
  'connection-string-stdin',
  'connection-string-command',
  'from-az',
  'subscription',
  'endpoint',
  'entra-token-command',
] as const satisfies readonly OptionName[]

const tokenOptions = ['scope', 'expires-in', 'user'] as const satisfies readonly OptionName[]

/** What --scope and its like are for where a stored token is handed on. */
const FOR_THIS_RUN =
  'Where nothing is stored, and a connection string is given or in the environment, a token is issued for this run ' +
  'alone; --scope, --expires-in and --user are for that one.'

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
      'name',
      'new-user',
      'no-token',
      'token-only',
      'access-token-stdin',
      'as',
      'with-endpoint',
      'inline',
      'shell',
      'rc-file',
      'dotenv',
      'force',
      'no-verify',
      'schedule',
    ],
    examples: [
      'acs-env',
      'acs-env setup --scope chat --expires-in 90m',
      'op read op://dev/acs/connection | acs-env setup --connection-string-stdin --yes',
      'acs-env setup --as COMMUNICATION_SERVICES_CONNECTION_STRING',
      'acs-env setup --dotenv .env',
      'acs-env setup --name staging',
      'acs-env setup --dry-run',
    ],
  },
  refresh: {
    group: 'everyday',
    summary: 'renew the stored token: same identity, scopes and lifetime',
    description:
      'Issues a new token for the identity and scopes of the stored one and puts it in its place. Asks nothing, so it ' +
      'suits cron; with --if-expires-within it does nothing, and no request, while the token is young.',
    options: [...connectionStringOptions, ...tokenOptions, 'name', 'all', 'if-expires-within', 'dotenv', 'force'],
    examples: ['acs-env refresh', 'acs-env refresh --if-expires-within 6h --quiet', 'acs-env refresh --all'],
  },
  status: {
    group: 'everyday',
    summary: 'what is stored, where, for whom, until when',
    description:
      'Shows what is stored, where, for which identity and until when, and whether this shell sees the same values. ' +
      'Needs no network. Exit code 3 where something is missing, expired or shadowed.',
    options: ['name', 'all'],
    examples: ['acs-env status', 'acs-env status --json', 'acs-env status --all'],
  },
  use: {
    group: 'everyday',
    summary: 'make another stored resource the current one',
    description:
      'Puts a resource that "setup --name" has stored in the place of the current one, which stays stored. New shells have ' +
      'the values of the current one. A token that has expired is renewed. Without NAME it lists them to choose from.',
    options: [],
    operand: { name: 'NAME', kind: 'optional' },
    examples: ['acs-env setup --name staging', 'acs-env use staging', 'acs-env use', 'acs-env use --json'],
  },
  unset: {
    group: 'everyday',
    summary: 'remove both variables, and leave every file as it was',
    description:
      'Takes the block and the stored values out again, wherever acs-env has written them, and gives lines back that it ' +
      'took over. --revoke and --delete-user also tell the service.',
    options: ['name', 'all', 'dotenv', 'revoke', 'delete-user', ...connectionStringOptions],
    examples: [
      'acs-env unset',
      'acs-env unset --name staging',
      'acs-env unset --revoke',
      'acs-env unset --delete-user --yes',
    ],
  },
  token: {
    group: 'scripting',
    summary: 'print the stored access token',
    description:
      'Prints the stored access token alone, renewed first if less than 10 minutes of it are left. Where that fails, one ' +
      `that is still good is used, with a warning. ${FOR_THIS_RUN}`,
    options: ['name', ...connectionStringOptions, ...tokenOptions],
    examples: ['token=$(acs-env token)', 'token=$(acs-env token --name staging)'],
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
  env: {
    group: 'scripting',
    summary: 'print the stored variables as statements',
    description:
      'Prints the stored variables as statements for the shell at hand, or in another format. With --format github it ' +
      `masks the values in the log and adds them to $GITHUB_ENV. ${FOR_THIS_RUN}`,
    options: ['format', 'name', ...connectionStringOptions, ...tokenOptions],
    examples: [
      'eval "$(acs-env env)"',
      'acs-env env --format fish | source',
      'acs-env env --format powershell | Out-String | Invoke-Expression',
      'acs-env env --format dotenv > .env',
      'docker run --env-file <(acs-env env --format docker) IMAGE',
    ],
  },
  exec: {
    group: 'scripting',
    summary: 'run a command with both variables in its environment',
    description:
      'Runs a command with both variables. A stored token with less than 10 minutes left is renewed in place first. ' +
      `${FOR_THIS_RUN} ` +
      'Arguments, signals, standard streams and the exit code pass through; options after CMD are its own.',
    options: ['name', ...connectionStringOptions, ...tokenOptions],
    operand: { name: 'CMD', kind: 'command' },
    examples: [
      'acs-env exec npm start',
      'acs-env exec --name staging npm start',
      'acs-env exec -- npm test --watch',
      'acs-env exec bash',
    ],
  },
  'user create': {
    group: 'identity',
    summary: 'make an identity and print its id',
    description: 'Makes an identity in the resource and prints its id; with --json as the Azure CLI does.',
    options: connectionStringOptions,
    examples: ['acs-env user create', 'acs-env user create --json'],
  },
  'user delete': {
    group: 'identity',
    summary: 'delete an identity and all its data',
    description: 'Deletes an identity, its chat data and its tokens. Asks first; without a terminal it needs --yes.',
    options: connectionStringOptions,
    operand: { name: 'ID', kind: 'one' },
    examples: ['acs-env user delete 8:acs:…', 'acs-env user delete 8:acs:… --yes'],
  },
  revoke: {
    group: 'identity',
    summary: 'revoke all tokens of an identity',
    description:
      'Revokes all tokens of an identity, the stored one unless --user names another. Asks first; without a terminal it ' +
      'needs --yes. It takes up to 15 minutes until no service accepts them any more.',
    options: [...connectionStringOptions, 'user'],
    examples: ['acs-env revoke', 'acs-env revoke --user 8:acs:… --yes'],
  },
  'teams-token': {
    group: 'identity',
    summary: "exchange a Teams user's Entra token",
    description: "Exchanges a Teams user's Entra token for an access token of Communication Services, and prints it.",
    options: [...connectionStringOptions, 'aad-token', 'aad-token-stdin', 'client', 'aad-user'],
    examples: ['acs-env teams-token --aad-token-stdin --client APPID --aad-user OID'],
  },
  schedule: {
    group: 'upkeep',
    summary: 'renew the token in the background from now on',
    description:
      "Has the system's own scheduler (systemd, cron, launchd, Task Scheduler) renew the stored token before it expires. " +
      'A copy of acs-env runs, so that it goes on when a package cache or a version of Node goes away. It is tried first, ' +
      'in the environment that it will have; "acs-env status" says how it stands.',
    options: ['all', 'every', 'scheduler', 'linger'],
    examples: [
      'acs-env schedule',
      'acs-env schedule --all',
      'acs-env schedule --every 15m',
      'acs-env schedule --dry-run',
    ],
  },
  unschedule: {
    group: 'upkeep',
    summary: 'end that, and remove what was made for it',
    description: 'Takes the job out of the scheduler again, and removes the copy of acs-env that it ran.',
    options: [],
    examples: ['acs-env unschedule'],
  },
  doctor: {
    group: 'upkeep',
    summary: 'find out why a value is missing, stale or shadowed',
    description:
      'Opens new shells as terminals do and compares what they have with what is stored; looks for programs that keep ' +
      'an old environment, at the way to the service, and for copies of the secrets. Prints only what is wrong, with ' +
      'the file, the line and the cure. Changes nothing. Exit code 3 where new shells do not get working values; ' +
      'warnings alone end with 0.',
    options: ['offline', 'no-shell', 'timeout'],
    examples: ['acs-env doctor', 'acs-env doctor --json', 'acs-env doctor --offline --verbose'],
  },
  completion: {
    group: 'upkeep',
    summary: 'print the completion script of a shell',
    description:
      'Prints the script that lets bash, zsh, fish or PowerShell complete commands, options and their values with TAB. ' +
      'It is static: pressing TAB starts no program. The command has to be on PATH, so it is of no use with npx.',
    options: [],
    operand: { name: 'SHELL', kind: 'one' },
    examples: [
      'eval "$(acs-env completion bash)"    # in ~/.bashrc',
      'source <(acs-env completion zsh)     # in ~/.zshrc, after compinit',
      'acs-env completion fish > ~/.config/fish/completions/acs-env.fish',
      'acs-env completion powershell | Out-String | Invoke-Expression    # in $PROFILE',
    ],
  },
  emulator: {
    group: 'local',
    summary: 'run a local ACS identity service for development and CI',
    description:
      'Serves the ACS identity operations on 127.0.0.1 and prints the connection string to use. Signatures are ' +
      'checked and tokens are real signed ones, good for nothing but tests. Identities are forgotten when it stops.',
    options: ['port', 'https', 'certificate-file', 'key-file', 'access-key', 'entra-token'],
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
  identity: 'Identity',
  upkeep: 'Upkeep',
  local: 'Local',
}
