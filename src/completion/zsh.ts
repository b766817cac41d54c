import { families, firstWords, type CompletedCommand, type CompletedOption, type Value } from './vocabulary.ts'

/** The completion script for zsh: for a directory in `fpath`, as `_acs-env`, and for `source <(…)` alike. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const setup = commands.find(({ name }) => name === 'setup')
  const single = commands.filter(({ name }) => !name.includes(' '))
  return `#compdef acs-env
# zsh completion for acs-env. To load it: source <(acs-env completion zsh)
_acs_env() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${(setup?.options ?? []).map((option) => `    ${specOf(option)} \\\n`).join('')}    '1:command:_acs_env_commands' \\
    '*::argument:->rest' && return
  [[ $state == rest ]] || return 1
  curcontext=\${curcontext%:*}:acs-env-$words[1]:
  case $words[1] in
${single.map((command) => commandCase(command, command.name)).join('\n')}
${families(commands)
  .map((first) => familyCase(first, commands))
  .join('\n')}
    help) _arguments '1:command:_acs_env_commands' ;;
  esac
}

_acs_env_commands() {
  local -a commands
  commands=(
${[...firstWords(commands)].map(([word, summary]) => `    ${quote(`${word}:${summary}`)}`).join('\n')}
  )
  _describe command commands
}

if [[ \${funcstack[1]} == _acs-env ]]; then
  _acs_env "$@"
elif (( $+functions[compdef] )); then
  compdef _acs_env acs-env
fi
`
}

function commandCase({ options, operand }: CompletedCommand, word: string): string {
  return `    ${word})
      _arguments \\
${[...options.map(specOf), ...operandSpecs(operand)].map((spec) => `        ${spec}`).join(' \\\n')}
      ;;`
}

function familyCase(first: string, commands: readonly CompletedCommand[]): string {
  const members = commands.filter(({ name }) => name.startsWith(`${first} `))
  const described = members.map(({ name, summary }) => quote(`${name.slice(first.length + 1)}:${summary}`))
  return `    ${first})
      local -a members
      members=(${described.join(' ')})
      _arguments -C '1:command:->member' '*::argument:->behind' && return
      if [[ $state == member ]]; then
        _describe command members
        return
      fi
      case $words[1] in
${members
  .map((member) => commandCase(member, member.name.slice(first.length + 1)))
  .join('\n')
  .replaceAll(/^/gm, '    ')}
      esac
      ;;`
}

function operandSpecs(operand: CompletedCommand['operand']): readonly string[] {
  switch (operand.kind) {
    case 'none':
      return []
    case 'command':
      return [quote('(-)1: :_command_names -e'), quote('*::argument:_normal')]
    default:
      return [quote(`1:${operand.placeholder}:${actionOf(operand)}`)]
  }
}

function specOf({ long, short, help, value, isList }: CompletedOption): string {
  const names = short === undefined ? '' : `(${short} ${long})`
  const rest = `${value.kind === 'none' ? '' : '='}[${escapeText(help)}]${valueSpec(value)}`
  if (short !== undefined) return `${quote(names)}{${short},${long}}${quote(rest)}`
  return quote(`${isList ? '*' : ''}${long}${rest}`)
}

function valueSpec(value: Value): string {
  return value.kind === 'none' ? '' : `:${value.placeholder}:${actionOf(value)}`
}

function actionOf(value: Value): string {
  switch (value.kind) {
    case 'choice':
      return `(${value.words.join(' ')})`
    case 'file':
      return '_files'
    case 'free':
      // One blank: a message, and no matches.
      return ' '
    case 'none':
      return ''
  }
}

function escapeText(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
