import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RegistryString } from '../../store/plan.ts'
import { REGISTRY_KEY } from '../../values/registry-key.ts'
import type { WithDirectory } from './directory.ts'
import { howItEnded, type WindowsPrograms } from './programs.ts'
import { isRegistryFile, parseRegistryFile } from './registry-file.ts'

const REG_TIMEOUT_MS = 10_000
/** PowerShell alone may take seconds to start. */
const POWERSHELL_TIMEOUT_MS = 15_000

/** What a route has read: the string values by their names, or why there are none. */
type Reading =
  | { readonly kind: 'read'; readonly values: ReadonlyMap<string, RegistryString> }
  | { readonly kind: 'failed'; readonly reason: string }

/** A way to read the user environment. */
export interface ReadingRoute {
  readonly name: string
  read(): Promise<Reading>
}

/** All routes, the quick one in front. A policy that forbids registry tools forbids `reg.exe`, and not PowerShell. */
export function readingRoutes(programs: WindowsPrograms, withDirectory: WithDirectory): readonly ReadingRoute[] {
  return [regExport(programs, withDirectory), powershell(programs)]
}

function regExport(programs: WindowsPrograms, withDirectory: WithDirectory): ReadingRoute {
  return {
    name: 'reg export',
    read: async () => {
      const done = await withDirectory(async (directory) => {
        const file = join(directory, 'environment.reg')
        // Not `reg query`: on a pipe it replaces what the console's code page lacks by "?".
        const result = await programs.reg(['export', REGISTRY_KEY, file, '/y'], { timeoutMs: REG_TIMEOUT_MS })
        // One that did not end well may have written a part.
        const bytes = result.kind === 'exited' && result.exitCode === 0 ? tryRead(file) : undefined
        return { result, bytes }
      })
      if ('kind' in done) return { kind: 'failed', reason: 'no temporary directory' }
      // Taken for no values at all, it would cost the user their own.
      if (done.bytes === undefined || !isRegistryFile(done.bytes)) {
        return { kind: 'failed', reason: howItEnded(done.result) }
      }
      return { kind: 'read', values: parseRegistryFile(done.bytes) }
    },
  }
}

/** Writes a line for each string value, and behind them how many there are. It needs no file, and nothing is expanded. */
const SCRIPT = [
  `$ErrorActionPreference = 'Stop'`,
  `$key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment')`,
  '$count = 0',
  'foreach ($name in $key.GetValueNames()) {',
  '  $kind = $key.GetValueKind($name)',
  `  if ($kind -ne 'String' -and $kind -ne 'ExpandString') { continue }`,
  `  $value = $key.GetValue($name, '', 'DoNotExpandEnvironmentNames')`,
  '  $parts = foreach ($text in $name, $value) { [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text)) }',
  // Not to the pipeline: a policy may have all that goes there written to a log.
  `  [Console]::Out.WriteLine("$kind " + ($parts -join ' '))`,
  '  $count += 1',
  '}',
  '[Console]::Out.WriteLine("end $count")',
].join('\n')

function powershell(programs: WindowsPrograms): ReadingRoute {
  return {
    name: 'PowerShell',
    read: async () => {
      const result = await programs.powershell(SCRIPT, { timeoutMs: POWERSHELL_TIMEOUT_MS })
      const values = result.kind === 'exited' && result.exitCode === 0 ? parseLines(result.stdout) : undefined
      return values === undefined ? { kind: 'failed', reason: howItEnded(result) } : { kind: 'read', values }
    },
  }
}

/** The values in what the script wrote; undefined where not all of it is there. */
function parseLines(text: string): ReadonlyMap<string, RegistryString> | undefined {
  const lines = [...text.matchAll(/^(String|ExpandString) ([A-Za-z\d+/=]*) ([A-Za-z\d+/=]*)\r?$/gm)]
  const [, count] = /^end (\d+)\r?$/m.exec(text) ?? []
  if (count === undefined || Number(count) !== lines.length) return undefined
  const decode = (base64 = ''): string => Buffer.from(base64, 'base64').toString('utf16le')
  return new Map(
    lines.map(([, kind, name, value]) => [decode(name), { text: decode(value), expands: kind === 'ExpandString' }]),
  )
}

function tryRead(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
