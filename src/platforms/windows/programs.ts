import { win32 } from 'node:path'
import type { RunOptions, RunResult, System } from '../../system/system.ts'
import { system32 } from '../../system/windows-environment.ts'

/** The programs of Windows that read and write the registry, each by its full path. */
export interface WindowsPrograms {
  setx(args: readonly string[], options: RunOptions): Promise<RunResult>
  reg(args: readonly string[], options: RunOptions): Promise<RunResult>
  /** Runs a script in which no secret is: those go to its standard input. */
  powershell(script: string, options: RunOptions): Promise<RunResult>
}

export function windowsPrograms(system: System): WindowsPrograms {
  const directory = system32(system.env)
  const powershell = win32.join(directory, 'WindowsPowerShell', 'v1.0', 'powershell.exe')
  return {
    setx: (args, options) => system.run(win32.join(directory, 'setx.exe'), args, options),
    reg: (args, options) => system.run(win32.join(directory, 'reg.exe'), args, options),
    powershell: (script, options) => {
      const encoded = Buffer.from(script, 'utf16le').toString('base64')
      return system.run(powershell, ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], options)
    },
  }
}

/** Of what the program said nothing is repeated: it is translated, and may hold the value. */
export function howItEnded(result: RunResult): string {
  switch (result.kind) {
    case 'exited':
      return result.exitCode === 0 ? 'exit code 0, to no effect' : `exit code ${result.exitCode}`
    case 'killed':
      return 'was ended'
    case 'timed-out':
      return 'did not end in time'
    case 'not-started':
      return 'could not be started'
    default:
      return result satisfies never
  }
}
