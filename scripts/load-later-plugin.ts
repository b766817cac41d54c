import type { Plugin } from 'rolldown'

interface LaterImport {
  /** The module that imports it. */
  readonly in: RegExp
  /** What it imports, and under which name it uses it. */
  readonly from: string
  readonly name: string
  readonly isDefault?: true
}

/** What most runs never use, and what takes long to load. */
const LATER: readonly LaterImport[] = [
  // For an answer that is packed, which is never asked for.
  { in: /[\\/]ts-http-runtime[\\/].+[\\/]nodeHttpClient\.js$/, from: 'node:zlib', name: 'zlib', isDefault: true },
  // On another system.
  { in: /[\\/]os-name[\\/]index\.js$/, from: 'macos-release', name: 'macosRelease', isDefault: true },
  { in: /[\\/]os-name[\\/]index\.js$/, from: 'windows-release', name: 'windowsRelease', isDefault: true },
  // For a server of Windows, which is not asked after.
  { in: /[\\/]windows-release[\\/]index\.js$/, from: 'powershell-utils', name: 'executePowerShellSync' },
]

/** Turns some imports of the packages into ones that happen when they are needed. */
export function loadLaterPlugin(): Plugin {
  return {
    name: 'load-later',
    transform: (code, id) => {
      const imports = LATER.filter((later) => later.in.test(id))
      return imports.length === 0 ? null : { code: imports.reduce(loadLater, code) }
    },
  }
}

function loadLater(code: string, { from, name, isDefault }: LaterImport): string {
  const statement = new RegExp(String.raw`^import (?:${name}|\{ ?${name} ?\}) from (['"])${from}\1;$`, 'm')
  // An update of the package has changed it: better no bundle than one that loads everything again.
  if (!statement.test(code)) throw new Error(`load-later: "${name}" is not imported from "${from}" any more.`)
  // One of Node's own is its default itself.
  const property = isDefault ? (from.startsWith('node:') ? '' : '.default') : `.${name}`
  const loaded = `require('${from}')${property}`
  return code.replace(statement, '').replaceAll(new RegExp(String.raw`(?<![\w.])${name}(?=[.(])`, 'g'), `(${loaded})`)
}
