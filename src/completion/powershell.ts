import {
  families,
  familyOf,
  firstWords,
  optionsWithValue,
  type CompletedCommand,
  type CompletedOption,
} from './vocabulary.ts'

/** The completion script for Windows PowerShell 5.1 and PowerShell 7. It compares what was typed, and evaluates nothing. */
export function powershellCompletion(commands: readonly CompletedCommand[]): string {
  const withValue = optionsWithValue(commands)
  const lists = withValue.filter(({ isList }) => isList)
  const words = [
    entry('', [...firstWords(commands)]),
    entry('help', [...firstWords(commands)]),
    ...families(commands).map((first) =>
      entry(
        first,
        familyOf(commands, first).map((second) => [
          second,
          commands.find(({ name }) => name === `${first} ${second}`)?.summary ?? second,
        ]),
      ),
    ),
    ...commands.flatMap(({ name, operand }) =>
      operand.kind === 'choice'
        ? [
            entry(
              name,
              operand.words.map((word) => [word, word]),
            ),
          ]
        : [],
    ),
  ]
  return `# PowerShell completion for acs-env. To load it: acs-env completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'acs-env' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $options = @{
${commands.map(({ name, options }) => entry(name, options.flatMap(spellings))).join('\n')}
    }
    $words = @{
${words.join('\n')}
    }
    $values = @{
${withValue.map(({ long, value }) => `        '${long}' = @(${value.kind === 'choice' ? value.words.map(quote).join(', ') : ''})`).join('\n')}
    }
    $lists = @(${lists.map(({ long }) => quote(long)).join(', ')})
    $command = ''
    $option = ''
    $list = ''
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.Extent.Text
        if ($option) { $option = ''; continue }
        if ($word -eq '--') { return }
        if ($lists -contains $word) { $list = $word; continue }
        if ($word -like '-*') { $list = ''; if ($values.ContainsKey($word)) { $option = $word }; continue }
        if ($list -and -not $words[''].Contains($word)) { continue }
        $list = ''
        if ($command -eq '') { $command = $word }
        elseif (${families(commands)
          .map((first) => `$command -eq '${first}'`)
          .join(' -or ')}) { $command = "$command $word" }
        elseif (${commands
          .filter(({ operand }) => operand.kind === 'command')
          .map(({ name }) => `$command -eq '${name}'`)
          .join(' -or ')}) { return }
    }
    if ($wordToComplete -like '-*') { $list = '' }
    $waiting = if ($option) { $option } else { $list }
    if ($waiting) {
        $values[$waiting] | Where-Object { $_.StartsWith($wordToComplete) } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
        }
        return
    }
    $known = if ($wordToComplete -notlike '-*') { $words[$command] }
             elseif ($command -eq '') { $options['setup'] } else { $options[$command] }
    if ($null -eq $known) { return }
    foreach ($word in $known.Keys) {
        if ($word.StartsWith($wordToComplete)) {
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterName', $known[$word])
        }
    }
}
`
}

function entry(key: string, pairs: readonly (readonly [string, string])[]): string {
  return `        ${quote(key)} = [ordered]@{ ${pairs.map(([word, text]) => `${quote(word)} = ${quote(text)}`).join('; ')} }`
}

function spellings({ long, short, help }: CompletedOption): readonly (readonly [string, string])[] {
  return short === undefined
    ? [[long, help]]
    : [
        [long, help],
        [short, help],
      ]
}

/** PowerShell ends such a string at typographic quotes too; in the help there are none. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}
