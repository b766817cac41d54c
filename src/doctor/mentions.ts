import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Place } from '../look/reasons/cause.ts'
import { findMentions } from '../look/reasons/search.ts'
import type { StoredVariable } from './facts.ts'

/** A variable and a line that speaks of it. */
export interface Mention extends Place {
  readonly name: string
}

/** The first line of each file that names each of the variables, outside of comments. */
export function firstMentions(variables: readonly StoredVariable[], files: readonly string[]): readonly Mention[] {
  return files.flatMap((file) =>
    variables.flatMap(({ name }) => {
      const [first] = findMentions(name, [file], [])
      return first === undefined ? [] : [{ name, ...first }]
    }),
  )
}

/** The files of these names in a directory and in all above it, the nearest first. */
export function filesAbove(directory: string, names: readonly string[]): readonly string[] {
  const here = names.map((name) => join(directory, name)).filter((file) => existsSync(file))
  const parent = dirname(directory)
  return parent === directory ? here : [...here, ...filesAbove(parent, names)]
}
