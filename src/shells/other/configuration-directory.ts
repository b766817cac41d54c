import { isAbsolute, join } from 'node:path'
import type { StartupPlace } from '../shell.ts'

/** Where programs look for their configuration: what `XDG_CONFIG_HOME` names in this session, else `~/.config`. */
export function configurationDirectory({ home, system: { env } }: Pick<StartupPlace, 'home' | 'system'>): string {
  const named = env.XDG_CONFIG_HOME
  return named !== undefined && isAbsolute(named) ? named : join(home, '.config')
}
