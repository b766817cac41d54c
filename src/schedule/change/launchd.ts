import { join } from 'node:path'
import { readFileState } from '../../files/read.ts'
import type { System } from '../../system/system.ts'
import { hoursOfDay, minutesOfHour, type Rhythm } from '../timing.ts'
import { removeFileStep } from './files.ts'
import { saysYes, writeStep } from './perform.ts'
import { runStep, type Command, type Scheduler, type ScheduleStep, type Wish } from './scheduler.ts'
import { escapeXml } from './xml.ts'

const LABEL = 'acs-env.refresh'
/** launchd refuses a file that others may write to, and on current systems one that they may not read. */
const PLIST_MODE = 0o644
const LAUNCHCTL = '/bin/launchctl'
/** EIO: loaded already, or the old job is still draining. EINPROGRESS. */
const BUSY = [5, 36, 37]
const RETRY_DELAY_MS = 1_000

/** Where the agent lives: in the graphical session, or in the one that every log-in has; nowhere before any log-in. */
type Domain = { readonly name: string; readonly isGraphical: boolean }

/** The agents of launchd on macOS. */
export function createLaunchd(home: string, system: System): Scheduler {
  const plist = join(home, 'Library/LaunchAgents', `${LABEL}.plist`)
  const launchctl = (...args: readonly string[]): Command => ({ program: LAUNCHCTL, args })
  const answers = (...args: readonly string[]): Promise<boolean> => saysYes(launchctl(...args), system)

  const domains = [
    { name: `gui/${system.userId}`, isGraphical: true },
    // Over SSH, with nobody at the screen.
    { name: `user/${system.userId}`, isGraphical: false },
  ] as const
  const findDomain = async (): Promise<Domain | undefined> => {
    for (const domain of domains) if (await answers('print', domain.name)) return domain
    return undefined
  }

  return {
    id: 'launchd',
    catchesUp: true,
    makesDirectories: [],
    availability: async () => ({ kind: 'available', warnings: [] }),

    planJob: async (wish) => {
      const domain = await findDomain()
      const text = renderPlist(wish, domain?.isGraphical === false)
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => `+ ${line}`)
      const shown = { kind: 'shown', summary: 'an agent of launchd', lines } as const
      const files = writeStep(readFileState(plist), plist, Buffer.from(text), PLIST_MODE, shown)
      if (domain === undefined) return files
      const target = `${domain.name}/${LABEL}`
      if (files.length === 0 && (await answers('print', target))) return []
      const bootout = launchctl('bootout', target)
      return [
        ...files,
        runStep(bootout, 'The old agent was not unloaded', { alsoFine: 'all', shown: { kind: 'housekeeping' } }),
        // A label that was disabled once stays so, also when its file is gone.
        runStep(launchctl('enable', target), 'The agent could not be enabled', { alsoFine: 'all' }),
        runStep(launchctl('bootstrap', domain.name, plist), 'The agent could not be loaded', {
          undo: bootout,
          retry: { exitCodes: BUSY, times: 3, delayMs: RETRY_DELAY_MS, first: bootout },
          // Whether it is loaded nevertheless is what "print" says.
          alsoFine: BUSY,
          hint: `see "launchctl print ${target}", and System Settings, General, Login Items`,
        }),
      ]
    },

    planRemoval: async () => {
      const loaded: string[] = []
      for (const { name } of domains) if (await answers('print', `${name}/${LABEL}`)) loaded.push(`${name}/${LABEL}`)
      return [
        ...loaded.map((target) =>
          // 36: it is on its way out.
          runStep(launchctl('bootout', target), 'The agent could not be unloaded', {
            alsoFine: [3, 36, 113],
            shown: { kind: 'housekeeping' },
          }),
        ),
        ...removeFileStep(plist),
      ] satisfies readonly ScheduleStep[]
    },

    readBack: async () => {
      const domain = await findDomain()
      const registered = { kind: 'registered', nextRun: undefined, runsWhileLoggedOut: false } as const
      if (domain === undefined) return { ...registered, remarks: ['it starts with your next log-in.'] }
      if (await answers('print', `${domain.name}/${LABEL}`)) return { ...registered, remarks: [] }
      return { kind: 'not-registered', found: 'launchctl knows no such agent' }
    },

    files: async () => [plist],
  }
}

/**
 * The agent. The program is the launcher itself: its name is what "Login Items" in the settings shows.
 *
 * @param isBackground for the session that is there without a graphical log-in
 */
export function renderPlist(wish: Pick<Wish, 'launcher'> & Rhythm, isBackground: boolean): string {
  const key = (name: string, value: string): string => `\t<key>${name}</key>\n\t${value}`
  const text = (value: string): string => `<string>${escapeXml(value)}</string>`
  const hours = hoursOfDay(wish) ?? [undefined]
  const times = hours.flatMap((hour) =>
    minutesOfHour(wish).map((minute) => {
      const hourEntry = hour === undefined ? '' : `<key>Hour</key><integer>${hour}</integer>`
      return `\t\t<dict>${hourEntry}<key>Minute</key><integer>${minute}</integer></dict>`
    }),
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    key('Label', text(LABEL)),
    key('ProgramArguments', `<array>\n\t\t${text(wish.launcher)}\n\t</array>`),
    key('StartCalendarInterval', `<array>\n${times.join('\n')}\n\t</array>`),
    // After a night switched off nothing else would run it before the next full interval.
    key('RunAtLoad', '<true/>'),
    key('ProcessType', text('Background')),
    key('StandardOutPath', text('/dev/null')),
    key('StandardErrorPath', text('/dev/null')),
    ...(isBackground ? [key('LimitLoadToSessionType', text('Background'))] : []),
    '</dict>',
    '</plist>',
    '',
  ].join('\n')
}
