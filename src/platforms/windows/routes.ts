import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Secret } from '../../secret.ts'
import type { RunResult } from '../../system/system.ts'
import { FULL_REGISTRY_KEY, REGISTRY_KEY } from '../../values/registry-key.ts'
import { setxKeeps } from '../../values/setx.ts'
import type { WithDirectory } from './directory.ts'
import { quoted, VALUE_FROM_INPUT, inAscii } from './powershell-script.ts'
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

/** All routes, the one to try first in front. */
export function writingRoutes(programs: WindowsPrograms, withDirectory: WithDirectory): readonly Route[] {
  return [
    setx(programs),
    powershell(programs),
    regDelete(programs),
    regImport(programs, withDirectory),
    powershellExpanding(programs),
  ]
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
    [...VALUE_FROM_INPUT, `[Environment]::SetEnvironmentVariable(${quoted(name)}, $value, 'User')`].join('\n')
  const remove = (name: string): string => `[Environment]::SetEnvironmentVariable(${quoted(name)}, $null, 'User')`
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

/** `SetEnvironmentVariable` stores every value as REG_SZ. */
function powershellExpanding(programs: WindowsPrograms): Route {
  const store = (name: string): string =>
    [
      ...VALUE_FROM_INPUT,
      `[Microsoft.Win32.Registry]::SetValue('${FULL_REGISTRY_KEY}', ${quoted(name)}, $value, 'ExpandString')`,
    ].join('\n')
  return {
    name: 'PowerShell',
    broadcasts: false,
    takes: (value, expands) => value !== undefined && expands,
    write: (name, value) =>
      programs.powershell(store(name), {
        timeoutMs: POWERSHELL_TIMEOUT_MS,
        ...(value !== undefined && { input: inAscii(value) }),
      }),
  }
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
    write: async (name, value, expands) => {
      const done = await withDirectory((directory) => {
        const file = join(directory, 'value.reg')
        const contents = renderRegistryFile(FULL_REGISTRY_KEY, name, value && { text: value.reveal(), expands })
        writeFileSync(file, contents, { mode: 0o600, flag: 'wx' })
        return programs.reg(['import', file], { timeoutMs: REG_TIMEOUT_MS })
      })
      return done.kind === 'no-directory' ? { kind: 'not-started', code: done.code } : done
    },
  }
}
