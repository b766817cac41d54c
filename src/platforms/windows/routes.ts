import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../../secret.ts'
import type { RunResult } from '../../system/system.ts'
import { FULL_REGISTRY_KEY, REGISTRY_KEY } from '../../values/registry-key.ts'
import { setxKeeps } from '../../values/setx.ts'
import type { WindowsPrograms } from './programs.ts'
import { renderRegistryFile } from './registry-file.ts'

/** Takes well under a second, unless open windows do not answer the message about the change. */
const SETX_TIMEOUT_MS = 5_000
/** The same, and PowerShell alone may take seconds to start. */
const POWERSHELL_TIMEOUT_MS = 15_000
const REG_TIMEOUT_MS = 10_000

/** A way to store a value in the user environment, or to delete it. */
export interface Route {
  readonly name: string
  /** Open programs, above all the Explorer that starts new ones, get a message about the change. */
  readonly broadcasts: boolean
  takes(value: Secret | undefined, expands: boolean): boolean
  /** What it reports proves nothing: what the registry holds afterwards does. */
  write(name: string, value: Secret | undefined, expands: boolean): Promise<RunResult>
}

/** Does `work` with a directory for a file with secrets, which is gone afterwards. */
export type WithDirectory = <Result>(work: (directory: string) => Promise<Result>) => Promise<Result>

/** All routes, the one to try first in front. */
export function writingRoutes(programs: WindowsPrograms, withDirectory: WithDirectory): readonly Route[] {
  return [setx(programs), powershell(programs), regDelete(programs), regImport(programs, withDirectory)]
}

function setx(programs: WindowsPrograms): Route {
  return {
    name: 'setx',
    broadcasts: true,
    takes: (value, expands) => value !== undefined && !expands && setxKeeps(value),
    write: (name, value) => programs.setx([name, value?.reveal() ?? ''], { timeoutMs: SETX_TIMEOUT_MS }),
  }
}

function powershell(programs: WindowsPrograms): Route {
  const store = (name: string): string =>
    [
      `$ErrorActionPreference = 'Stop'`,
      // PowerShell itself reads what is on standard input, so [Console]::In would race with it.
      '$line = @($input)[0]',
      'if (-not $line) { exit 1 }',
      '$value = [Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($line))',
      `[Environment]::SetEnvironmentVariable('${name}', $value, 'User')`,
    ].join('\n')
  const remove = (name: string): string => `[Environment]::SetEnvironmentVariable('${name}', $null, 'User')`
  return {
    name: 'PowerShell',
    broadcasts: true,
    takes: (_value, expands) => !expands,
    write: (name, value) =>
      value === undefined
        ? programs.powershell(remove(name), { timeoutMs: POWERSHELL_TIMEOUT_MS })
        : programs.powershell(store(name), { timeoutMs: POWERSHELL_TIMEOUT_MS, input: inAscii(value) }),
  }
}

/** The console's code page has no part in this. */
function inAscii(value: Secret): Secret {
  return new Secret(`${Buffer.from(value.reveal(), 'utf16le').toString('base64')}\n`)
}

function regDelete(programs: WindowsPrograms): Route {
  return {
    name: 'reg delete',
    broadcasts: false,
    takes: (value) => value === undefined,
    // Without /f it asks, and some versions ask for ever.
    write: (name) => programs.reg(['delete', REGISTRY_KEY, '/v', name, '/f'], { timeoutMs: REG_TIMEOUT_MS }),
  }
}

function regImport(programs: WindowsPrograms, withDirectory: WithDirectory): Route {
  return {
    name: 'reg import',
    broadcasts: false,
    takes: () => true,
    write: (name, value, expands) =>
      withDirectory((directory) => {
        const file = join(directory, 'value.reg')
        const contents = renderRegistryFile(FULL_REGISTRY_KEY, name, value && { text: value.reveal(), expands })
        writeFileSync(file, contents, { mode: 0o600, flag: 'wx' })
        return programs.reg(['import', file], { timeoutMs: REG_TIMEOUT_MS })
      }),
  }
}
