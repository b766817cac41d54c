import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'

const MANIFEST = join(import.meta.dirname, '../package.json')
/** All that `src/version.ts` asks for. */
const NEEDED = ['version', 'homepage']

/** Leaves of our `package.json` in the bundle what is read from it: the entry would hold all of it otherwise. */
export function manifestPlugin(): Plugin {
  return {
    name: 'manifest',
    load(id) {
      if (id !== MANIFEST) return null
      const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Readonly<Record<string, unknown>>
      return {
        code: JSON.stringify(Object.fromEntries(NEEDED.map((name) => [name, manifest[name]]))),
        moduleType: 'json',
      }
    },
  }
}
