import { join } from 'node:path'
import type { Plugin } from 'rolldown'
import { OVERVIEW, PROGRAM_MARK } from '../src/args/overview.ts'

const MODULE = join(import.meta.dirname, '../src/args/overview.ts')

/** Puts the rendered overview in the place of what renders it. */
export function overviewPlugin(): Plugin {
  return {
    name: 'overview',
    load: (id) => (id === MODULE ? render({ PROGRAM_MARK, OVERVIEW }) : null),
  }
}

function render(constants: Readonly<Record<string, string>>): string {
  return Object.entries(constants)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}\n`)
    .join('')
}
