import { commandTable, groupTitles, type CommandDefinition, type CommandName } from '../src/args/commands.ts'
import { ENVIRONMENT, EXIT_CODES, operandUsage, optionRow, type Row } from '../src/args/help.ts'
import { commonOptions } from '../src/args/options.ts'
import { repositoryUrl, version } from '../src/version.ts'

const FILES: readonly Row[] = [
  ['~/.config/acs-env/connection-string', 'the connection string, readable by you alone'],
  ['~/.config/acs-env/access-token', 'the access token, readable by you alone'],
  ['~/.config/acs-env/state.json', 'the identity, the scopes and the expiry; no secret'],
]

/**
 * The man page, made from the tables that help is made from, in the macros of man(7).
 *
 * @param date ISO 8601, a day: mandoc takes no other form
 */
export function manPage(date: string): string {
  const commands = Object.entries<CommandDefinition>(commandTable)
  return [
    `.TH ACS-ENV 1 "${date}" "acs-env ${version}" "User Commands"`,
    '.SH NAME',
    'acs\\-env \\- store a connection string and a fresh access token of Azure Communication Services',
    '.SH SYNOPSIS',
    '.B acs\\-env',
    '.RI [ command ] " " [ options ]',
    '.SH DESCRIPTION',
    prose(
      'Takes a connection string of Azure Communication Services, issues an access token, and stores both where every ' +
        'new terminal has them: AZURE_COMMUNICATION_CONNECTION_STRING and AZURE_COMMUNICATION_ACCESS_TOKEN. Without a ' +
        'command it runs setup, and asks for what it needs.',
    ),
    '.SH COMMANDS',
    ...Object.entries(groupTitles).flatMap(([group, title]) => [
      `.SS ${title}`,
      ...commands
        .filter(([, definition]) => definition.group === group)
        .flatMap(([name, { summary }]) => item(name, summary)),
    ]),
    ...commands.flatMap(([name, definition]) => commandSection(name as CommandName, definition)),
    '.SH COMMON OPTIONS',
    ...commonOptions.map(optionRow).flatMap(([label, text]) => item(label, text)),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([label, text]) => item(label, text)),
    prose('With exec it is that of the command; 126 where it cannot be run, 127 where it is not there.'),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([label, text]) => item(label, text)),
    '.SH FILES',
    ...FILES.flatMap(([label, text]) => item(label, text)),
    '.SH REPORTING BUGS',
    prose(repositoryUrl),
    '',
  ].join('\n')
}

function commandSection(
  name: CommandName,
  { description, options, operand, examples }: CommandDefinition,
): readonly string[] {
  return [
    `.SH ${escape(name.toUpperCase())}`,
    `.B ${escape(`acs-env ${name}${options.length === 0 ? '' : ' [options]'}${operandUsage(operand)}`)}`,
    '.PP',
    prose(description),
    ...options.map(optionRow).flatMap(([label, text]) => item(label, text)),
    '.PP',
    '.EX',
    ...examples.map(prose),
    '.EE',
  ]
}

function item(label: string, text: string): readonly string[] {
  return ['.TP', `.B ${escape(label)}`, prose(text)]
}

/** A line of text; one that began with a dot or an apostrophe would be taken for a macro. */
function prose(text: string): string {
  return escape(text).replace(/^[.']/, String.raw`\&$&`)
}

/** Keeps a hyphen-minus one that can be copied, and spells what is not ASCII by name. */
function escape(text: string): string {
  const named: Readonly<Record<string, string>> = { '\\': String.raw`\e`, '-': String.raw`\-`, '…': '...' }
  return text.replaceAll(/[\\\-…]/g, (character) => named[character] ?? character)
}
