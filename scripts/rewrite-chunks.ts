import type { Plugin } from 'rolldown'

/** A plugin that has the last word on the code of every file of the bundle. */
export function rewriteChunks(name: string, rewrite: (code: string) => string): Plugin {
  return {
    name,
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.code = rewrite(output.code)
      }
    },
  }
}
