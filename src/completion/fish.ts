import {
  families,
  familyOf,
  firstWords,
  optionsWithValue,
  type CompletedCommand,
  type CompletedOption,
  type Value,
} from './vocabulary.ts'

/** The completion script for fish 3.0 and later: for `completions/acs-env.fish`, and for `| source`. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const withValue = optionsWithValue(commands)
  const single = withValue.filter(({ isList }) => !isList).map(({ long }) => long)
  const lists = withValue.filter(({ isList }) => isList).map(({ long }) => long)
  return `# fish completion for acs-env. To load it: acs-env completion fish | source
function __acs_env_command
    set -l words (commandline -opc)
    set -l command
    set -l skip
    for word in $words[2..-1]
        if test "$skip" = one
            set skip
            continue
        end
        switch $word
            case --
                break
            case ${single.join(' ')}
                set skip one
            case ${lists.join(' ')}
                set skip list
            case '-*'
                set skip
            case ${[...firstWords(commands).keys()].join(' ')}
                set -a command $word
                set skip
            case '*'
                if test "$skip" != list
                    set -a command $word
                end
        end
    end
    switch "$command[1]"
        case ${families(commands).join(' ')}
            string join ' ' -- $command[1..2]
        case '*'
            echo "$command[1]"
    end
end

function __acs_env_is
    contains -- (__acs_env_command) $argv
end

complete -c acs-env -f
${[...firstWords(commands)].map(([word, summary]) => `complete -c acs-env -n "__acs_env_is '' help" -a ${word} -d ${quote(summary)}`).join('\n')}
${families(commands)
  .flatMap((first) =>
    familyOf(commands, first).map((second) => {
      const summary = commands.find(({ name }) => name === `${first} ${second}`)?.summary ?? ''
      return `complete -c acs-env -n '__acs_env_is ${first}' -a ${second} -d ${quote(summary)}`
    }),
  )
  .join('\n')}
${commands.map(commandLines).join('\n')}
`
}

function commandLines({ name, options, operand }: CompletedCommand): string {
  const condition = name === 'setup' ? `"__acs_env_is '' setup"` : `'__acs_env_is "${name}"'`
  return [
    ...options.map((option) => `complete -c acs-env -n ${condition} ${optionWords(option)}`),
    ...(operand.kind === 'choice' ? [`complete -c acs-env -n ${condition} -a '${operand.words.join(' ')}'`] : []),
    ...(operand.kind === 'command' ? [`complete -c acs-env -n ${condition} -a '(__fish_complete_subcommand)'`] : []),
  ].join('\n')
}

function optionWords({ long, short, help, value }: CompletedOption): string {
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`
  return `-l ${long.slice(2)}${letter}${valueWords(value)} -d ${quote(help)}`
}

function valueWords(value: Value): string {
  switch (value.kind) {
    case 'choice':
      return ` -x -a '${value.words.join(' ')}'`
    case 'file':
      return ' -r -F'
    case 'free':
      return ' -x'
    case 'none':
      return ''
  }
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
