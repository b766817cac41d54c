import { closest } from '../text/closest.ts'
import { commandTable, type CommandDefinition, type CommandName } from './commands.ts'
import { inKebabCase } from './compatible.ts'
import { commonOptions, type OptionName } from './options.ts'

/** The names that other programs have for each command. */
const OTHER_NAMES: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  setup: ['add', 'configure', 'create', 'init', 'install', 'login', 'set', 'store'],
  refresh: ['renew', 'rotate', 'update'],
  status: ['info', 'list', 'ls', 'show', 'whoami'],
  use: ['activate', 'checkout', 'select', 'switch'],
  unset: ['clean', 'clear', 'delete', 'logout', 'remove', 'reset', 'rm', 'uninstall'],
  token: ['get-token', 'print-token'],
  issue: ['generate', 'get-access-token', 'issue-token'],
  env: ['environment', 'export', 'printenv'],
  exec: ['run', 'with'],
}

/** What other programs call an option. */
const OTHER_OPTIONS: Readonly<Record<string, OptionName>> = {
  duration: 'expires-in',
  force: 'yes',
  lifetime: 'expires-in',
  profile: 'rc-file',
  silent: 'quiet',
  ttl: 'expires-in',
}

const commandNames = Object.keys(commandTable) as CommandName[]
/** Fewer letters in common at the beginning may be chance. */
const MIN_COMMON_LETTERS = 4
const MOST_SUGGESTIONS = 3

/**
 * The command that was probably meant: by its name in other programs, or by a similar spelling.
 *
 * @param words the first one or two words
 */
export function suggestCommand(words: readonly string[]): string | undefined {
  const [first = ''] = words
  const sameMeaning = commandNames.find((name) => OTHER_NAMES[name]?.includes(first))
  const inFull = words.slice(0, 2).join(' ')
  const firstWords = new Set(['help', ...commandNames.flatMap((name) => name.split(' ', 1))])
  return sameMeaning ?? closest(inFull, commandNames) ?? closest(first, [...firstWords])
}

/** The options of a command that an unknown one may stand for, the likeliest first. */
export function suggestOptions(command: CommandName, name: string): readonly OptionName[] {
  const { options }: CommandDefinition = commandTable[command]
  const own: readonly OptionName[] = [...options, ...commonOptions]
  const word = inKebabCase(name).replace(/^-/, '')
  if (word.length === 1) return own.filter((option) => option.startsWith(word)).slice(0, MOST_SUGGESTIONS)
  const sameMeaning = OTHER_OPTIONS[word]
  if (sameMeaning !== undefined && own.includes(sameMeaning)) return [sameMeaning]
  const alike = closest(word, own)
  if (alike !== undefined) return [alike]
  const isPart = (option: string): boolean => `-${option}-`.includes(`-${word}-`)
  const begins = own.filter((option) => option.startsWith(word) || beginAlike(option, word))
  return (begins.length > 0 ? begins : own.filter(isPart)).slice(0, MOST_SUGGESTIONS)
}

function beginAlike(option: string, word: string): boolean {
  return option.startsWith(word.slice(0, Math.max(MIN_COMMON_LETTERS, word.length - 2)))
}
