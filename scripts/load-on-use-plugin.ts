import type { Plugin } from 'rolldown'

const CHUNK = /^const (require_\w+) = require\((["']\.\/[^"']+["'])\);$/gm
/** Every command has loaded them before. */
const ALWAYS_LOADED = /^["']\.\/(?:cli|start|core|rolldown-runtime)\b/
const EXPORT =
  /Object\.defineProperty\(exports, ("\w+"), \{\s+enumerable: true,\s+get: function \(\) \{\s+return (\w+);\s+\}\s+\}\);/g

/**
 * Loads a file of the bundle when something of it is used, and not with the file that may use it: a command that reads
 * two files need not compile what another one writes with. And exports what cannot change as it is: Rolldown makes a
 * function for each value, which returns it.
 */
export function loadOnUsePlugin(): Plugin {
  return { name: 'load-on-use', renderChunk: (code) => onUse(plainExports(code)) }
}

function onUse(code: string): string {
  return [...code.matchAll(CHUNK)].reduce((rewritten, [statement, name = '', file = '']) => {
    if (ALWAYS_LOADED.test(file)) return rewritten
    const loader = `let loaded_${name};\nconst ${name} = () => loaded_${name} ??= require(${file});`
    const [before = '', after = ''] = rewritten.split(statement)
    return before + loader + after.replaceAll(new RegExp(String.raw`\b${name}\b`, 'g'), `${name}()`)
  }, code)
}

function plainExports(code: string): string {
  return code.replaceAll(EXPORT, (getter, name: string, value: string) =>
    new RegExp(String.raw`^(?:let|var) ${value}\b`, 'm').test(code) ? getter : `exports[${name}] = ${value};`,
  )
}
