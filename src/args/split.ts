import { parseArgs } from 'node:util'
import { SCOPES } from '../scope-names.ts'
import { commandTable, type CommandDefinition, type CommandName } from './commands.ts'
import { optionTable, type OptionDefinition, type OptionName } from './options.ts'

/** The arguments of this program, and those behind them, which are not to be understood. */
export interface SplitArguments {
  readonly own: readonly string[]
  /** The command that `exec` runs with its arguments, or for any other command what stands behind `--`. */
  readonly behind: readonly string[]
}

const definitions: readonly (readonly [string, OptionDefinition])[] = Object.entries(optionTable)

/** Options whose values go on in the words behind them. */
const lists = new Set(definitions.flatMap(([name, { many }]) => (many ? [name] : [])))

/** Options whose value is the word behind them, if there is one. */
const optional = new Set(definitions.flatMap(([name, { isOptional }]) => (isOptional ? [name] : [])))

const scopes: readonly string[] = SCOPES

const commandWords = new Set(['help', ...Object.keys(commandTable).flatMap((name) => name.split(' ', 1))])

const parserOptions = Object.fromEntries(
  definitions.flatMap(([name, { value, short, alias, isOptional }]) => {
    // A value that may be left out must not swallow the option behind it.
    const type: 'string' | 'boolean' = value === undefined || isOptional ? 'boolean' : 'string'
    const entry = [name, short === undefined ? { type } : { type, short }] as const
    return alias === undefined ? [entry] : [entry, [alias, { type }] as const]
  }),
)

/** The arguments in pieces. Nothing is judged: the errors of `parseArgs` repeat what was typed. */
export function tokensOf(args: readonly string[]) {
  return parseArgs({ args: [...args], options: parserOptions, strict: false, allowPositionals: true, tokens: true })
    .tokens
}

/** Whether a word is the name of a command although it could be the value of a list: `--scope chat issue`. */
export function namesCommand(word: string, words: readonly string[]): boolean {
  return words.length === 0 && commandWords.has(word)
}

/**
 * Splits the arguments at `--`, or where the command to run begins: behind `exec` that is the first word that is no
 * value of an option, since PowerShell takes the `--` away before `npx` gets it. What follows belongs to that command,
 * also `--json` and another `--`.
 */
export function splitArguments(argv: readonly string[]): SplitArguments {
  const words: string[] = []
  let list: string | undefined
  for (const token of tokensOf(argv)) {
    if (token.kind === 'option-terminator') {
      return { own: argv.slice(0, token.index), behind: argv.slice(token.index + 1) }
    }
    if (token.kind === 'option') {
      const mayGoOn = lists.has(token.name) || (optional.has(token.name) && token.value === undefined)
      list = mayGoOn ? token.name : undefined
      continue
    }
    const { value, index } = token
    const runsCommand = takesCommand(words)
    const isValue = list !== undefined && !namesCommand(value, words) && (!runsCommand || mayBeValue(list, value))
    if (list !== undefined && optional.has(list)) list = undefined
    if (isValue) continue
    if (runsCommand) return { own: argv.slice(0, index), behind: argv.slice(index) }
    words.push(value)
  }
  return { own: argv, behind: [] }
}

function takesCommand(words: readonly string[]): boolean {
  const definition: CommandDefinition | undefined = commandTable[words.join(' ') as CommandName]
  return definition?.operand?.kind === 'command'
}

/** `--scope chat voip npm test`: the command begins with the first word that is no scope. */
function mayBeValue(list: string, word: string): boolean {
  const isScopeList = list === ('scope' satisfies OptionName)
  return !isScopeList || word.split(',').every((name) => name === '' || scopes.includes(name.toLowerCase()))
}
