import { parseArgs } from 'node:util'
import { UsageError } from '../errors.ts'
import { closest } from '../text/closest.ts'
import { commandTable, type CommandDefinition, type CommandName } from './commands.ts'
import { commonOptions, optionTable, type OptionDefinition, type OptionName, type Options } from './options.ts'

export interface CommandLine {
  readonly command: CommandName
  /** False where the command was left out, and so is the default one. */
  readonly named: boolean
  /** The first word of several commands, where the help of all of them is wanted. */
  readonly family?: string | undefined
  readonly options: Options
  /** The one value, or the command behind `--`, that some commands take. */
  readonly operands: readonly string[]
}

/** What can be repeated in an error: anything else might be a secret that landed in the wrong place. */
const WORD = /^-{0,2}[a-z][a-z0-9.-]{0,39}$/

const optionNames = Object.keys(optionTable) as OptionName[]
const commandNames = Object.keys(commandTable) as CommandName[]
const commandWords = new Set(['help', ...commandNames.flatMap((name) => name.split(' ', 1))])
const definitionOf = (name: OptionName): OptionDefinition => optionTable[name]

const parserOptions = Object.fromEntries(
  optionNames.flatMap((name) => {
    const { value, short, alias } = definitionOf(name)
    const type: 'string' | 'boolean' = value === undefined ? 'boolean' : 'string'
    const entry = [name, short === undefined ? { type } : { type, short }] as const
    return alias === undefined ? [entry] : [entry, [alias, { type }] as const]
  }),
)

/**
 * Reads the arguments after the program's name. Strict: anything unknown, ambiguous or without its value throws a
 * `UsageError`, since a mistyped `--dry-run` must not write.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  // Not strict here: the errors of parseArgs repeat the arguments, and `--scope chat voip` is beyond it.
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<OptionName, string[]>()
  const words: string[] = []
  const behind: string[] = []
  let isBehind = false
  let listOption: OptionName | undefined
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // `--scope chat issue`: where no command was named yet, its name is no value of a list.
      const namesCommand = words.length === 0 && commandWords.has(token.value)
      if (isBehind) behind.push(token.value)
      else if (listOption !== undefined && !namesCommand) given.get(listOption)?.push(token.value)
      else words.push(token.value)
      continue
    }
    listOption = undefined
    if (token.kind === 'option-terminator') {
      isBehind = true
      continue
    }
    const name = resolveOption(token.name, token.rawName)
    const values = given.get(name) ?? []
    given.set(name, values)
    if (definitionOf(name).value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${name} takes no value.`, { hint: helpHint() })
    } else {
      values.push(valueOf(name, token.value, token.inlineValue === true))
      if (definitionOf(name).many) listOption = name
    }
  }
  if (words[0] === 'help') {
    words.shift()
    given.set('help', [])
  }
  const { command, family, rest } = splitCommand(words, given.has('help'))
  const resolved = command ?? 'setup'
  for (const name of given.keys()) requireOptionOf(resolved, name)
  const options = collect(given)
  const operands = options.help ? [] : readOperands(resolved, rest, behind)
  return { command: resolved, named: command !== undefined, family, options, operands }
}

function resolveOption(name: string, rawName: string): OptionName {
  const known = optionNames.find((option) => option === name || definitionOf(option).alias === name)
  // parseArgs expands `-abc` to single letters; of those only the declared ones arrive under their long name.
  if (known !== undefined && (rawName.startsWith('--') || definitionOf(known).short !== undefined)) return known
  const guess = closest(name, optionNames)
  throw new UsageError(
    WORD.test(rawName) ? `There is no option ${rawName}.` : 'There is an option that is not known.',
    {
      hint: guess === undefined ? helpHint() : `did you mean --${guess}?`,
    },
  )
}

function valueOf(name: OptionName, value: string | undefined, inline: boolean): string {
  const missing = value === undefined || (!inline && value.startsWith('-') && value.length > 1)
  if (missing) throw new UsageError(`--${name} needs a value.`, { hint: `write --${name} ${definitionOf(name).value}` })
  if (value.trim() === '') {
    throw new UsageError(`The value of --${name} is empty.`, { hint: 'is a variable on the command line not set?' })
  }
  return value
}

function splitCommand(
  words: readonly string[],
  forHelp: boolean,
): { command?: CommandName; family?: string; rest: readonly string[] } {
  const [first, second] = words
  if (first === undefined) return { rest: [] }
  const name = commandNames.find((command) => command === first || command === `${first} ${second}`)
  if (name !== undefined) return { command: name, rest: words.slice(name.split(' ').length) }
  const members = commandNames.filter((command) => command.startsWith(`${first} `))
  if (members.length > 0 && second === undefined && forHelp) return { family: first, rest: [] }
  const inFull = words.slice(0, 2).join(' ')
  const guess = closest(inFull, commandNames) ?? closest(first, [...commandWords])
  const hint = guess === undefined ? helpHint() : `did you mean "${guess}"?`
  if (members.length === 0) throw new UsageError(`${quoteWord(first)} is not a command.`, { hint })
  const all = `there is ${members.map((command) => `"${command}"`).join(' and ')}`
  if (second === undefined) throw new UsageError(`"${first}" needs one more word.`, { hint: all })
  throw new UsageError(WORD.test(second) ? `"${inFull}" is not a command.` : `"${first}" has no such command.`, {
    hint: guess === first ? all : hint,
  })
}

function readOperands(command: CommandName, words: readonly string[], behind: readonly string[]): readonly string[] {
  const { operand }: CommandDefinition = commandTable[command]
  if (operand?.kind === 'command') {
    const hint = `write "acs-env ${command} -- ${operand.name}"`
    if (words.length > 0) throw new UsageError('The command to run stands behind "--".', { hint })
    if (behind.length === 0) throw new UsageError('There is no command to run.', { hint })
    return behind
  }
  const all = [...words, ...behind]
  const [, surplus] = operand === undefined ? [undefined, all[0]] : all
  if (surplus !== undefined) {
    throw new UsageError(`${quoteWord(surplus)} is one argument too many.`, { hint: helpHint(command) })
  }
  if (operand !== undefined && all.length === 0) {
    throw new UsageError(`${operand.name} is missing.`, { hint: `write "acs-env ${command} ${operand.name}"` })
  }
  return all
}

function requireOptionOf(command: CommandName, name: OptionName): void {
  const { options }: CommandDefinition = commandTable[command]
  if ((commonOptions as readonly OptionName[]).includes(name) || options.includes(name)) return
  throw new UsageError(`"${command}" has no option --${name}.`, { hint: helpHint(command) })
}

function collect(given: ReadonlyMap<OptionName, readonly string[]>): Options {
  const entries = [...given].map(([name, values]) => {
    const { value, many } = definitionOf(name)
    const key = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return [key, value === undefined ? true : many ? values : values.at(-1)]
  })
  return Object.fromEntries(entries) as Options
}

function quoteWord(word: string | undefined): string {
  return word !== undefined && WORD.test(word) ? `"${word}"` : 'An argument'
}

function helpHint(command?: CommandName): string {
  return `"acs-env ${command === undefined ? '' : `${command} `}--help" lists what there is`
}
