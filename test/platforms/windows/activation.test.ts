import { describe, expect, it } from 'vitest'
import { windowsActivation } from '../../../src/platforms/windows/activation.ts'

const HERE = {
  cmd: `for /f "delims=" %i in ('acs-env env --format cmd') do @%i`,
  powershell: 'acs-env env --format powershell | Out-String | Invoke-Expression',
  bash: 'eval "$(acs-env env)"',
}
const PROMPT = { PROMPT: '$P$G' }
const SYSTEM = {
  ProgramFiles: 'C:\\Program Files',
  'ProgramFiles(x86)': 'C:\\Program Files (x86)',
  SystemRoot: 'C:\\WINDOWS',
}
/** What Windows has without a PowerShell around. */
const MODULES = 'C:\\Program Files\\WindowsPowerShell\\Modules;C:\\WINDOWS\\system32\\WindowsPowerShell\\v1.0\\Modules'
const MODULES_OF_PROGRAMS =
  'C:\\Program Files (x86)\\Microsoft SQL Server\\130\\Tools\\PowerShell\\Modules\\;C:\\Program Files (x86)\\WindowsPowerShell\\Modules'
const MSYS = { MSYSTEM: 'MINGW64', SHELL: '/usr/bin/bash' }

describe('the instructions on Windows', () => {
  it.each([
    ['the Command Prompt', PROMPT, 'open a new Command Prompt window', HERE.cmd],
    [
      'PowerShell, behind the cmd of npx',
      { ...PROMPT, ...SYSTEM, PSModulePath: `C:\\Users\\x\\Documents\\WindowsPowerShell\\Modules;${MODULES}` },
      'open a new PowerShell window',
      HERE.powershell,
    ],
    [
      'PowerShell 7, with letters as they come',
      { ...PROMPT, ...SYSTEM, PSMODULEPATH: 'D:\\documents\\powershell\\modules' },
      'open a new PowerShell window',
      HERE.powershell,
    ],
    [
      'the Command Prompt, behind the cmd of npx',
      { ...PROMPT, ...SYSTEM, PSModulePath: `${MODULES};${MODULES_OF_PROGRAMS}` },
      'open a new Command Prompt window',
      HERE.cmd,
    ],
    ['PowerShell', {}, 'open a new PowerShell window', HERE.powershell],
    ['Git Bash', MSYS, 'open a new Git Bash window', HERE.bash],
    ['Git Bash started from the Command Prompt', { ...PROMPT, ...MSYS }, 'open a new Git Bash window', HERE.bash],
    ['names in capital letters', { wt_session: 'x', prompt: '$P' }, /^open a new tab of Windows Terminal/, HERE.cmd],
    ['Windows Terminal', { WT_SESSION: 'x' }, /^open a new tab of Windows Terminal/, HERE.powershell],
    ['VS Code', { TERM_PROGRAM: 'vscode' }, 'close every VS Code window and open VS Code again', HERE.powershell],
    [
      'VS Code that was started from Windows Terminal, with Git Bash in it',
      { TERM_PROGRAM: 'vscode', WT_SESSION: 'x', ...MSYS },
      'close every VS Code window and open VS Code again',
      HERE.bash,
    ],
    ['mintty', { TERM_PROGRAM: 'mintty', ...MSYS }, 'open a new Git Bash window', HERE.bash],
    ['Visual Studio', { VSAPPIDDIR: 'C:\\VS\\', ...PROMPT }, 'close Visual Studio and open it again', HERE.cmd],
    ['JetBrains', { TERMINAL_EMULATOR: 'JetBrains-JediTerm' }, 'close the IDE and open it again', HERE.powershell],
  ])('fit %s', (_, env, text, here) => {
    const activation = windowsActivation(env, true)
    expect(activation).toEqual({
      text: typeof text === 'string' ? text : expect.stringMatching(text),
      kind: 'instruction',
      here,
      otherwise: undefined,
    })
    expect(activation.text).not.toContain('\n')
  })

  it('say what to do where open programs were not notified', () => {
    expect(windowsActivation({}, false)).toMatchObject({
      text: 'open a new PowerShell window (if it has the old values, sign out of Windows and in again)',
      otherwise: 'sign out of Windows and in again',
    })
  })
})
