import type { Plugin } from 'rolldown'

/** What a setup loads: the SDK, what names the system, and what starts programs. */
const PACKAGES =
  /[\\/]node_modules[\\/](?:@azure|@typespec|os-name|macos-release|windows-release|powershell-utils|execa|get-stream|is-stream|signal-exit)[\\/]/
const IMPORT = /^import (?:(?:\* as )?(\w+))?(?:, ?)?(?:\{([^}]*)\})? ?from ?(["'])(node:[\w/]+)\3;?$/gm

/**
 * Takes Node's own modules as they are, and when a package's code needs them: for a default import Rolldown copies each
 * of them, property by property, and those of code that is loaded later it loads at once.
 */
export function builtinsPlugin(): Plugin {
  return {
    name: 'builtins',
    transform: (code, id) =>
      PACKAGES.test(id) && code.includes('node:') ? { code: code.replaceAll(IMPORT, asConstants) } : null,
  }
}

function asConstants(_: string, all: string | undefined, named: string | undefined, __: string, from: string): string {
  const module = `/* @__PURE__ */ globalThis.process.getBuiltinModule("${from}")`
  const constants = [all, named === undefined ? undefined : `{${named.replaceAll(/(\w+) as (\w+)/g, '$1: $2')}}`]
  return constants.flatMap((name) => (name === undefined ? [] : [`const ${name} = ${module};`])).join(' ')
}
