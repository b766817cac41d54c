import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../../shell-names.ts'
import { sessionEnvironment } from '../session-environment.ts'
import type { OtherShell, StartupPlace, Unanswered } from '../shell.ts'
import { configurationDirectory } from './configuration-directory.ts'
import { runInSh } from './run-in-sh.ts'

const ASK_TIMEOUT_MS = 5_000
/** The minor version. */
const FIRST_WITHOUT_TERMINAL = 107
const ESCAPES: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r` }

/** In double quotes, since its single quotes can hold no quote, and old versions have no raw strings. */
function quote(text: string): string {
  return `"${text.replaceAll(/[\\"\n\r]/g, (character) => ESCAPES[character] ?? `\\${character}`)}"`
}

/** nushell, which reads all of its `autoload` where it reads commands, and `env.nu` in a login shell, too. */
export const nu: OtherShell = {
  family: 'other',
  name: 'nu',
  programs: LOGIN_SHELL_PROGRAMS.nu,
  comesFirst: 'nothing',
  assign: (name, value) => `$env.${name} = ${quote(value)}`,
  readAssignment: (text) => {
    const [, name, quoted] = /^\$env\.(\w+) = "((?:[^\\"\n\r]|\\[\\"nr])*)"$/.exec(text) ?? []
    if (name === undefined || quoted === undefined) return undefined
    const plain = (_: string, character: string): string => ({ n: '\n', r: '\r' })[character] ?? character
    return { name, value: quoted.replaceAll(/\\(.)/g, plain) }
  },
  readValue: (name, file) => [
    `if ("${file}" | path exists) {`,
    // `open` takes a quoted name literally, "~" too.
    `  $env.${name} = (open --raw ("${file}" | path expand) | decode utf-8 | str trim --right --char "\\n")`,
    '}',
  ],
  // `source` takes only a path that is known before anything runs.
  load: () => ({ kind: 'new-shell' }),
  // Its own variables are no environment variables.
  setWord: () => "''",
  // With "-c" it reads nothing of the user's but, in a login shell, env.nu.
  open: (start, command) => ({
    args: [...(start === 'login' ? ['-l'] : []), '-e', `^${runInSh(command, quote)}; exit`],
  }),
  startup: async (place) => {
    const found = await findDirectories(place)
    if ('unanswered' in found) return found
    const { autoload, environmentFile, configFile, opensWithoutTerminal } = found
    const readBy = ['login', 'interactive'] as const
    const starts = opensWithoutTerminal ? readBy : []
    if (autoload === undefined) {
      return {
        loadPoints: [{ kind: 'block', path: environmentFile, readBy, ifMissing: 'create', preamble: [] }],
        files: [environmentFile, configFile],
        starts,
      }
    }
    const path = join(autoload, 'acs-env.nu')
    return {
      loadPoints: [{ kind: 'drop-in', path, readBy }],
      files: [environmentFile, configFile, path],
      starts,
    }
  },
}

interface Directories {
  /** Undefined in version 0.101 and older. */
  readonly autoload: string | undefined
  /** Version 0.101 and older refuses to read commands where there is no terminal; 0.107 and later does not. */
  readonly opensWithoutTerminal: boolean
  readonly environmentFile: string
  readonly configFile: string
}

/** Asks nushell, since they depend on the system and on the version; without any of the user's files. */
async function findDirectories(place: StartupPlace): Promise<Directories | Unanswered> {
  const { home, program, system } = place
  const result = await system.run(
    program,
    ['--no-config-file', '-c', '{ nu: $nu, version: (version).version } | to json'],
    {
      env: sessionEnvironment(program, home, system),
      timeoutMs: ASK_TIMEOUT_MS,
    },
  )
  if (result.kind === 'timed-out') {
    return { unanswered: `nushell did not answer within ${ASK_TIMEOUT_MS / 1000} seconds` }
  }
  const told = result.kind === 'exited' ? readTold(result.stdout) : undefined
  return told ?? usualDirectories(place)
}

function readTold(json: string): Directories | undefined {
  try {
    const { nu: told, version } = JSON.parse(json) as {
      readonly nu: Record<string, unknown>
      readonly version: unknown
    }
    const { 'env-path': environmentFile, 'config-path': configFile, 'user-autoload-dirs': directories } = told
    if (typeof environmentFile !== 'string' || typeof configFile !== 'string') return undefined
    const [autoload]: readonly unknown[] = Array.isArray(directories) ? directories : []
    const [major = 0, minor = 0] = String(version).split('.').map(Number)
    return {
      environmentFile,
      configFile,
      autoload: typeof autoload === 'string' ? autoload : undefined,
      opensWithoutTerminal: major > 0 || minor >= FIRST_WITHOUT_TERMINAL,
    }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Where nushell itself cannot be started. */
function usualDirectories(place: StartupPlace): Directories {
  const { home, system } = place
  const isMac = system.platform === 'darwin' && system.env.XDG_CONFIG_HOME === undefined
  const directory = join(isMac ? join(home, 'Library/Application Support') : configurationDirectory(place), 'nushell')
  return {
    autoload: join(directory, 'autoload'),
    environmentFile: join(directory, 'env.nu'),
    configFile: join(directory, 'config.nu'),
    opensWithoutTerminal: true,
  }
}
