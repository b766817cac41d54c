import { families, familyOf, firstWords, optionsWithValue, type CompletedCommand } from './vocabulary.ts'

/**
 * The completion script for bash. It uses nothing that the bash 3.2 of macOS lacks (`mapfile`, `compopt`, associative
 * arrays), needs no bash-completion, and evaluates nothing that was typed.
 */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const withValue = optionsWithValue(commands)
  const lists = withValue.filter(({ isList }) => isList).map(({ long }) => long)
  const single = withValue.filter(({ isList }) => !isList).map(({ long }) => long)
  const valueCases = withValue.flatMap(({ long, value }) =>
    value.kind === 'choice' ? [`  ${long},*) words='${value.words.join(' ')}' ;;`] : [],
  )
  const optionCases = commands.map(
    ({ name, options }) =>
      `    ${patternOf(name)}) words='${options.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short])).join(' ')}' ;;`,
  )
  const foreign = commands.flatMap(({ name, operand }) => (operand.kind === 'command' ? [name] : []))
  const operandCases = [
    ...families(commands).map((first) => `    ${first}) words='${familyOf(commands, first).join(' ')}' ;;`),
    ...commands.flatMap(({ name, operand }) =>
      operand.kind === 'choice' ? [`    '${name}') words='${operand.words.join(' ')}' ;;`] : [],
    ),
    ...foreign.map((name) => `    ${name}) COMPREPLY=($(compgen -c -- "$current")) ;;`),
    `    '' | help) words='${[...firstWords(commands).keys()].join(' ')}' ;;`,
  ]
  return `# bash completion for acs-env. To load it: eval "$(acs-env completion bash)"
_acs_env() {
  local IFS=$' \\t\\n' current=\${COMP_WORDS[COMP_CWORD]} index=1 command='' option='' list='' word words=''
  COMPREPLY=()
  # What stands before the word at the cursor: the command, and the option that waits for a value.
  while [ "$index" -lt "$COMP_CWORD" ]; do
    word=\${COMP_WORDS[index]}
    index=$((index + 1))
    # bash makes three words of --option=value.
    if [ "$word" = '=' ]; then continue; fi
    if [ -n "$option" ]; then option=''; continue; fi
    case $word in
    --) return ;;
    ${lists.join(' | ')}) list=$word ;;
    ${single.join(' | ')}) option=$word list='' ;;
    -*) list='' ;;
    *)
      case $command in
      ${[...families(commands), 'help'].join(' | ')}) command="$command $word" ;;
      '') if [ -z "$list" ] || _acs_env_names_command "$word"; then command=$word list=''; fi ;;
      ${foreign.join(' | ')}) return ;;
      esac
      ;;
    esac
  done
  if [ "$current" = '=' ]; then current=''; fi
  case $current in
  -*) list='' ;;
  esac
  # Where nothing is offered here, bash offers files: right for FILE, and as good as anything for the rest.
  case \${option:-$list},$current in
${valueCases.join('\n')}
  ?*,*) ;;
  ,-*)
    case $command in
${optionCases.join('\n')}
    esac
    ;;
  ,*)
    case $command in
${operandCases.join('\n')}
    esac
    ;;
  esac
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}

_acs_env_names_command() {
  case $1 in
  ${[...firstWords(commands).keys()].join(' | ')}) return 0 ;;
  *) return 1 ;;
  esac
}

complete -o default -F _acs_env acs-env
`
}

function patternOf(name: string): string {
  return name === 'setup' ? "'' | setup" : `'${name}'`
}
