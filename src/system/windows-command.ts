import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { win32 } from 'node:path'
import { systemCode, UsageError } from '../errors.ts'
import type { Environment } from './system.ts'
import { lookUp, system32 } from './windows-environment.ts'

const USUAL_ENDINGS = '.COM;.EXE;.BAT;.CMD'
/** What Windows starts itself; for all else there is `cmd.exe`. */
const PROGRAM_ENDING = /\.(?:com|exe)$/i
/** Set to any value, it keeps Windows and `cmd` from looking into the current directory. */
const NO_CURRENT_DIRECTORY = 'NoDefaultCurrentDirectoryInExePath'
const SHEBANG = /^#!\s*(?:\S*\/)?env\s+(?:-S\s+)?([^\s/]+)|^#!\s*(?:\S*\/)?([^\s/]+)/
const SHEBANG_BYTES = 150

/**
 * What no quoting can keep `cmd.exe` from acting on, in the arguments that a batch file hands on with `%*`: a quote ends
 * the quoted part, a per cent sign begins a variable, and a line break ends the command.
 */
const HOSTILE = /["%\r\n\0]/
/** What needs no quotes: a batch file sees those in `%1`. */
const PLAIN = /^[\w\-./:\\@+#]+$/

/** The longest command line that `cmd.exe` takes (learn.microsoft.com, "Command prompt line string limitation"). */
const MOST_CHARACTERS = 8191

/** How Windows starts a command. */
export interface WindowsLaunch {
  readonly program: string
  readonly args: readonly string[]
  /** `args` are parts of the command line as they are, not to be quoted. */
  readonly verbatim: boolean
}

/**
 * Where Windows finds the program of this name: with one of the endings in PATHEXT, in the current directory unless
 * NoDefaultCurrentDirectoryInExePath is set, then along PATH.
 *
 * @param options `elsewhere` leaves the current directory out in any case, for programs that acs-env itself needs
 */
export function findOnWindows(
  program: string,
  env: Environment,
  { elsewhere = false }: { readonly elsewhere?: boolean } = {},
): string | undefined {
  const isPath = /[\\/:]/.test(program)
  const begins = elsewhere || lookUp(env, NO_CURRENT_DIRECTORY) !== undefined ? [] : ['']
  const onPath = listOf('PATH', env).map((directory) => directory.replaceAll('"', ''))
  // An empty entry would be the current directory.
  const directories = isPath
    ? ['']
    : [...begins, ...onPath.filter((directory) => directory !== '' && !(elsewhere && !win32.isAbsolute(directory)))]
  const endings = listOf('PATHEXT', env, USUAL_ENDINGS)
  const hasEnding = endings.some((ending) => ending !== '' && program.toUpperCase().endsWith(ending.toUpperCase()))
  // Beside `npm.cmd` lies `npm`, which is for other shells.
  const tried = hasEnding ? ['', ...endings] : [...endings, '']
  if (program === '') return undefined
  for (const directory of directories) {
    const ending = tried.find((ending) => isFile(win32.join(directory, program + ending)))
    if (ending !== undefined) return win32.resolve(directory, program + ending)
  }
  return undefined
}

/**
 * How to start the program with these arguments. Batch files and everything else that is not a program get them by way of
 * `cmd.exe`, which parses them a second time; arguments that it would act upon are refused.
 *
 * @throws UsageError where an argument cannot be passed safely
 */
export function windowsLaunch(program: string, args: readonly string[], env: Environment): WindowsLaunch {
  const path = findOnWindows(program, env)
  if (path === undefined) return { program, args, verbatim: false }
  if (PROGRAM_ENDING.test(path)) return { program: path, args, verbatim: false }
  const interpreter = interpreterOf(path)
  // Nobody has typed its name, so it does not come from the current directory.
  const interpreterPath = interpreter === undefined ? undefined : findOnWindows(interpreter, env, { elsewhere: true })
  if (interpreterPath !== undefined && PROGRAM_ENDING.test(interpreterPath)) {
    return { program: interpreterPath, args: [path, ...args], verbatim: false }
  }
  return throughCmd(path, args, env)
}

function throughCmd(path: string, args: readonly string[], env: Environment): WindowsLaunch {
  if (HOSTILE.test(path)) {
    throw new UsageError('A batch file whose path has a % cannot be started safely.', {
      hint: 'start it from a directory with another name, or start the program that it starts',
    })
  }
  if (args.some((argument) => HOSTILE.test(argument))) {
    throw new UsageError('An argument with ", % or a line break cannot be passed to a batch file safely.', {
      hint: 'start the program that the batch file starts, such as "node" with the path of the script',
    })
  }
  const line = [`"${path}"`, ...args.map(quote)].join(' ')
  if (line.length > MOST_CHARACTERS) {
    throw new UsageError(`The arguments are too long for a batch file: cmd.exe takes ${MOST_CHARACTERS} characters.`, {
      hint: 'start the program that the batch file starts, such as "node" with the path of the script',
    })
  }
  // /d: no AutoRun; /v:off: no !name!; /s: of all quotes only the outermost go.
  return {
    program: win32.join(system32(env), 'cmd.exe'),
    args: ['/d', '/e:on', '/v:off', '/s', '/c', `"${line}"`],
    verbatim: true,
  }
}

/** What the program at the end of the line takes for one argument: before a quote, backslashes count double. */
function quote(argument: string): string {
  return PLAIN.test(argument) ? argument : `"${argument.replace(/\\+$/, '$&$&')}"`
}

/** A script for other systems names its program in the first line. */
function interpreterOf(path: string): string | undefined {
  try {
    const descriptor = openSync(path, 'r')
    const start = Buffer.alloc(SHEBANG_BYTES)
    readSync(descriptor, start)
    closeSync(descriptor)
    const [, afterEnv, direct] = SHEBANG.exec(start.toString()) ?? []
    return afterEnv ?? direct
  } catch {
    return undefined
  }
}

function listOf(wanted: string, env: Environment, usual = ''): readonly string[] {
  return (lookUp(env, wanted) || usual).split(';')
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch (error) {
    // Programs of the Store are there, and yet Node cannot look at them (nodejs/node#36790).
    return !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
  }
}
