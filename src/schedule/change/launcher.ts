import { join, sep } from 'node:path'
import { quotePosix } from '../../shells/posix-words.ts'
import type { System } from '../../system/system.ts'
import { NO_NODE_FILE } from '../job.ts'
import { LAUNCHER_FILE } from './file-names.ts'
import type { RecordedVariable } from './recorded-variables.ts'

/** The script that a scheduler runs. */
export function launcherPath(directory: string, { platform }: Pick<System, 'platform'>): string {
  return join(directory, platform === 'win32' ? LAUNCHER_FILE.windows : LAUNCHER_FILE.posix)
}

/** What a launcher starts, with what. */
export interface LauncherRequest {
  readonly home: string
  /** Our own, with the launcher in it. */
  readonly directory: string
  /** The directory of the copy of the program, below our own. */
  readonly copy: string
  /** Nodes to try first: absolute paths. */
  readonly nodes: readonly string[]
  readonly variables: readonly RecordedVariable[]
  readonly ifExpiresWithinMinutes: number
  /** The options of each run besides that: none, or `--all` for every stored resource. */
  readonly scope: '' | '--all '
}

/** The oldest Node that the program runs on. */
const MINIMUM = { major: 20, minor: 19 } as const

/** Exits with 0 on a Node that is new enough. No double quotes, per cent signs or line breaks: it is also used in cmd. */
const NODE_CHECK =
  `const [a,b]=process.versions.node.split('.').map(Number);` +
  `process.exit(a>${MINIMUM.major}||a===${MINIMUM.major}&&b>=${MINIMUM.minor}?0:1)`

/** The message and the exit code where no Node was found. */
const NO_NODE_MESSAGE = `acs-env: no Node.js ${MINIMUM.major}.${MINIMUM.minor} or newer was found.`
export const NO_NODE_EXIT = 127

/** Where installed Nodes are, as words of sh. Version managers have a link to the one in use, or many versions. */
const USUAL_NODES = [
  '"$HOME/.volta/bin/node"',
  '"$HOME/.local/share/mise/shims/node"',
  '"$HOME/.asdf/shims/node"',
  '"$HOME/.nodenv/shims/node"',
  '"$HOME/.local/share/fnm/aliases/default/bin/node"',
  '"$HOME/Library/Application Support/fnm/aliases/default/bin/node"',
  '"$HOME/.fnm/aliases/default/bin/node"',
  '"$HOME"/.nvm/versions/node/*/bin/node',
  '"$HOME/n/bin/node"',
  '/opt/homebrew/bin/node',
  '/opt/homebrew/opt/node*/bin/node',
  '/home/linuxbrew/.linuxbrew/bin/node',
  '/usr/local/bin/node',
  '/usr/bin/node',
  '/usr/bin/nodejs',
  '/opt/local/bin/node',
  '"$HOME/.nix-profile/bin/node"',
  '/run/current-system/sw/bin/node',
  '/snap/bin/node',
  '"$HOME/.local/bin/node"',
]

/** The launcher of macOS and Linux, for any sh. */
export function renderLauncher(request: LauncherRequest): string {
  const { home, directory, copy, nodes, variables, ifExpiresWithinMinutes, scope } = request
  const own = nodes.flatMap((node) => [quotePosix(node), ...otherVersions(node)])
  const candidates = [...new Set([...own, ...USUAL_NODES])]
  return [
    '#!/bin/sh',
    '# Written by acs-env, and run by the scheduler of the system to renew the stored token.',
    '# "acs-env unschedule" removes it.',
    '',
    'if [ "${1-}" = silent ]; then',
    '  shift',
    '  exec >/dev/null 2>&1',
    'fi',
    '',
    '# Schedulers hand on nothing of what a shell has set.',
    `export HOME=${quotePosix(home)}`,
    'export ACS_ENV_SCHEDULED=1',
    ...variables.map(({ name, value }) => `export ${name}=${quotePosix(value.reveal())}`),
    '',
    '# A run that was given options is one to try it, and renews at once.',
    `[ $# -gt 0 ] || set -- --if-expires-within ${ifExpiresWithinMinutes}m`,
    '',
    `here=${quotePosix(directory)}`,
    'for node in \\',
    ...candidates.map((candidate, index) => `  ${candidate}${index === candidates.length - 1 ? '; do' : ' \\'}`),
    '  [ -x "$node" ] || continue',
    `  "$node" -e ${quotePosix(NODE_CHECK)} </dev/null >/dev/null 2>&1 || continue`,
    `  [ ! -e "$here/${NO_NODE_FILE}" ] || rm -f "$here/${NO_NODE_FILE}"`,
    `  exec "$node" "$here"/${quotePosix(join(copy, 'cli.cjs').slice(directory.length + 1))} \\`,
    `    refresh --quiet ${scope}"$@"`,
    'done',
    '',
    `: >"$here/${NO_NODE_FILE}"`,
    `echo ${quotePosix(NO_NODE_MESSAGE)} >&2`,
    `exit ${NO_NODE_EXIT}`,
    '',
  ].join('\n')
}

