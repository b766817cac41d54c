import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../../../src/errors.ts'
import { findOnWindows, windowsLaunch } from '../../../../src/system/windows-command.ts'

/** A command for `exec`, and what is in its environment besides. */
export interface InsideCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Refused or not, it is not started. */
  readonly starts?: boolean
}

/** The result. `started` is the program that was started in its place. */
export interface InsideResult {
  readonly outcome: 'not-found' | 'refused' | 'started'
  readonly started: string
  readonly stdout: string
  readonly exitCode: number | null
}

/** For the Node for Windows: hundreds of commands in one process, since under Wine each costs a second on a busy machine. */
function main([, , name = '']: readonly string[]): void {
  const commands = JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as readonly InsideCommand[]
  writeFileSync(join(__dirname, name), JSON.stringify(commands.map((command) => perform(command))))
}

function perform({ program, args, env: extra = {}, starts = true }: InsideCommand): InsideResult {
  const env = { ...process.env, ...extra }
  const nothing = { started: '', stdout: '', exitCode: null }
  if (findOnWindows(program, env) === undefined) return { ...nothing, outcome: 'not-found' }
  try {
    const launch = windowsLaunch(program, args, env)
    if (!starts) return { ...nothing, outcome: 'started', started: launch.program }
    const child = spawnSync(launch.program, launch.args, {
      env,
      windowsVerbatimArguments: launch.verbatim,
      encoding: 'utf8',
    })
    return { outcome: 'started', started: launch.program, stdout: child.stdout, exitCode: child.status }
  } catch (error) {
    if (error instanceof UsageError) return { ...nothing, outcome: 'refused' }
    throw error
  }
}

main(process.argv)
