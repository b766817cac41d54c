/** What the runner would mask: one command a line, its data unescaped. */
export function readMasks(output: string): readonly string[] {
  const unescaped: Record<string, string> = { '%25': '%', '%0D': '\r', '%0A': '\n' }
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, data] = /^::add-mask::([^]*)$/.exec(line) ?? []
      if (data === undefined) throw new Error('not a workflow command')
      return data.replaceAll(/%25|%0D|%0A/g, (escape) => unescaped[escape] ?? '')
    })
}

/** The file of `$GITHUB_ENV` as the runner reads it: `NAME=value` lines, and `NAME<<END` down to a line `END`. */
export function readEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split('\n')
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    if (line === '') continue
    const [equals, arrows] = [line.indexOf('='), line.indexOf('<<')]
    if (equals !== -1 && (arrows === -1 || equals < arrows)) {
      values[line.slice(0, equals)] = line.slice(equals + 1)
      continue
    }
    const end = lines.indexOf(line.slice(arrows + 2))
    if (arrows === -1 || end === -1) throw new Error('not an environment file')
    values[line.slice(0, arrows)] = lines.splice(0, end).join('\n')
    lines.shift()
  }
  return values
}