/** `…/node/v22.1.0/bin/node` goes with the next update; beside it are, or will be, others. */
function otherVersions(node: string): readonly string[] {
  const [, before, after] = /^(.*\/)v?\d+\.\d+[^/]*(\/.*)$/.exec(node) ?? []
  return before === undefined || after === undefined ? [] : [`${quotePosix(before)}*${quotePosix(after)}`]
}

/** The launcher of Windows, a batch file; cmd wants CRLF. */
export function renderWindowsLauncher(request: LauncherRequest): string {
  const { directory, copy, nodes, variables, ifExpiresWithinMinutes, scope } = request
  // A batch file replaces "%", in quotes too.
  const literal = (text: string): string => text.replaceAll('%', '%%')
  const candidates = [
    ...nodes.map((node) => `"${literal(node)}"`),
    String.raw`"%ProgramFiles%\nodejs\node.exe"`,
    String.raw`"%NVM_SYMLINK%\node.exe"`,
    String.raw`"%LOCALAPPDATA%\Volta\bin\node.exe"`,
    String.raw`"%ProgramFiles%\Volta\node.exe"`,
    String.raw`"%LOCALAPPDATA%\Microsoft\WinGet\Links\node.exe"`,
    String.raw`"%USERPROFILE%\scoop\apps\nodejs\current\node.exe"`,
    String.raw`"%USERPROFILE%\scoop\apps\nodejs-lts\current\node.exe"`,
    String.raw`"%APPDATA%\fnm\aliases\default\node.exe"`,
    String.raw`"%LOCALAPPDATA%\mise\shims\node.exe"`,
  ]
  const program = join(copy, 'cli.cjs').slice(directory.length + 1)
  return [
    '@echo off',
    'rem Written by acs-env, and run by the Task Scheduler to renew the stored token.',
    'rem "acs-env unschedule" removes it.',
    'setlocal DisableDelayedExpansion',
    // The file is in UTF-8. By its full path: cmd looks for programs in the current directory first.
    String.raw`"%SystemRoot%\System32\chcp.com" 65001 >nul 2>nul`,
    'set "ACS_ENV_SCHEDULED=1"',
    ...variables.map(({ name, value }) => `set "${name}=${literal(value.reveal())}"`),
    'set "options=%*"',
    `if not defined options set "options=--if-expires-within ${ifExpiresWithinMinutes}m"`,
    'set "node="',
    // In one line, to which "if" applies as a whole.
    `for %%N in (${candidates.join(' ')}) do if not defined node if exist %%N %%N -e "${NODE_CHECK}" >nul 2>nul && set "node=%%~N"`,
    'if not defined node for %%N in (node.exe) do set "node=%%~$PATH:N"',
    'if not defined node goto none',
    `if exist "%~dp0${NO_NODE_FILE}" del "%~dp0${NO_NODE_FILE}"`,
    `"%node%" "%~dp0${program.replaceAll(sep, '\\')}" refresh --quiet ${scope}%options%`,
    'exit /b %errorlevel%',
    '',
    ':none',
    `type nul >"%~dp0${NO_NODE_FILE}"`,
    `echo ${NO_NODE_MESSAGE} 1>&2`,
    `exit /b ${NO_NODE_EXIT}`,
    '',
  ].join('\r\n')
}
