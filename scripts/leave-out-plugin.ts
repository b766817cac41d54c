import type { Plugin } from 'rolldown'

/** The kinds of prompt in use, and what they are built on; enquirer brings fifteen more, which it loads by name. */
const PROMPTS_IN_USE = ['index', 'confirm', 'invisible', 'multiselect', 'select']

/** Code that is never reached, or has a smaller substitute: the path of its module, and the substitute. */
const REPLACEMENTS: readonly (readonly [path: RegExp, code: string])[] = [
  [
    new RegExp(String.raw`[\\/]enquirer[\\/]lib[\\/]prompts[\\/](?!(?:${PROMPTS_IN_USE.join('|')})\.js$)\w+\.js$`),
    'module.exports = undefined',
  ],
  // What those other kinds are built on.
  [/[\\/]enquirer[\\/]lib[\\/]types[\\/](?:auth|number)\.js$/, 'module.exports = undefined'],
  // Connections are made in src/service, through a proxy too. This one would print the proxy's password to the SDK's log.
  [
    /[\\/]ts-http-runtime[\\/].*[\\/]proxyPolicy\.js$/,
    `export const proxyPolicyName = 'proxyPolicy', getDefaultProxySettings = () => undefined
     export const proxyPolicy = () => ({ name: proxyPolicyName, sendRequest: (request, next) => next(request) })`,
  ],
  // The same from node:crypto, which is loaded anyway, without the Web Crypto API.
  [/[\\/]ts-http-runtime[\\/].*[\\/]uuidUtils\.js$/, "export { randomUUID } from 'node:crypto'"],
  // Of use to execa's own log alone, which is switched off: it would print arguments.
  [/[\\/]node_modules[\\/]figures[\\/]index\.js$/, 'export default {}'],
  // What it says of a signal goes into execa's messages alone, which nobody reads.
  [
    /[\\/]node_modules[\\/]human-signals[\\/].*[\\/]main\.js$/,
    'export const signalsByName = new Proxy({}, { get: String })',
  ],
  // Of execa: starting a program and waiting with everything else standing still, piping one into another, streams and
  // iterables of their output, and messages between them.
  [/[\\/]execa[\\/]lib[\\/]methods[\\/]main-sync\.js$/, 'export const execaCoreSync = undefined'],
  [/[\\/]execa[\\/]lib[\\/]pipe[\\/]setup\.js$/, 'export const pipeToSubprocess = () => undefined'],
  [/[\\/]execa[\\/]lib[\\/]convert[\\/]add\.js$/, 'export const addConvertedStreams = () => undefined'],
  [
    /[\\/]execa[\\/]lib[\\/]ipc[\\/]methods\.js$/,
    'export const addIpcMethods = () => undefined, getIpcExport = () => ({})',
  ],
  [/[\\/]node_modules[\\/]pretty-ms[\\/]index\.js$/, 'export default String'],
]

/** Leaves code out of the bundle that no run needs. Throws for an entry that matched no module. */
export function leaveOutPlugin(): Plugin {
  const unmatched = new Set(REPLACEMENTS.map(([path]) => path))
  return {
    name: 'leave-out',
    load: (id) => {
      const entry = entryFor(id)
      if (entry === undefined) return null
      unmatched.delete(entry[0])
      return entry[1]
    },
    buildEnd: (error) => {
      if (error !== undefined || unmatched.size === 0) return
      // An update of a package has moved it: better no bundle than one that has everything again.
      throw new Error(`leave-out: nothing matched ${[...unmatched].map(String).join(' or ')}.`)
    },
  }
}

/** The substitute for a module; undefined for one that is bundled as it is. */
export function replacementOf(id: string): string | undefined {
  return entryFor(id)?.[1]
}

function entryFor(id: string): (typeof REPLACEMENTS)[number] | undefined {
  return REPLACEMENTS.find(([path]) => path.test(id))
}
