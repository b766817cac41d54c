import type { Plugin } from 'rolldown'
import { rewriteChunks } from './rewrite-chunks.ts'

const BARE_REQUIRE = /(?<=^|[,;\n])require\("\.\/rolldown-runtime-[\w-]+\.cjs"\)(?=[,;])/g

/** Drops the loading of Rolldown's helpers from chunks that use none: they do nothing by themselves. */
export function bareRequiresPlugin(): Plugin {
  return rewriteChunks('bare-requires', (code) => code.replaceAll(BARE_REQUIRE, '0'))
}
