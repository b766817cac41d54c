import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../errors.ts'
import { readFileState } from '../../files/read.ts'
import type { Environment, RunResult, System } from '../../system/system.ts'
import { hoursOfDay, minutesOfHour, type Rhythm } from '../timing.ts'
import { removeFileStep } from './files.ts'
import { launcherOfAnother, requireNotAnothers } from './other-home.ts'
import { ask, describeEnd, writeStep } from './perform.ts'
import { runStep, type Command, type FileStep, type Scheduler, type ScheduleStep, type Wish } from './scheduler.ts'

const SERVICE = 'acs-env-refresh.service'
const TIMER = 'acs-env-refresh.timer'
/** Others may read it: the manager does, and no secret is in it. */
const UNIT_MODE = 0o644

/** The timers of systemd's manager for this user. @param launcher the one of this home */
export function createSystemd(home: string, launcher: string, system: System): Scheduler {
  const env = environmentOf(system)
  const systemctl = (...args: readonly string[]): Command => ({ program: 'systemctl', args: ['--user', ...args], env })

  /** Where units of the user are looked for, as the manager says; undefined where there is no manager. */
  const askForUnits = async (): Promise<string | RunResult> => {
    const result = await ask(systemctl('show', '-p', 'UnitPath'), system)
    if (result.kind !== 'exited' || result.exitCode !== 0) return result
    // The first is the user's configuration, wherever the manager has it. Spaces in it are not marked in any way.
    const [, directory] = /^UnitPath=(\/.*?\/systemd\/user)\.control(?: |$)/m.exec(result.stdout) ?? []
    return directory ?? join(home, '.config/systemd/user')
  }
  let units: Promise<string | RunResult> | undefined
  const findUnits = (): Promise<string | RunResult> => (units ??= askForUnits())
  const unitDirectory = async (): Promise<string> => {
    const found = await findUnits()
    return typeof found === 'string' ? found : join(home, '.config/systemd/user')
  }

  const show = async (): Promise<Readonly<Record<string, string>> | undefined> => {
    const names = ['LoadState', 'UnitFileState', 'ActiveState', 'NeedDaemonReload', 'NextElapseUSecRealtime']
    const result = await ask(systemctl('show', TIMER, ...names.flatMap((name) => ['-p', name])), system)
    if (result.kind !== 'exited' || result.exitCode !== 0) return undefined
    return Object.fromEntries(
      result.stdout.split('\n').flatMap((line) => {
        const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
        return name === undefined || value === undefined ? [] : [[name, value] as const]
      }),
    )
  }
  const isOn = (properties: Readonly<Record<string, string>> | undefined): boolean =>
    properties?.LoadState === 'loaded' &&
    properties.UnitFileState === 'enabled' &&
    properties.ActiveState === 'active' &&
    properties.NeedDaemonReload !== 'yes'

  return {
    id: 'systemd',
    catchesUp: true,
    // For the note of the last run.
    makesDirectories: ['.local/share/systemd/timers', '.local/share/systemd', '.local/share', '.local'].map((path) =>
      join(home, path),
    ),

    availability: async () => {
      const found = await findUnits()
      if (typeof found === 'string') return { kind: 'available', warnings: [] }
      return { kind: 'unavailable', reason: noManager(found) }
    },

    planJob: async (wish) => {
      const directory = await unitDirectory()
      requireNotMasked(directory)
      requireNotAnothers(textOf(join(directory, SERVICE)), launcher)
      const files = unitFiles(directory, wish)
      const isLingering = existsSync(lingerFile(await userName(system)))
      const linger = wish.linger && !isLingering ? [await lingerStep(system, env)] : []
      if (files.length === 0 && isOn(await show())) return linger
      const reload = systemctl('daemon-reload')
      const hint = 'see "systemctl --user status acs-env-refresh.timer", or use --scheduler cron'
      return [
        // Taken back last, when the unit files are as they were: the manager is to forget ours.
        runStep(reload, 'systemd did not read its units', { undo: reload, hint, shown: { kind: 'housekeeping' } }),
        ...files,
        runStep(reload, 'systemd did not read the new units', { hint, shown: { kind: 'housekeeping' } }),
        runStep(systemctl('enable', TIMER), 'The timer could not be enabled', {
          undo: systemctl('disable', '--now', TIMER),
          hint,
        }),
        // "enable --now" leaves a timer that runs already as it was.
        runStep(systemctl('restart', TIMER), 'The timer could not be started', { hint }),
        ...linger,
      ]
    },

    planRemoval: async () => {
      const found = await findUnits()
      const directory = typeof found === 'string' ? found : join(home, '.config/systemd/user')
      if (launcherOfAnother(textOf(join(directory, SERVICE)), launcher) !== undefined) return []
      const wants = join(directory, 'timers.target.wants', TIMER)
      const stamp = join(home, '.local/share/systemd/timers', `stamp-${TIMER}`)
      const files = [join(directory, SERVICE), join(directory, TIMER), wants, stamp].flatMap((path) =>
        removeFileStep(path),
      )
      if (files.length === 0) return []
      if (typeof found !== 'string') return files
      const tidy = { alsoFine: 'all', shown: { kind: 'housekeeping' } } as const
      return [
        // Exit 5 where the timer is not loaded: the link is removed all the same.
        runStep(systemctl('disable', '--now', TIMER), 'The timer could not be disabled', {
          alsoFine: [1, 5],
          shown: { kind: 'housekeeping' },
        }),
        // Only while the unit's file is there; it removes the note of the last run.
        runStep(systemctl('clean', '--what=state', TIMER), 'The timer was not cleaned', tidy),
        ...files,
        runStep(systemctl('daemon-reload'), 'systemd did not read its units', tidy),
        runStep(systemctl('reset-failed', SERVICE), 'The service was not reset', tidy),
      ]
    },

    readBack: async () => {
      const properties = await show()
      if (!isOn(properties)) {
        const { LoadState = 'unknown', UnitFileState = '', ActiveState = '' } = properties ?? {}
        return { kind: 'not-registered', found: [LoadState, UnitFileState, ActiveState].filter(Boolean).join(', ') }
      }
      return {
        kind: 'registered',
        nextRun: readTime(properties?.NextElapseUSecRealtime),
        runsWhileLoggedOut: existsSync(lingerFile(await userName(system))),
        remarks: [],
      }
    },

    files: async () => {
      const directory = await unitDirectory()
      return [join(directory, SERVICE), join(directory, TIMER), join(directory, 'timers.target.wants', TIMER)]
    },
  }

  function unitFiles(directory: string, wish: Wish): readonly FileStep[] {
    const units = [
      [SERVICE, renderService(wish)],
      [TIMER, renderTimer(wish)],
    ] as const
    return units.flatMap(([name, text]) => {
      const path = join(directory, name)
      const lines = text.trimEnd().split('\n')
      const shown = { kind: 'shown', summary: 'a unit of systemd', lines: lines.map((line) => `+ ${line}`) } as const
      return writeStep(readFileState(path), path, Buffer.from(text), UNIT_MODE, shown)
    })
  }
}

