import { win32 } from 'node:path'
import type { Environment, RunOptions, RunResult, System } from '../../system/system.ts'

/** The programs of Windows that read and write the registry, each by its full path. */
export interface WindowsPrograms {
  setx(args: readonly string[], options: RunOptions): Promise<RunResult>
  reg(args: readonly string[], options: RunOptions): Promise<RunResult>
  /** Runs a script in which no secret is: those go to its standard input. */
  powershell(script: string, options: RunOptions): Promise<RunResult>
}

export function windowsPrograms(system: System): WindowsPrograms {
  // By the full path: System32 is not always on PATH, and a setx.exe that lies in the current directory is not meant.
  const system32 = win32.join(lookUp(system.env, 'SystemRoot') ?? String.raw`C:\Windows`, 'System32')
  const powershell = win32.join(system32, 'WindowsPowerShell', 'v1.0', 'powershell.exe')
  return {
    setx: (args, options) => system.run(win32.join(system32, 'setx.exe'), args, options),
    reg: (args, options) => system.run(win32.join(system32, 'reg.exe'), args, options),
    powershell: (script, options) => {
      const encoded = Buffer.from(script, 'utf16le').toString('base64')
      return system.run(powershell, ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], options)
    },
  }
}

/** An environment variable of Windows: MSYS hands some on in capital letters. */
export function lookUp(env: Environment, name: string): string | undefined {
  return env[name] ?? Object.entries(env).find(([other]) => other.toUpperCase() === name.toUpperCase())?.[1]
}
