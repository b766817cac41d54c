/**
 * The floors of the house, the lowest first. A file imports from its own floor and from those below it; the inner room
 * of a folder is loaded later, by `import()`. Whatever is in no folder of this list is in the wrong place.
 */
const FLOORS = [
  'base',
  'text',
  'system',
  'emulator',
  'values/pasted',
  'values',
  'files',
  'files/change',
  'shells',
  'shells/other',
  'formats',
  'args',
  'completion',
  'service',
  'store',
  'store/change',
  'profile',
  'profile/change',
  'schedule',
  'look',
  'look/reasons',
  'platforms/windows',
  'platforms/posix',
  'platforms/posix/change',
  'platforms/dotenv',
  'platforms',
  'platforms/resources',
  'doctor',
  'doctor/stored',
  'doctor/checks',
  'ui',
  'credentials',
  'credentials/azure-cli',
  'token',
  'schedule/change',
  'commands/setup',
  'commands',
  'top',
]

/** Files that stand in no folder, and their floors. */
const LOOSE = new Map([
  ['errors.ts', 'base'],
  ['secret.ts', 'base'],
  ['scope-names.ts', 'base'],
  ['shell-names.ts', 'base'],
  ['version.ts', 'base'],
  ['main.ts', 'top'],
  ['unforeseen-error.ts', 'top'],
  ['cli.ts', 'top'],
  ['start.ts', 'top'],
  ['old-node.cjs', 'top'],
])

/** @param {string} path below `src/` */
function floorOf(path) {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  return folder === '' ? LOOSE.get(path) : folder
}

/** @param {string} path of a file, with either kind of slash */
function belowSource(path) {
  const parts = path.replaceAll('\\', '/').split('/src/')
  return parts.length < 2 ? undefined : parts.at(-1)
}

/** @param {string} from a folder below `src/` @param {string} specifier a relative import */
function resolveBelow(from, specifier) {
  const parts = from.split('/').filter((part) => part !== '')
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** @typedef {{ readonly value?: unknown }} Node what the rule reads of a node of the syntax tree */
/** @typedef {{ readonly source?: Node | null }} ImportNode */
/** @typedef {{ readonly filename: string, report(problem: { node: object, message: string }): void }} Context */

const direction = {
  /** @param {Context} context */
  create(context) {
    const path = belowSource(context.filename)
    if (path === undefined) return {}
    const floor = floorOf(path)
    const height = FLOORS.indexOf(floor ?? '')
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))

    /** @param {Node | null | undefined} node the string that names the file @param {boolean} isLater */
    const check = (node, isLater) => {
      const specifier = node?.value
      if (!node || typeof specifier !== 'string' || !specifier.startsWith('.')) return
      const target = resolveBelow(folder, specifier)
      if (target.startsWith('package.json')) return
      const other = floorOf(target)
      if (isLater && other !== undefined && folder !== '' && other.startsWith(`${folder}/`)) return
      if (FLOORS.indexOf(other ?? '') > height) {
        context.report({ node, message: `src/${floor} stands below src/${other}: imports point down.` })
      }
    }
    return {
      Program(/** @type {Node} */ node) {
        if (height === -1) context.report({ node, message: `src/${path} is in no folder of the house.` })
      },
      ImportDeclaration: (/** @type {ImportNode} */ node) => check(node.source, false),
      ExportNamedDeclaration: (/** @type {ImportNode} */ node) => check(node.source, false),
      ExportAllDeclaration: (/** @type {ImportNode} */ node) => check(node.source, false),
      ImportExpression: (/** @type {ImportNode} */ node) => check(node.source, true),
    }
  },
}

export default { meta: { name: 'house' }, rules: { direction } }
