import type { Plugin } from 'rolldown'

const BARE_REQUIRE = /(?<=^|[,;\n])require\("\.\/rolldown-runtime-[\w-]+\.cjs"\)(?=[,;])/g

/** Drops the loading of Rolldown's helpers from chunks that use none: they do nothing by themselves. */
export function bareRequiresPlugin(): Plugin {
  return {
    name: 'bare-requires',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.code = output.code.replaceAll(BARE_REQUIRE, '0')
      }
    },
  }
}
