import type { Plugin } from 'rolldown'

/** The kinds of prompt in use, and what they are built on; enquirer brings fifteen more, which it loads by name. */
const PROMPTS_IN_USE = ['index', 'confirm', 'invisible', 'multiselect', 'select']

/** What the SDK does to each request, and what is switched off here, or about what no request has. */
const IDLE_POLICIES = ['decompressResponse', 'defaultRetry', 'formData', 'log', 'multipart', 'redirect', 'tracing']

/** Code that is never reached, or has a smaller substitute: the path of its module, and the substitute. */
const REPLACEMENTS: readonly (readonly [path: RegExp, code: string])[] = [
  [
    new RegExp(String.raw`[\\/]enquirer[\\/]lib[\\/]prompts[\\/](?!(?:${PROMPTS_IN_USE.join('|')})\.js$)\w+\.js$`),
    'module.exports = undefined',
  ],
  // What those other kinds are built on.
  [/[\\/]enquirer[\\/]lib[\\/]types[\\/](?:auth|number)\.js$/, 'module.exports = undefined'],
  // Connections are made in src/service, through a proxy too. This one would print the proxy's password to the SDK's log.
  idlePolicy('proxyPolicy', 'export const getDefaultProxySettings = () => undefined'),
  ...IDLE_POLICIES.map((name) => idlePolicy(`${name}Policy`)),
  // Nobody collects traces here, or reads a log: what there is to say is said with --verbose.
  [
    /[\\/]core-tracing[\\/].*[\\/]tracingClient\.js$/,
    `export const createTracingClient = () => ({ withSpan: async (name, options, operation) => operation(options) })`,
  ],
  [
    /[\\/]ts-http-runtime[\\/].*[\\/]logger[\\/]logger\.js$/,
    `const nothing = () => undefined, log = { error: nothing, warning: nothing, info: nothing, verbose: nothing }
     export { nothing as getLogLevel, nothing as setLogLevel, nothing as TypeSpecRuntimeLogger }
     export const createClientLogger = () => log, createLoggerContext = () => ({ logger: nothing, createClientLogger })`,
  ],
  // The same from node:crypto, which is loaded anyway, without the Web Crypto API.
  [/[\\/]ts-http-runtime[\\/].*[\\/]uuidUtils\.js$/, "export { randomUUID } from 'node:crypto'"],
  // What it says of a signal goes into execa's messages alone, which nobody reads.
  [
    /[\\/]node_modules[\\/]human-signals[\\/].*[\\/]main\.js$/,
    'export const signalsByName = new Proxy({}, { get: String })',
  ],
  // Of execa: the other ways to call it, as a template, as one line or for a script of Node.
  [
    /[\\/]node_modules[\\/]execa[\\/]index\.js$/,
    `import { createExeca } from './lib/methods/create.js'
     export const execa = createExeca(() => ({}))`,
  ],
  [
    /[\\/]execa[\\/]lib[\\/]methods[\\/]template\.js$/,
    'export const isTemplateString = () => false, parseTemplates = undefined',
  ],
  // Starting a program and waiting with everything else standing still.
  [/[\\/]execa[\\/]lib[\\/]methods[\\/]main-sync\.js$/, 'export const execaCoreSync = undefined'],
  // Piping one program into another, several streams into one, and through functions.
  [/[\\/]execa[\\/]lib[\\/]pipe[\\/]setup\.js$/, 'export const pipeToSubprocess = () => undefined'],
  [/[\\/]@sindresorhus[\\/]merge-streams[\\/]index\.js$/, 'export default undefined'],
  [/[\\/]execa[\\/]lib[\\/]transform[\\/]generator\.js$/, 'export const generatorToStream = undefined'],
  // Its output as a stream, as an iterable, as lines, or as bytes.
  [/[\\/]execa[\\/]lib[\\/]convert[\\/]add\.js$/, 'export const addConvertedStreams = () => undefined'],
  [/[\\/]execa[\\/]lib[\\/]transform[\\/]split\.js$/, 'export const getSplitLinesGenerator = () => undefined'],
  [/[\\/]get-stream[\\/]source[\\/]array\.js$/, 'export const getStreamAsArray = undefined'],
  [/[\\/]get-stream[\\/]source[\\/]array-buffer\.js$/, 'export const getStreamAsArrayBuffer = undefined'],
  // Messages between the programs.
  [/[\\/]execa[\\/]lib[\\/]ipc[\\/]methods\.js$/, 'export const addIpcMethods = () => undefined'],
  [
    /[\\/]execa[\\/]lib[\\/]ipc[\\/]buffer-messages\.js$/,
    'export const waitForIpcOutput = ({ ipcOutput }) => ipcOutput, getBufferedIpcOutput = (_, ipcOutput) => ipcOutput',
  ],
  [
    /[\\/]execa[\\/]lib[\\/]ipc[\\/]ipc-input\.js$/,
    'export const validateIpcInputOption = () => undefined, sendIpcInput = () => undefined',
  ],
  [
    /[\\/]execa[\\/]lib[\\/]terminate[\\/]graceful\.js$/,
    'export const validateGracefulCancel = () => undefined, throwOnGracefulCancel = () => []',
  ],
  // Programs out of node_modules.
  [/[\\/]node_modules[\\/]npm-run-path[\\/]index\.js$/, 'export const npmRunPathEnv = undefined'],
  // Its log, which is switched off: it would print arguments.
  [
    /[\\/]execa[\\/]lib[\\/]verbose[\\/]log\.js$/,
    'export const verboseLog = () => undefined, serializeVerboseMessage = String',
  ],
  [/[\\/]node_modules[\\/]pretty-ms[\\/]index\.js$/, 'export default String'],
]

/** A policy of the SDK's that hands each request on. @param others what else its module exports */
function idlePolicy(name: string, others = ''): (typeof REPLACEMENTS)[number] {
  return [
    new RegExp(String.raw`[\\/]core-rest-pipeline[\\/].*[\\/]policies[\\/]${name}\.js$`),
    `export const ${name}Name = '${name}', ${name} = () => ({ name: '${name}', sendRequest: (request, next) => next(request) })
     ${others}`,
  ]
}

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
