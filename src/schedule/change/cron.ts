import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../errors.ts'
import { readFileState } from '../../files/read.ts'
import { quotePosix } from '../../shells/posix-words.ts'
import { PRIVATE } from '../../store/own-files.ts'
import type { System } from '../../system/system.ts'
import { hoursOfDay, minutesOfHour } from '../timing.ts'
import {
  blockOf,
  crontabEnvironment,
  readCrontab,
  unreadable,
  whyNotWritable,
  withBlock,
  withoutBlock,
  type Crontab,
} from './crontab.ts'
import { CRONTAB_FILE } from './file-names.ts'
import { removeFileStep } from './files.ts'
import { launcherOfAnother, requireNotAnothers } from './other-home.ts'
import { writeStep } from './perform.ts'
import { runStep, type Command, type RunStep, type Scheduler, type ScheduleStep, type Wish } from './scheduler.ts'

const DAEMONS = /^(?:cron|crond|cronie|fcron|bcron(?:-.*)?|dcron|busybox-crond)$/

/**
 * cron, by the user's crontab. Every variety of `crontab` fails in another way, and some say that they stored a table
 * that they did not: what counts is the table that is read again.
 *
 * @param directory our own, private one
 * @param launcher the one of this home
 */
export function createCron(directory: string, launcher: string, system: System, signal: AbortSignal): Scheduler {
  const env = crontabEnvironment(system)
  const before = join(directory, CRONTAB_FILE.before)
  const previous = join(directory, CRONTAB_FILE.previous)
  const next = join(directory, CRONTAB_FILE.next)
  const crontab = (...args: readonly string[]): Command => ({ program: 'crontab', args, env })

  const read = async (): Promise<Crontab> => readCrontab(system, signal)
  const readWritable = async (): Promise<Buffer | undefined> => {
    const found = await read()
    if (found.kind === 'no-program') throw noCrontab()
    if (found.kind === 'unreadable') throw unreadable(found.why)
    if (found.kind === 'none') return undefined
    const why = whyNotWritable(found.bytes)
    if (why !== undefined) throw notWritable(why)
    return found.bytes
  }

  /** From a file: where the writer of a pipe dies, crontab installs half a table. */
  const install = (
    table: Buffer,
    failure: string,
    undo: Command | undefined,
    lines: readonly string[],
    alsoFine: RunStep['alsoFine'] = [],
  ): readonly ScheduleStep[] => [
    ...writeStep(readFileState(next), next, table, PRIVATE, { kind: 'housekeeping' }),
    runStep(crontab(next), failure, {
      undo,
      alsoFine,
      hint: 'see what "crontab -e" says',
      shown: { kind: 'shown', summary: 'your crontab', lines },
    }),
  ]

  return {
    id: 'cron',
    catchesUp: false,
    makesDirectories: [],

    availability: async () => {
      const found = await read()
      if (found.kind === 'no-program') return { kind: 'unavailable', reason: noCrontab() }
      if (found.kind === 'unreadable') return { kind: 'unavailable', reason: unreadable(found.why) }
      const warning = 'No cron daemon seems to run here, so nothing will be renewed until one is started.'
      return { kind: 'available', warnings: daemonRuns() ? [] : [warning] }
    },

    planJob: async (wish) => {
      const line = renderLine(wish)
      const table = await readWritable()
      requireNotAnothers(blockOf(table), wish.launcher)
      const wanted = withBlock(table ?? Buffer.alloc(0), line)
      if (table?.equals(wanted) === true) return []
      const lines = [`+ ${line}`]
      if (table === undefined) {
        return [...removeFileStep(before), ...install(wanted, 'The crontab was not changed', crontab('-r'), lines)]
      }
      // With our block in it, it is not the original any more.
      const kept = withoutBlock(table) === undefined ? before : previous
      return [
        ...writeStep(readFileState(kept), kept, table, PRIVATE, { kind: 'housekeeping' }),
        ...install(wanted, 'The crontab was not changed', crontab(kept), lines),
      ]
    },

    planRemoval: async () => {
      const found = await read()
      if (found.kind === 'no-program' || found.kind === 'none') return []
      if (found.kind === 'unreadable') throw unreadable(found.why)
      if (launcherOfAnother(blockOf(found.bytes), launcher) !== undefined) return []
      const rest = withoutBlock(found.bytes)
      if (rest === undefined) return []
      const why = whyNotWritable(found.bytes)
      if (why !== undefined) throw notWritable(why)
      const lines = ['- (the lines between the acs-env markers)']
      const original = readFileState(before).bytes
      if (rest.length === 0 && original === undefined) {
        const tidy = { alsoFine: 'all', shown: { kind: 'housekeeping' } } as const
        return [
          ...install(rest, 'The crontab was not changed', undefined, lines, 'all'),
          // After the other: dcron knows no -r, and there an empty table has to do.
          runStep(crontab('-r'), 'The crontab was not removed', tidy),
        ]
      }
      // A last line without a line break was given one.
      const isOriginal = original !== undefined && Buffer.concat([original, Buffer.from('\n')]).equals(rest)
      return install(isOriginal ? original : rest, 'The crontab was not changed', undefined, lines)
    },

    readBack: async (wish) => {
      const found = await read()
      const isThere = found.kind === 'table' && withBlock(found.bytes, renderLine(wish)).equals(found.bytes)
      const isWhole = isThere && found.bytes.equals(readFileState(next).bytes ?? found.bytes)
      if (!isWhole) {
        return {
          kind: 'not-registered',
          found: 'crontab reported success, and the table is not the one that was given',
        }
      }
      return { kind: 'registered', nextRun: undefined, runsWhileLoggedOut: true, remarks: [] }
    },

    files: async () => [],
  }

  /** Where processes of others are hidden nobody can tell, and then it is taken to run. */
  function daemonRuns(): boolean {
    try {
      const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
      const names = ids.flatMap((id) => nameOfProcess(id))
      return names.length <= 1 || names.some((name) => DAEMONS.test(name))
    } catch {
      return true
    }
  }
}

/**
 * The line of the crontab. Its shell is the user's choice (`SHELL=/usr/bin/fish`), and every one takes a quoted path.
 * "silent" keeps cron from sending mail.
 */
export function renderLine(wish: Wish): string {
  const { launcher } = wish
  if (/[%\r\n]/.test(launcher)) {
    throw new CliError('A crontab cannot name your home, whose path has a "%" or a line break in it.', {
      code: 'scheduler',
      hint: '"acs-env exec" and "acs-env token" renew when they are used',
    })
  }
  const hours = hoursOfDay(wish)?.join(',') ?? '*'
  return `${minutesOfHour(wish).join(',')} ${hours} * * * /bin/sh ${quotePosix(launcher)} silent`
}

function nameOfProcess(id: string): readonly string[] {
  try {
    return [readFileSync(`/proc/${id}/comm`, 'utf8').trim()]
  } catch {
    return []
  }
}

function noCrontab(): CliError {
  return new CliError('There is no crontab command here.', {
    code: 'no_scheduler',
    hint: '"acs-env exec" and "acs-env token" renew when they are used',
  })
}

function notWritable(why: string): CliError {
  return new CliError(`The crontab was left alone: ${why}.`, {
    code: 'crontab',
    hint: 'see "crontab -e"',
  })
}
