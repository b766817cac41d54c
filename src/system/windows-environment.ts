import { win32 } from 'node:path'
import type { Environment } from './system.ts'

/** A drive and its root. Anything else that Windows calls a path may lead into the current directory. */
const ON_A_DRIVE = /^[A-Za-z]:[\\/]/

/** An environment variable of Windows, whose names have no letter case: MSYS hands some on in capital letters. */
export function lookUp(env: Environment, name: string): string | undefined {
  return env[name] ?? Object.entries(env).find(([other]) => other.toUpperCase() === name.toUpperCase())?.[1]
}

/**
 * The directory of the programs of Windows itself, which are started by their full paths: it is not always on PATH, and
 * a `reg.exe` in the current directory is not meant. A `SystemRoot` that is on no drive is not believed.
 */
export function system32(env: Environment): string {
  const roots = [lookUp(env, 'SystemRoot'), lookUp(env, 'windir')]
  const root = roots.find((path) => path !== undefined && ON_A_DRIVE.test(path)) ?? String.raw`C:\Windows`
  return win32.join(root, 'System32')
}

/** The program that command lines are run with: by a bare name Windows would look into the current directory first. */
export function commandProcessor(env: Environment): string {
  const named = lookUp(env, 'ComSpec')
  return named !== undefined && ON_A_DRIVE.test(named) ? named : win32.join(system32(env), 'cmd.exe')
}
