import { FIELD, type Mark, readMark, RECORD, TAIL } from './trace-format.ts'

/** By which the command that a traced shell is to run is known, however the shell quotes it. */
export const AT_THE_END = 'acs-env-is-at-the-end'

const [RECORD_ESCAPE, FIELD_ESCAPE] = [String.raw`\036`, String.raw`\037`]
const LAST = '?'.repeat(TAIL)

/** A script of sh for a traced shell to run: it prints the marks of what the shell hands on to its programs. */
export function scriptForMarks(names: readonly string[]): string {
  // A text that is shorter than the end of it has no such end.
  const show = `show() { case $1 in ${LAST}*) set -- "$1" "\${1#"\${1%${LAST}}"}" ;; *) set -- "$1" "$1" ;; esac; printf "${FIELD_ESCAPE}%s:%s:x" "\${#1}" "$2"; }`
  const each = names.map((name) => `if [ -n "\${${name}+x}" ]; then show "$${name}"; else printf "${FIELD_ESCAPE}"; fi`)
  return `: ${AT_THE_END}; { ${[show, `printf "${RECORD_ESCAPE}"`, ...each, `printf "${RECORD_ESCAPE}"`].join('; ')}; } >&2`
}

/** The marks that the script has printed; undefined where it did not run. */
export function readMarks(output: string): readonly Mark[] | undefined {
  const printed = new RegExp(`${RECORD}${FIELD}([^${RECORD}]*)${RECORD}`).exec(output)?.[1]
  return printed?.split(FIELD).map((text) => (text === '' ? 'unset' : readMark(text)))
}
