import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, win32 } from 'node:path'
import { CliError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { RunResult, System } from '../system/system.ts'
import { parseRegistryFile, renderRegistryFile } from './registry-file.ts'
import { REGISTRY_KEY } from './registry-key.ts'

const FULL_KEY = String.raw`HKEY_CURRENT_USER\Environment`
/** What `setx` keeps of a value; it cuts the rest off and still reports success. */
const SETX_LIMIT = 1024
/** `setx` tells every open window of the change, and waits for each. */
const SETX_TIMEOUT_MS = 20_000
const REG_TIMEOUT_MS = 10_000

/** The user environment of Windows, in the registry. */
export interface UserEnvironment {
  /** All string values. Read without loss, whatever characters they have. */
  read(): Promise<ReadonlyMap<string, Secret>>
  /** Stores a value, or deletes it, and reads it back. Throws where the registry holds anything else afterwards. */
  write(name: string, value: Secret | undefined): Promise<void>
}

export function createUserEnvironment(system: System): UserEnvironment {
  // By its full path: System32 is not always on PATH, and a setx.exe that lies in the current directory is not meant.
  const program = (name: string): string =>
    win32.join(system.env.SystemRoot ?? String.raw`C:\Windows`, 'System32', name)

  const read = async (): Promise<ReadonlyMap<string, Secret>> =>
    withPrivateDirectory(system, async (directory) => {
      const file = join(directory, 'environment.reg')
      // Not `reg query`: on a pipe it replaces what the console's code page lacks by "?".
      const result = await system.run(program('reg.exe'), ['export', REGISTRY_KEY, file, '/y'], {
        timeoutMs: REG_TIMEOUT_MS,
      })
      try {
        const values = parseRegistryFile(readFileSync(file))
        return new Map([...values].map(([name, value]) => [name, new Secret(value)]))
      } catch {
        throw registryError('read', result)
      }
    })

  const holds = async (name: string, value: Secret | undefined): Promise<boolean> => {
    const stored = (await read()).get(name)
    return value === undefined ? stored === undefined : value.equals(stored)
  }

  const importValue = async (name: string, value: Secret | undefined): Promise<RunResult> =>
    withPrivateDirectory(system, (directory) => {
      const file = join(directory, 'value.reg')
      writeFileSync(file, renderRegistryFile(FULL_KEY, new Map([[name, value?.reveal()]])), { mode: 0o600, flag: 'wx' })
      return system.run(program('reg.exe'), ['import', file], { timeoutMs: REG_TIMEOUT_MS })
    })

  return {
    read,
    write: async (name, value) => {
      if (value !== undefined && value.reveal().length <= SETX_LIMIT) {
        await system.run(program('setx.exe'), [name, value.reveal()], { timeoutMs: SETX_TIMEOUT_MS })
        // Its exit code proves nothing: it is 0 for a value that was cut, and a slow broadcast is no failure.
        if (await holds(name, value)) return
      }
      const result = await importValue(name, value)
      if (!(await holds(name, value))) throw registryError('written', result)
    },
  }
}

async function withPrivateDirectory<Result>(
  { temporaryDirectory }: System,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(temporaryDirectory, 'acs-env-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function registryError(action: string, result: RunResult): CliError {
  const reason = {
    exited: 'its value is not the expected one',
    killed: 'the program was ended',
    'timed-out': 'the program did not end in time',
    'not-started': 'the program could not be started',
  }[result.kind]
  return new CliError(`The user environment (${REGISTRY_KEY}) could not be ${action}: ${reason}.`, {
    code: 'registry',
    hint: 'a policy may forbid it; ask whoever manages this computer',
  })
}
