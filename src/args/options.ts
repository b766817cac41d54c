import { LOGIN_SHELL_PROGRAMS, STATEMENT_SHELL_PROGRAMS } from '../shell-names.ts'

/** One option as the user sees it; parsing and help are both made from this. */
export interface OptionDefinition {
  /** Placeholder of the value, as help prints it; absent for a switch. */
  readonly value?: string
  /** The value may be left out; then the option counts as a switch. */
  readonly isOptional?: true
  /** May be given several times, and takes several values in a row: `--scope chat voip`. */
  readonly many?: true
  readonly short?: string
  /** Another spelling, accepted and not advertised. */
  readonly alias?: string
  readonly help: string
}

/** The values of --shell. */
export const SHELL_CHOICES = Object.values(LOGIN_SHELL_PROGRAMS).flat()

/** The values of --format. */
export const FORMAT_CHOICES = [
  ...Object.keys(LOGIN_SHELL_PROGRAMS),
  ...Object.keys(STATEMENT_SHELL_PROGRAMS),
  'dotenv',
  'docker',
  'json',
  'github',
  'azure-pipelines',
]

export const optionTable = {
  'connection-string': { value: 'VALUE', help: 'the connection string (other users may see it in the process list)' },
  'connection-string-stdin': { help: 'read the connection string from standard input' },
  'connection-string-command': { value: 'CMD', help: 'run CMD and use what it prints' },
  'from-az': {
    value: 'RESOURCE',
    isOptional: true,
    help: 'get it from the signed-in Azure CLI: the resource of this name or id, else the only one',
  },
  subscription: { value: 'NAME', help: 'with --from-az or --endpoint: look in this subscription alone' },
  endpoint: { value: 'URL', help: "sign in with Entra ID in place of a key, with the Azure CLI's token" },
  'entra-token-command': { value: 'CMD', help: 'with --endpoint: run CMD and use the Entra token that it prints' },
  'access-token-stdin': { help: 'store a token that somebody else issued, read from standard input' },
  scope: { value: 'SCOPE…', many: true, help: 'chat, chat.join, chat.join.limited, voip, voip.join' },
  'expires-in': {
    value: 'TIME',
    help: 'lifetime of the token: 90m, 24h or minutes, 60 to 1440 (default: 24h, or that of the token that it renews)',
  },
  user: { value: 'ID', alias: 'userid', help: 'use this identity' },
  'new-user': { help: 'issue the token for a new identity' },
  name: { value: 'NAME', help: 'the stored resource of this name, in place of the current one' },
  all: { help: 'every stored resource' },
  'no-token': { help: 'store the connection string alone; a stored token is removed' },
  'token-only': { help: 'store the token alone, and keep the access key nowhere' },
  as: { value: 'NAME', many: true, help: 'store the connection string under this name too, from now on' },
  'with-endpoint': { help: 'store the endpoint too, as AZURE_COMMUNICATION_ENDPOINT, from now on' },
  inline: { help: 'write the values into the profile itself, and make it private' },
  shell: { value: 'NAME', help: `set up this shell: ${SHELL_CHOICES.join(', ')} (default: your login shell)` },
  'rc-file': { value: 'FILE', help: 'write to this profile and no other; loading it is up to you' },
  dotenv: { value: 'FILE', help: 'act on this .env file, which is kept fresh from then on, and on no profile' },
  force: { help: 'with --dotenv: also a file that git would commit' },
  'no-verify': { help: 'do not open new shells to see that they have the values' },
  schedule: { help: 'also have the token renewed in the background from now on' },
  'if-expires-within': {
    value: 'TIME',
    help: 'renew only if less than this is left, such as 6h, and less than half of its lifetime',
  },
  every: { value: 'TIME', help: 'how often it runs: 15m, 30m, 1h, 2h, 3h or 6h (default: as the lifetime wants it)' },
  scheduler: { value: 'NAME', help: 'use this one: systemd, cron, launchd or task-scheduler' },
  linger: { help: 'keep it going while you are logged out (systemd)' },
  revoke: { help: 'also revoke all tokens of the identity' },
  'delete-user': { help: 'also delete the identity, and all its data' },
  format: { value: 'FORMAT', help: FORMAT_CHOICES.join(', ') },
  'aad-token': { value: 'TOKEN', help: 'the Entra token of the Teams user (others may see it in the process list)' },
  'aad-token-stdin': { help: 'read the Entra token from standard input' },
  client: { value: 'APPID', help: 'the application that the Entra token was issued to' },
  'aad-user': { value: 'OID', help: 'the object id of the Teams user' },
  offline: { help: 'ask nothing of the network' },
  'no-shell': { help: 'open no shells' },
  timeout: { value: 'TIME', help: 'for what is opened and asked, such as 20s or 1m (default: 10s)' },
  port: { value: 'PORT', help: 'port to listen on (default: a free one)' },
  https: { help: 'serve https, with a certificate made for this run' },
  'certificate-file': { value: 'FILE', help: 'serve https with this certificate (PEM)' },
  'key-file': { value: 'FILE', help: 'the private key of the certificate (PEM)' },
  'access-key': { value: 'KEY', help: 'access key to accept, in base64 (default: a new one)' },
  'entra-token': { value: 'TOKEN', help: 'with --https: accept this Entra token too, for tests of --endpoint' },
  json: { help: 'print one JSON document' },
  'dry-run': { help: 'show what would change, and change nothing' },
  yes: { short: 'y', help: 'ask no questions' },
  quiet: { help: 'say nothing but warnings and errors' },
  verbose: { help: 'say more about what is done' },
  'no-color': { help: 'no colours' },
  help: { short: 'h', help: 'show help' },
  version: { help: 'show the version' },
} as const satisfies Record<string, OptionDefinition>

export type OptionName = keyof typeof optionTable

export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type OptionValue<Definition> = Definition extends { many: true }
  ? readonly string[]
  : Definition extends { value: string }
    ? string | (Definition extends { isOptional: true } ? true : never)
    : true

/** What was given on the command line, keyed by the option's name in camel case. */
export type Options = {
  readonly [Name in OptionName as CamelCase<Name>]?: OptionValue<(typeof optionTable)[Name]>
}

/** Accepted by every command. */
export const commonOptions = [
  'json',
  'dry-run',
  'yes',
  'quiet',
  'verbose',
  'no-color',
  'help',
  'version',
] as const satisfies readonly OptionName[]

export type CommonOptionName = (typeof commonOptions)[number]
