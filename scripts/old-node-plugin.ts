import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'
import { minifySync, transformSync } from 'rolldown/utils'

const ROOT = join(import.meta.dirname, '..')
/** The oldest Node that has to be able to run the entry, and say that it is too old. */
const OLDEST = 'node12'
const SHEBANG = /^#!.*\n/
const PLACEHOLDER = '[0, 0]'

/**
 * Lets a Node that is too old say so: puts `src/old-node.cjs` in front of the entry, and writes the entry, but none of
 * the chunks that it loads, in syntax that such a Node can read.
 */
export function oldNodePlugin(): Plugin {
  return {
    name: 'old-node',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk' || !output.isEntry) continue
        const [shebang = ''] = SHEBANG.exec(output.code) ?? []
        output.code = `${shebang}${inOldSyntax(guard())}\n${inOldSyntax(output.code.slice(shebang.length))}`
      }
    },
  }
}

function guard(): string {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string }
  }
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? []
  const source = readFileSync(join(ROOT, 'src/old-node.cjs'), 'utf8')
  if (major === undefined || !source.includes(PLACEHOLDER)) throw new Error('old-node: which Node is the oldest?')
  return source.replace(PLACEHOLDER, `[${major}, ${minor}]`)
}

function inOldSyntax(code: string): string {
  const transformed = transformSync('entry.cjs', code, { target: OLDEST, sourceType: 'script' })
  const minified = minifySync('entry.cjs', transformed.code, { compress: { target: OLDEST } })
  const [error] = [...transformed.errors, ...minified.errors]
  const [helper] = Object.keys(transformed.helpersUsed)
  if (error !== undefined || helper !== undefined) throw new Error(`old-node: ${error?.message ?? `needs ${helper}`}`)
  return minified.code
}
