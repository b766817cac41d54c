import { wrap } from '../text/wrap.ts'
import { commandTable, groupTitles, type CommandDefinition, type CommandName } from './commands.ts'
import { commonOptions, optionTable, type OptionDefinition, type OptionName } from './options.ts'

/** The overview: what it is, the commands by group, the common options. */
export function renderOverview(program: string): string {
  const entries: [string, CommandDefinition][] = Object.entries(commandTable)
  const width = Math.max(...entries.map(([name]) => name.length))
  const groups = Object.entries(groupTitles).map(([group, title]) => {
    const rows = entries
      .filter(([, { group: own }]) => own === group)
      .map(([name, { summary }]) => [name, summary] as const)
    return `${title}\n${renderRows(rows, width)}`
  })
  return [
    'From an Azure Communication Services connection string to two stored environment',
    'variables: the connection string and a fresh access token.',
    '',
    `Usage: ${program} [command] [options]`,
    '',
    groups.join('\n\n'),
    '',
    `Common options\n${renderRows(commonOptions.map(optionRow))}`,
    '',
    `"${program} COMMAND --help" tells more about a command.`,
    '',
  ].join('\n')
}

/** The help of one command. */
export function renderCommandHelp(command: CommandName, program: string): string {
  const { description, options, operand, examples }: CommandDefinition = commandTable[command]
  const own = options.length === 0 ? [] : ['', `Options\n${renderRows(options.map(optionRow))}`]
  const inProgram = examples.map((example) => `  ${example.replaceAll(/(?<![\w/])acs-env(?= |$)/g, program)}`)
  return [
    ...wrap(description, 80),
    '',
    `Usage: ${program} ${command}${options.length === 0 ? '' : ' [options]'}${operandUsage(operand)}`,
    ...own,
    '',
    `Common options\n${renderRows(commonOptions.map(optionRow))}`,
    '',
    `Examples\n${inProgram.join('\n')}`,
    '',
  ].join('\n')
}

/** The help of a first word that several commands begin with. */
export function renderFamilyHelp(family: string, program: string): string {
  const rows = Object.entries(commandTable)
    .filter(([name]) => name.startsWith(`${family} `))
    .map(([name, { summary }]) => [name, summary] as const)
  return [
    `Usage: ${program} ${family} COMMAND [options]`,
    '',
    renderRows(rows),
    '',
    `"${program} ${family} COMMAND --help" tells more about a command.`,
    '',
  ].join('\n')
}

function operandUsage(operand: CommandDefinition['operand']): string {
  if (operand === undefined) return ''
  return operand.kind === 'command' ? ` -- ${operand.name}…` : ` ${operand.name}`
}

function optionRow(name: OptionName): readonly [string, string] {
  const { value, short, help }: OptionDefinition = optionTable[name]
  return [`${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`, help]
}

function renderRows(rows: readonly (readonly [string, string])[], minWidth = 0): string {
  const width = Math.max(minWidth, ...rows.map(([left]) => left.length))
  const indent = `\n${' '.repeat(width + 4)}`
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${wrap(right, 76 - width).join(indent)}`).join('\n')
}
