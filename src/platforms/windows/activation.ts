import type { Environment } from '../../system/system.ts'
import { lookUp } from './programs.ts'
import { windowsShellAtHand, type WindowsShell } from './shell.ts'

/** What a user of Windows has to do for the variables to be there. */
export interface WindowsActivation {
  /** The one thing to do. */
  readonly text: string
  readonly isCommand: false
  /** A command that sets them in the console that is already open. */
  readonly here: string
  /** What to do where new consoles have the old values all the same; undefined where all were told. */
  readonly otherwise: string | undefined
}

/** Programs around a shell that hand on the environment they themselves began with. */
const HOSTS: readonly (readonly [variable: string, value: string | undefined, text: string])[] = [
  ['TERM_PROGRAM', 'vscode', 'close every VS Code window and open VS Code again'],
  ['VSAPPIDDIR', undefined, 'close Visual Studio and open it again'],
  ['TERMINAL_EMULATOR', 'JetBrains-JediTerm', 'close the IDE and open it again'],
  ['WT_SESSION', undefined, 'open a new tab of Windows Terminal (before version 1.18: a new window)'],
]

const SHELLS: Readonly<Record<WindowsShell, { readonly text: string; readonly here: string }>> = {
  'git-bash': { text: 'open a new Git Bash window', here: 'eval "$(acs-env env)"' },
  cmd: {
    text: 'open a new Command Prompt window',
    here: `for /f "delims=" %i in ('acs-env env --format cmd') do @%i`,
  },
  powershell: {
    text: 'open a new PowerShell window',
    here: 'acs-env env --format powershell | Out-String | Invoke-Expression',
  },
}

/**
 * The instructions for the place at hand.
 *
 * @param allTold whether open programs, the one that starts new consoles among them, were told of the change
 */
export function windowsActivation(env: Environment, allTold: boolean): WindowsActivation {
  const host = HOSTS.find(([variable, value]) => {
    const found = lookUp(env, variable)
    return value === undefined ? found !== undefined : found === value
  })
  const shell = SHELLS[windowsShellAtHand(env)]
  const [, , text] = host ?? ['', '', shell.text]
  const otherwise = allTold ? undefined : 'sign out of Windows and in again'
  const unsure = allTold ? '' : ` (if it has the old values, ${otherwise})`
  return { text: `${text}${unsure}`, isCommand: false, here: shell.here, otherwise }
}
