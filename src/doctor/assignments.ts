import { Secret } from '../secret.ts'

/**
 * The variables in lines `NAME=value`, as `tmux show-environment` and `systemctl show-environment` print them; the
 * latter quotes as `NAME=$'value'` what has characters that mean something to a shell.
 */
export function readAssignments(text: string): ReadonlyMap<string, Secret> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined) return []
      const [, quoted] = /^\$'(.*)'$/.exec(value) ?? /^"(.*)"$/.exec(value) ?? /^'(.*)'$/.exec(value) ?? []
      return [[name, new Secret(quoted?.replaceAll(/\\(.)/g, '$1') ?? value)] as const]
    }),
  )
}
