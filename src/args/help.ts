import { renderRows } from '../text/rows.ts'
import { wrap } from '../text/wrap.ts'
import { repositoryUrl } from '../version.ts'
import { commandTable, groupTitles, type CommandDefinition, type CommandName } from './commands.ts'
import { commonOptions, optionTable, type OptionDefinition, type OptionName } from './options.ts'

/** The width where the output is not a terminal. */
const USUAL_WIDTH = 80

const SERVICE_DOCUMENTATION = 'https://learn.microsoft.com/azure/communication-services/'

export type Row = readonly [label: string, text: string]

/** What the exit codes mean. */
export const EXIT_CODES: readonly Row[] = [
  ['0', 'done, or nothing to do'],
  ['1', 'failed: a file, the network, the service, an old Node'],
  ['2', 'wrong usage'],
  ['3', 'not ready: something is missing or expired, or a new terminal lacks it'],
  ['4', 'the service refused the credentials'],
  ['70', 'a bug in acs-env'],
  ['130', 'cancelled; nothing was changed'],
]

/** The variables that are read. */
export const ENVIRONMENT: readonly Row[] = [
  ['AZURE_COMMUNICATION_CONNECTION_STRING', 'is used where none is given'],
  ['HTTPS_PROXY, NO_PROXY', 'the proxy, in the forms that curl takes'],
  ['NODE_EXTRA_CA_CERTS', 'a file with more certificate authorities'],
  ['NO_COLOR', 'no colours'],
]

/** The overview: what it is, the commands by group, the common options, and what a script has to know. */
export function renderOverview(program: string, width = USUAL_WIDTH): string {
  const entries: [string, CommandDefinition][] = Object.entries(commandTable)
  const minLabelWidth = Math.max(...entries.map(([name]) => name.length))
  const groups = Object.entries(groupTitles).map(([group, title]) => {
    const rows = entries
      .filter(([, { group: own }]) => own === group)
      .map(([name, { summary }]) => [name, summary] as const)
    return `${title}\n${renderRows(rows, { width, minLabelWidth })}`
  })
  return blocks(
    sentences(
      'From an Azure Communication Services connection string to two stored environment variables: the connection ' +
        'string and a fresh access token.',
      width,
    ),
    `Usage: ${program} [command] [options]\n`,
    ...groups,
    `Common options\n${renderRows(commonOptions.map(optionRow), { width })}`,
    `Exit codes\n${renderRows(EXIT_CODES, { width })}`,
    `Environment\n${renderRows(ENVIRONMENT, { width })}`,
    sentences(`"${program} COMMAND --help" tells more about a command.`, width) +
      sentences(`Documentation, and where to report a bug: ${repositoryUrl}`, width),
  )
}

/** The help of one command. */
export function renderCommandHelp(command: CommandName, program: string, width = USUAL_WIDTH): string {
  const { description, options, operand, examples }: CommandDefinition = commandTable[command]
  const inProgram = examples.map((example) => `  ${example.replaceAll(/(?<![\w/])acs-env(?= |$)/g, program)}\n`)
  const hasScopes = options.includes('scope')
  return blocks(
    sentences(description, width),
    sentences(`Usage: ${program} ${command}${options.length === 0 ? '' : ' [options]'}${operandUsage(operand)}`, width),
    ...(options.length === 0 ? [] : [`Options\n${renderRows(options.map(optionRow), { width })}`]),
    `Common options\n${renderRows(commonOptions.map(optionRow), { width })}`,
    `Examples\n${inProgram.join('')}`,
    ...(hasScopes ? [sentences(`What the scopes allow: ${SERVICE_DOCUMENTATION}concepts/authentication`, width)] : []),
  )
}

/** The help of a first word that several commands begin with. */
export function renderFamilyHelp(family: string, program: string, width = USUAL_WIDTH): string {
  const rows = Object.entries(commandTable)
    .filter(([name]) => name.startsWith(`${family} `))
    .map(([name, { summary }]) => [name, summary] as const)
  return blocks(
    `Usage: ${program} ${family} COMMAND [options]\n`,
    renderRows(rows, { width }),
    sentences(`"${program} ${family} COMMAND --help" tells more about a command.`, width),
  )
}

/** With an empty line between them. */
function blocks(...texts: readonly string[]): string {
  return texts.join('\n')
}

function sentences(text: string, width: number): string {
  return `${wrap(text, width).join('\n')}\n`
}

/** What a command takes besides options, as it is typed. */
export function operandUsage(operand: CommandDefinition['operand']): string {
  if (operand === undefined) return ''
  if (operand.kind === 'command') return ` [--] ${operand.name}…`
  return operand.kind === 'optional' ? ` [${operand.name}]` : ` ${operand.name}`
}

/** How an option is typed, and what it does. */
export function optionRow(name: OptionName): Row {
  const { value, short, isOptional, help }: OptionDefinition = optionTable[name]
  const shown = value === undefined ? '' : isOptional ? ` [${value}]` : ` ${value}`
  return [`${short === undefined ? '' : `-${short}, `}--${name}${shown}`, help]
}
