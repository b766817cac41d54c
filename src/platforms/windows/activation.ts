import type { Activation } from '../../store/store.ts'
import type { Environment } from '../../system/system.ts'
import { lookUp } from '../../system/windows-environment.ts'
import { windowsShellAtHand, type WindowsShell } from './shell.ts'

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
 * @param hasBroadcast whether open programs, the one that starts new consoles among them, got a message about the change
 */
export function windowsActivation(env: Environment, hasBroadcast: boolean): Activation {
  const host = HOSTS.find(([variable, value]) => {
    const found = lookUp(env, variable)
    return value === undefined ? found !== undefined : found === value
  })
  const shell = SHELLS[windowsShellAtHand(env)]
  const [, , text] = host ?? ['', '', shell.text]
  const otherwise = hasBroadcast ? undefined : 'sign out of Windows and in again'
  const unsure = hasBroadcast ? '' : ` (if it has the old values, ${otherwise})`
  return { kind: 'instruction', text: `${text}${unsure}`, here: shell.here, otherwise }
}
