import { join, win32 } from 'node:path'
import { CliError } from '../../errors.ts'
import { readFileState } from '../../files/read.ts'
import { PRIVATE } from '../../store/own-files.ts'
import type { System } from '../../system/system.ts'
import { lookUp, system32 } from '../../system/windows-environment.ts'
import type { Rhythm } from '../timing.ts'
import { TASK_FILE } from './file-names.ts'
import { ask, describeEnd, saysYes, writeStep } from './perform.ts'
import { runStep, type Command, type Scheduler } from './scheduler.ts'
import { escapeXml, unescapeXml } from './xml.ts'

/** No folder of its own: schtasks could not remove that again. */
const NAME = 'acs-env-refresh'

/**
 * The Task Scheduler of Windows. Its programs answer in the user's language and in an unknown code page, so
 * only their exit codes count.
 *
 * @param directory our own, private one, which has the launcher in it
 */
export function createTaskScheduler(directory: string, system: System): Scheduler {
  const definition = join(directory, TASK_FILE)
  const programs = system32(system.env)
  const schtasks = (...args: readonly string[]): Command => ({ program: win32.join(programs, 'schtasks.exe'), args })

  /** The user's identifier, which is the same in every language; their name where whoami may not be run. */
  const findUser = async (): Promise<string> => {
    const whoami = { program: win32.join(programs, 'whoami.exe'), args: ['/user', '/fo', 'csv', '/nh'] }
    const result = await ask(whoami, system)
    const [sid] = result.kind === 'exited' ? (/S-1-[\d-]+\d/.exec(result.stdout) ?? []) : []
    if (sid !== undefined) return sid
    const [domain, name] = [lookUp(system.env, 'USERDOMAIN'), lookUp(system.env, 'USERNAME')]
    if (name !== undefined) return domain === undefined ? name : `${domain}\\${name}`
    throw new CliError(`Windows did not say who you are (whoami: ${describeEnd(result)}).`, {
      code: 'scheduler',
      hint: '"acs-env exec" and "acs-env token" renew when they are used',
    })
  }
  /** Names are the computer's, not the user's: two users have one each. */
  const taskOf = (user: string): string => `${NAME}-${user.replaceAll(/[^\w.-]/g, '-')}`
  const exists = (task: string): Promise<boolean> => saysYes(schtasks('/query', '/tn', task), system)
  /** The task as it was registered: whoami may say something else by now, or nothing. */
  const findTask = async (): Promise<string> => taskOf(userIn(readFileState(definition).bytes) ?? (await findUser()))

  return {
    id: 'task-scheduler',
    catchesUp: true,
    makesDirectories: [],
    availability: async () => ({ kind: 'available', warnings: [] }),

    planJob: async (wish) => {
      const user = await findUser()
      const task = taskOf(user)
      const text = renderTask({ ...wish, directory, user, system32: programs })
      const shown = { kind: 'housekeeping' } as const
      const files = writeStep(readFileState(definition), definition, encodeDefinition(text), PRIVATE, shown)
      if (files.length === 0 && (await exists(task))) return []
      return [
        ...files,
        runStep(
          schtasks('/create', '/tn', task, '/xml', definition, '/f'),
          'The task was not registered: Windows refused it',
          {
            undo: schtasks('/delete', '/tn', task, '/f'),
            hint: 'ask whoever manages this computer, or use "acs-env exec"',
            shown: {
              kind: 'shown',
              summary: `the task ${task}`,
              lines: text
                .trimEnd()
                .split('\r\n')
                .map((line) => `+ ${line}`),
            },
          },
        ),
      ]
    },

    planRemoval: async () => {
      const task = await findTask()
      if (!(await exists(task))) return []
      return [
        runStep(schtasks('/delete', '/tn', task, '/f'), 'The task could not be deleted', {
          hint: 'delete it in the Task Scheduler (taskschd.msc)',
          shown: { kind: 'shown', summary: `the task ${task}`, lines: [] },
        }),
      ]
    },

    readBack: async () =>
      (await exists(await findTask()))
        ? { kind: 'registered', nextRun: undefined, runsWhileLoggedOut: false, remarks: [] }
        : { kind: 'not-registered', found: 'schtasks knows no such task' },

    files: async () => [definition],
  }
}

/** The file that `schtasks /create /xml` takes: it refuses UTF-8. */
export function encodeDefinition(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le')
}

/** Whom a definition that was written before is for; undefined where it does not say. */
function userIn(definition: Buffer | undefined): string | undefined {
  const [, user] = /<UserId>([^<]+)<\/UserId>/.exec(definition?.toString('utf16le') ?? '') ?? []
  return user === undefined ? undefined : unescapeXml(user)
}

interface Task extends Rhythm {
  /** The one with the launcher. */
  readonly directory: string
  /** A SID, or a name with its domain. */
  readonly user: string
  readonly system32: string
}

/**
 * The definition of the task. The user is named in the trigger too: one for any log-in is for administrators alone.
 * `InteractiveToken`, since a task that runs without the user being logged in has no network without a stored password.
 */
export function renderTask({ everyMinutes, minute, directory, user, system32 }: Task): string {
  const interval = everyMinutes < 60 ? `PT${everyMinutes}M` : `PT${everyMinutes / 60}H`
  const conhost = win32.join(system32, 'conhost.exe')
  return [
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    '  <RegistrationInfo>',
    '    <Description>Renews the Azure Communication Services access token (acs-env)</Description>',
    '  </RegistrationInfo>',
    '  <Triggers>',
    '    <CalendarTrigger>',
    '      <Enabled>true</Enabled>',
    // In the past, so that it begins today; without a zone it is the local time.
    `      <StartBoundary>2024-01-01T00:${String(minute).padStart(2, '0')}:00</StartBoundary>`,
    `      <Repetition><Interval>${interval}</Interval><Duration>P1D</Duration></Repetition>`,
    '      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>',
    '    </CalendarTrigger>',
    '    <LogonTrigger>',
    '      <Enabled>true</Enabled>',
    `      <UserId>${escapeXml(user)}</UserId>`,
    '      <Delay>PT2M</Delay>',
    '    </LogonTrigger>',
    '  </Triggers>',
    '  <Principals>',
    '    <Principal id="Author">',
    `      <UserId>${escapeXml(user)}</UserId>`,
    '      <LogonType>InteractiveToken</LogonType>',
    '      <RunLevel>LeastPrivilege</RunLevel>',
    '    </Principal>',
    '  </Principals>',
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <StartWhenAvailable>true</StartWhenAvailable>',
    '    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>',
    '    <Enabled>true</Enabled>',
    '    <WakeToRun>false</WakeToRun>',
    '    <ExecutionTimeLimit>PT5M</ExecutionTimeLimit>',
    '  </Settings>',
    '  <Actions Context="Author">',
    '    <Exec>',
    // Without --headless every run would open a console window for a moment.
    `      <Command>${escapeXml(conhost)}</Command>`,
    // A relative name: no path has to be quoted for cmd, whatever is in it.
    String.raw`      <Arguments>--headless cmd.exe /d /c .\refresh.cmd</Arguments>`,
    `      <WorkingDirectory>${escapeXml(directory)}</WorkingDirectory>`,
    '    </Exec>',
    '  </Actions>',
    '</Task>',
    '',
  ].join('\r\n')
}