/** What a unit file has; empty where there is none, or a mask in its place. */
function textOf(path: string): string {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true
  return isFile ? (readFileState(path).bytes?.toString('utf8') ?? '') : ''
}

/** The user whose lingering this run would switch on; undefined where it is on already. */
export async function userToLinger(system: System): Promise<string | undefined> {
  const name = await userName(system)
  return existsSync(lingerFile(name)) ? undefined : name
}

/** The command that lets the user's manager end with the last session again. */
export function stopLingering(user: string, system: System): Command {
  return { program: 'loginctl', args: ['disable-linger', user], env: environmentOf(system) }
}

/** The service: runs the launcher once. */
export function renderService({ launcher }: Pick<Wish, 'launcher'>): string {
  return [
    '[Unit]',
    'Description=Renew the Azure Communication Services access token (acs-env)',
    '',
    '[Service]',
    'Type=oneshot',
    // As an argument of sh: systemd refuses a program whose path has a quote, and a home may be mounted noexec.
    `ExecStart=/bin/sh ${quoteUnitArgument(launcher)}`,
    'TimeoutStartSec=2min',
    '',
  ].join('\n')
}

/** The timer, which makes up for a run that was missed. */
export function renderTimer(rhythm: Rhythm): string {
  const hours = hoursOfDay(rhythm)?.join(',') ?? '*'
  return [
    '[Unit]',
    'Description=Renew the Azure Communication Services access token (acs-env)',
    '',
    '[Timer]',
    `OnCalendar=${hours}:${minutesOfHour(rhythm).join(',')}`,
    'Persistent=true',
    // No RandomizedDelaySec: it would also put off the run that makes up for a missed one.
    'AccuracySec=1min',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n')
}

/** An argument of ExecStart= as systemd.service(5) has it: C escapes, specifiers and variables. */
function quoteUnitArgument(text: string): string {
  const escaped = text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`)
  return `"${escaped.replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}

/** Programs such as `sudo -u` and `ssh` commands leave the variable out by which the manager is found. */
function environmentOf({ env, userId }: System): Environment {
  const usual = `/run/user/${userId}`
  const isMissing = env.XDG_RUNTIME_DIR === undefined && existsSync(`${usual}/systemd/private`)
  return {
    ...env,
    ...(isMissing && { XDG_RUNTIME_DIR: usual }),
    LC_ALL: 'C',
    // The times are printed in the time zone of the one who asks.
    TZ: 'UTC',
    SYSTEMD_PAGER: '',
    SYSTEMD_COLORS: '0',
  }
}

function noManager(result: RunResult): CliError {
  return new CliError(`There is no systemd user session here (${describeEnd(result)}).`, {
    code: 'no_scheduler',
    hint: 'log in as this user, or use --scheduler cron',
  })
}

/** A mask is a link to nothing, put there on purpose. */
function requireNotMasked(directory: string): void {
  for (const unit of [SERVICE, TIMER]) {
    const path = join(directory, unit)
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    if (!isLink || readlinkSync(path) !== '/dev/null') continue
    throw new CliError(`The systemd unit ${unit} is masked.`, {
      code: 'scheduler',
      hint: `"systemctl --user unmask ${unit}" ends that, or use --scheduler cron`,
    })
  }
}

async function lingerStep(system: System, env: Environment): Promise<ScheduleStep> {
  const user = await userName(system)
  return runStep({ program: 'loginctl', args: ['enable-linger', user], env }, 'Lingering could not be switched on', {
    undo: stopLingering(user, system),
    hint: 'an administrator can run "loginctl enable-linger" for you; or leave out --linger',
  })
}

function lingerFile(user: string): string {
  return `/var/lib/systemd/linger/${user}`
}

/** The name of the account, which variables may not have, or have from another one. */
export async function userName(system: System): Promise<string> {
  const result = await ask({ program: 'id', args: ['-un'] }, system)
  const name = result.kind === 'exited' && result.exitCode === 0 ? result.stdout.trim() : ''
  return name === '' ? (system.env.USER ?? system.env.LOGNAME ?? '') : name
}

/** `Sat 2026-11-28 13:09:33 UTC`; empty while the service runs. */
function readTime(text = ''): Date | undefined {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? []
  return day === undefined ? undefined : new Date(`${day}T${time}Z`)
}
