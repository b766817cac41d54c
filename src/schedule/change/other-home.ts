import { existsSync } from 'node:fs'
import { CliError } from '../../errors.ts'
import { printable } from '../../text/printable.ts'

const LAUNCHER = /\/[^"'\n]*\/\.config\/acs-env\/schedule\/acs-env-refresh/

/**
 * The launcher of another home in a unit or a crontab: a user has one of each, whatever HOME says. Undefined where there is
 * none, or that home is gone.
 *
 * @param launcher the one of this home
 */
export function launcherOfAnother(text: string, launcher: string): string | undefined {
  const [found] = LAUNCHER.exec(text) ?? []
  return found === undefined || found === launcher || !existsSync(found) ? undefined : found
}

/** Refuses to take the place of a job that another home has. */
export function requireNotAnothers(text: string, launcher: string): void {
  const other = launcherOfAnother(text, launcher)
  if (other === undefined) return
  throw new CliError(`You have a job already, which runs ${printable(other)}.`, {
    code: 'other_home',
    hint: 'run "acs-env unschedule" with the HOME that it belongs to, or leave it at that',
  })
}
