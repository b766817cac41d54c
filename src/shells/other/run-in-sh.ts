import type { Command } from '../shell.ts'

/**
 * The words of a statement that has sh run the script, for a shell of another language.
 *
 * @param quote a text as one word of that language
 */
export function runInSh({ words, script }: Command, quote: (text: string) => string): string {
  const given = words.map((_, index) => `"\${${index + 1}}"`)
  return ['/bin/sh', '-c', quote(script(given)), 'acs-env', ...words].join(' ')
}
