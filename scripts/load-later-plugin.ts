import type { Plugin } from 'rolldown'

interface LaterImport {
  /** The module that imports it. */
  readonly in: RegExp
  /** What it imports, and under which names it uses it. */
  readonly from: string
  readonly names: readonly string[]
  readonly isDefault?: true
}

/** What most runs never use, and what takes long to load. */
const LATER: readonly LaterImport[] = [
  // For an answer that is packed, which is never asked for.
  { in: /[\\/]ts-http-runtime[\\/].+[\\/]nodeHttpClient\.js$/, from: 'node:zlib', names: ['zlib'], isDefault: true },
  // On another system.
  { in: /[\\/]os-name[\\/]index\.js$/, from: 'macos-release', names: ['macosRelease'], isDefault: true },
  { in: /[\\/]os-name[\\/]index\.js$/, from: 'windows-release', names: ['windowsRelease'], isDefault: true },
  // For a server of Windows, which is not asked after.
  { in: /[\\/]windows-release[\\/]index\.js$/, from: 'powershell-utils', names: ['executePowerShellSync'] },
  // For a stream that is a file, or a terminal among others; the first loads everything about files that is not needed.
  {
    in: /[\\/]execa[\\/]lib[\\/]stdio[\\/]handle-async\.js$/,
    from: 'node:fs',
    names: ['createReadStream', 'createWriteStream'],
  },
  { in: /[\\/]execa[\\/]lib[\\/]stdio[\\/]native\.js$/, from: 'node:tty', names: ['tty'], isDefault: true },
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

function loadLater(code: string, { from, names, isDefault }: LaterImport): string {
  const [first] = names
  const imported = isDefault ? first : String.raw`\{ ?${names.join(', ?')} ?\}`
  const statement = new RegExp(String.raw`^import ${imported} from (['"])${from}\1;$`, 'm')
  // An update of the package has changed it: better no bundle than one that loads everything again.
  if (!statement.test(code))
    throw new Error(`load-later: "${names.join(', ')}" is not imported from "${from}" any more.`)
  // One of Node's own is its default itself.
  const property = (name: string): string => (isDefault ? (from.startsWith('node:') ? '' : '.default') : `.${name}`)
  const used = new RegExp(String.raw`(?<![\w.])(?:${names.join('|')})(?=[.(])`, 'g')
  return code.replace(statement, '').replaceAll(used, (name) => `(require('${from}')${property(name)})`)
}
