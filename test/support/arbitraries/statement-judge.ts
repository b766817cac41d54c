import { spawnSync } from 'node:child_process'

export const PROBE = 'ACS_PROBE'

/** Both shells make a function of each script and print it as they have understood it, without running anything. */
const JUDGES = {
  bash: {
    args: ['--norc', '-O', 'extglob', '-c'],
    driver: `PATH=; while IFS= read -r -d '' script; do
      unset -f judged
      eval "judged() {
\${script}${PROBE}
}" 2> /dev/null
      printf '%s\\0' "$(declare -f judged)"
    done`,
    // Behind a background job bash prints the next statement on the same line.
    end: new RegExp(`\\n    (?:.* & )?${PROBE}\\n}$`),
  },
  zsh: {
    args: ['-f', '-c'],
    driver: `PATH=; while IFS= read -r -d '' script; do
      unfunction judged 2> /dev/null
      functions[judged]="\${script}${PROBE}" 2> /dev/null
      printf '%s\\0' "$(functions judged 2> /dev/null)"
    done`,
    end: new RegExp(`\\n\\t${PROBE}\\n}$`),
  },
} as const

/** Whether what directly follows each of these scripts is a statement of its own, as the shell itself has parsed it. */
export function beginStatements(shell: keyof typeof JUDGES, scripts: readonly string[]): readonly boolean[] {
  const { args, driver, end } = JUDGES[shell]
  const input = Buffer.from(scripts.map((script) => `${script}\0`).join(''), 'latin1')
  const { stdout } = spawnSync(shell, [...args, driver], { input, env: { LANG: 'C.UTF-8' }, timeout: 60_000 })
  const printed = stdout.toString('latin1').split('\0').slice(0, -1)
  if (printed.length !== scripts.length)
    throw new Error(`${shell} judged ${printed.length} of ${scripts.length} scripts`)
  return printed.map((text) => end.test(text))
}
