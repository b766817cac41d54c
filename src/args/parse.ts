import { UsageError } from '../errors.ts'
import { commandTable, type CommandDefinition, type CommandName } from './commands.ts'
import { commonOptions, optionTable, type OptionDefinition, type OptionName, type Options } from './options.ts'
import { namesCommand, splitArguments, tokensOf } from './split.ts'
import { suggestCommand, suggestOptions } from './suggest.ts'

export interface CommandLine {
  readonly command: CommandName
  /** False where the command was left out, so that the default one runs. */
  readonly named: boolean
  /** The first word of several commands, where the help of all of them is wanted. */
  readonly family?: string | undefined
  readonly options: Options
  /** The one value, or the command to run, that some commands take. */
  readonly operands: readonly string[]
}

/** What can be repeated in an error: anything else might be a secret that landed in the wrong place. */
const WORD = /^-{0,2}[a-z][a-z0-9.-]{0,39}$/
/** A key or a token has digits, or more letters. */
const OPTION_WORD = /^--?(?:[a-z][a-z0-9.-]{0,39}|[A-Za-z-]{1,30})$/

/** A connection string, or the beginning of one that a shell has cut at its semicolon. */
const CONNECTION_STRING = /^["']?endpoint=|accesskey=/i
const HOW_TO_GIVE_ONE =
  'a connection string is pasted into the prompt of "acs-env", or piped into "acs-env setup --connection-string-stdin"'

const optionNames = Object.keys(optionTable) as OptionName[]
const commandNames = Object.keys(commandTable) as CommandName[]
const definitionOf = (name: OptionName): OptionDefinition => optionTable[name]

/**
 * Reads the arguments after the program's name. Strict: anything unknown, ambiguous or without its value throws a
 * `UsageError`, since a mistyped `--dry-run` must not write.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { own, behind } = splitArguments(argv)
  const given = new Map<OptionName, string[]>()
  const words: string[] = []
  let listOption: OptionName | undefined
  let unknown: string | undefined
  for (const token of tokensOf(own)) {
    if (token.kind === 'positional') {
      if (listOption !== undefined && !namesCommand(token.value, words)) given.get(listOption)?.push(token.value)
      else words.push(token.value)
      if (listOption !== undefined && !definitionOf(listOption).many) listOption = undefined
      continue
    }
    listOption = undefined
    // There is none: `--` and what follows it were split off before.
    if (token.kind === 'option-terminator') continue
    const name = findOption(token.name, token.rawName)
    if (name === undefined) {
      unknown ??= token.rawName
      continue
    }
    const values = given.get(name) ?? []
    given.set(name, values)
    if (definitionOf(name).value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${name} takes no value.`, { hint: helpHint() })
    } else if (definitionOf(name).isOptional && token.value === undefined) {
      listOption = name
    } else {
      values.push(valueOf(name, token.value, token.inlineValue === true))
      if (definitionOf(name).many) listOption = name
    }
  }
  if (words[0] === 'help') {
    words.shift()
    given.set('help', [])
  }
  // Reported first, since the value of the unknown option is among the words.
  if (unknown !== undefined) throw unknownOption(unknown, words)
  const { command, family, rest } = splitCommand(words, given.has('help'))
  const resolved = command ?? 'setup'
  for (const name of given.keys()) requireOptionOf(resolved, name)
  const options = collect(given)
  const operands = options.help ? [] : readOperands(resolved, rest, behind)
  return { command: resolved, named: command !== undefined, family, options, operands }
}

function findOption(name: string, rawName: string): OptionName | undefined {
  const known = optionNames.find((option) => option === name || definitionOf(option).alias === name)
  // parseArgs expands `-abc` to single letters; of those only the declared ones arrive under their long name.
  return known !== undefined && (rawName.startsWith('--') || definitionOf(known).short !== undefined)
    ? known
    : undefined
}

/** @param words among which the command is, if one was named */
function unknownOption(rawName: string, words: readonly string[]): UsageError {
  const named = commandNames.find((command) => command === words[0] || command === `${words[0]} ${words[1]}`)
  const command = named ?? 'setup'
  const hint = optionHint(command, rawName.replace(/^-+/, ''))
  if (!OPTION_WORD.test(rawName)) return new UsageError('There is an option that is not known.', { hint })
  return new UsageError(
    named === undefined ? `There is no option ${rawName}.` : `"${named}" has no option ${rawName}.`,
    {
      hint,
    },
  )
}

function optionHint(command: CommandName, name: string): string {
  const guesses = suggestOptions(command, name)
  return guesses.length === 0 ? helpHint(command) : `did you mean ${guesses.map((guess) => `--${guess}`).join(' or ')}?`
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
  if (first === 'version') throw new UsageError('"version" is not a command.', { hint: 'did you mean --version?' })
  if (inFull === 'user list') {
    const hint = 'the service keeps no list of them; "acs-env status" shows the one that is stored'
    throw new UsageError('"user list" is not a command.', { hint })
  }
  const guess = suggestCommand(words)
  const hint = guess === undefined ? hintFor(first) : `did you mean "${guess}"?`
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
    if (behind.length > 0) return behind
    throw new UsageError('There is no command to run.', {
      code: 'missing_command',
      hint: `write it at the end, as in "acs-env ${command} npm start"`,
    })
  }
  const all = [...words, ...behind]
  const [, surplus] = operand === undefined ? [undefined, all[0]] : all
  if (surplus !== undefined) {
    throw new UsageError(`${quoteWord(surplus)} is one argument too many.`, { hint: hintFor(surplus, command) })
  }
  if (operand?.kind === 'one' && all.length === 0) {
    const hint = `write "acs-env ${command} ${operand.name}"; "acs-env ${command} --help" says more`
    throw new UsageError(`${operand.name} is missing.`, { hint })
  }
  return all
}

function requireOptionOf(command: CommandName, name: OptionName): void {
  const { options }: CommandDefinition = commandTable[command]
  if ((commonOptions as readonly OptionName[]).includes(name) || options.includes(name)) return
  throw new UsageError(`"${command}" has no option --${name}.`, { hint: optionHint(command, name) })
}

function collect(given: ReadonlyMap<OptionName, readonly string[]>): Options {
  const entries = [...given].map(([name, values]) => {
    const { value, many } = definitionOf(name)
    const key = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    // A switch, or a value that was left out.
    return [key, value === undefined || values.length === 0 ? true : many ? values : values.at(-1)]
  })
  return Object.fromEntries(entries) as Options
}

function quoteWord(word: string | undefined): string {
  return word !== undefined && WORD.test(word) ? `"${word}"` : 'An argument'
}

function hintFor(word: string, command?: CommandName): string {
  return CONNECTION_STRING.test(word) ? HOW_TO_GIVE_ONE : helpHint(command)
}

function helpHint(command?: CommandName): string {
  return `"acs-env ${command === undefined ? '' : `${command} `}--help" lists what there is`
}
