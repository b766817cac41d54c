import { commandTable, type CommandDefinition } from '../args/commands.ts'
import {
  commonOptions,
  FORMAT_CHOICES,
  optionTable,
  SHELL_CHOICES,
  type OptionDefinition,
  type OptionName,
} from '../args/options.ts'
import { SCOPES } from '../scope-names.ts'

/** What stands behind an option or a command: nothing, one of a few words, a file, or what nobody can know. */
export type Value =
  | { readonly kind: 'none' }
  | { readonly kind: 'choice'; readonly placeholder: string; readonly words: readonly string[] }
  | { readonly kind: 'file'; readonly placeholder: string }
  | { readonly kind: 'free'; readonly placeholder: string }

/** An option as it is typed. */
export interface CompletedOption {
  readonly long: string
  readonly short: string | undefined
  readonly help: string
  readonly value: Value
  /** May be given again, and takes several values in a row. */
  readonly isList: boolean
}

/** A command as it is typed, of one word or two. */
export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** `command`: the rest of the line is a command of its own. */
  readonly operand: Value | { readonly kind: 'command' }
}

export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  scope: SCOPES,
  format: FORMAT_CHOICES,
  shell: SHELL_CHOICES,
  SHELL: COMPLETION_SHELLS,
}

/** Every command, with the options that it takes. */
export function completedCommands(): readonly CompletedCommand[] {
  const entries: [string, CommandDefinition][] = Object.entries(commandTable)
  return entries.map(([name, { summary, options, operand }]) => ({
    name,
    summary,
    options: [...options, ...commonOptions].map(completedOption),
    operand:
      operand === undefined
        ? { kind: 'none' }
        : operand.kind === 'command'
          ? { kind: 'command' }
          : valueNamed(operand.name, operand.name),
  }))
}

/** The first words that can be typed, each with what it does; `user` stands for several commands. */
export function firstWords(commands: readonly CompletedCommand[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const { name, summary } of commands) {
    const [first = '', second] = name.split(' ')
    words.set(first, second === undefined ? summary : familyOf(commands, first).join(', '))
  }
  return words.set('help', 'show the help of a command')
}

/** The second words behind a first one that stands for several commands. */
export function familyOf(commands: readonly CompletedCommand[], first: string): readonly string[] {
  return commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []))
}

/** The first words that stand for several commands. */
export function families(commands: readonly CompletedCommand[]): readonly string[] {
  return [...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [name.replace(/ .*/, '')] : [])))]
}

/** Every option of any command that takes a value, each once. */
export function optionsWithValue(commands: readonly CompletedCommand[]): readonly CompletedOption[] {
  const all = new Map(commands.flatMap(({ options }) => options.map((option) => [option.long, option] as const)))
  return [...all.values()].filter(({ value }) => value.kind !== 'none')
}

function completedOption(name: OptionName): CompletedOption {
  const { value, short, help, many, isOptional }: OptionDefinition = optionTable[name]
  return {
    long: `--${name}`,
    short: short === undefined ? undefined : `-${short}`,
    help,
    // Behind a value that may be left out, another option may stand as well.
    value: value === undefined || isOptional ? { kind: 'none' } : valueNamed(name, value),
    isList: many === true,
  }
}

function valueNamed(name: string, shown: string): Value {
  const placeholder = shown.replace('…', '')
  const words = CHOICES[name]
  if (words !== undefined) return { kind: 'choice', placeholder, words }
  return { kind: placeholder === 'FILE' ? 'file' : 'free', placeholder }
}
