import type { RunResult } from '../../../src/system/system.ts'
import { ended } from '../homes/world.ts'

/** How launchd behaves: as reported by people who met it. */
export type LaunchdMood = 'well' | 'drains' | 'disabled' | 'ssh' | 'nobody' | 'lies' | 'denies' | 'hangs'

/** `launchctl` over a launchd in memory. */
export interface LaunchctlDouble {
  /** The targets that are loaded: `gui/501/label`. */
  readonly loaded: Set<string>
  /** The subcommands that changed something, or would have. */
  readonly calls: string[]
  mood: LaunchdMood
  run(args: readonly string[]): RunResult
}

export function makeLaunchctl(label: string): LaunchctlDouble {
  const loaded = new Set<string>()
  const calls: string[] = []
  let isEnabled = false
  let draining = 2
  const double: LaunchctlDouble = { loaded, calls, mood: 'well', run }
  return double

  function run([command = '', target = '']: readonly string[]): RunResult {
    if (double.mood === 'hangs') return { kind: 'timed-out' }
    if (command === 'print') {
      if (target.split('/').length > 2) return ended(loaded.has(target) ? 0 : 113, '', 'Could not find service')
      const hasGui = double.mood !== 'ssh' && double.mood !== 'nobody'
      const isThere = target.startsWith('gui/') ? hasGui : double.mood !== 'nobody'
      return ended(isThere ? 0 : 125, '', 'Domain does not support specified action')
    }
    calls.push(command)
    if (command === 'bootout')
      return loaded.delete(target) ? ended(0) : ended(3, '', 'Boot-out failed: 3: No such process')
    if (command === 'enable') {
      isEnabled = true
      return ended(0)
    }
    return bootstrap(`${target}/${label}`)
  }

  function bootstrap(target: string): RunResult {
    if (double.mood === 'denies') return ended(1, '', 'Bootstrap failed: 1: Operation not permitted')
    if (double.mood === 'disabled' && !isEnabled) return ended(119, '', 'Bootstrap failed: 119: Service is disabled')
    if (double.mood === 'drains' && draining > 0) {
      draining -= 1
      return ended(5, '', 'Bootstrap failed: 5: Input/output error')
    }
    if (double.mood !== 'lies') loaded.add(target)
    return ended(0)
  }
}
