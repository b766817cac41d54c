import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { encodeDefinition, renderTask } from '../../src/schedule/change/task-scheduler.ts'
import type { RunResult } from '../../src/system/system.ts'
import { makeWindowsRegistry, type WindowsRegistry } from '../support/doubles/windows-registry.ts'
import { emulator, home } from '../support/homes/emulator-and-home.ts'
import { ended, runInWorld, type WorldRun } from '../support/homes/world.ts'
import { BUILT } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const SYSTEM32 = String.raw`C:\Windows\System32`
const SID = 'S-1-5-21-1004336348-1177238915-682003330-1001'
const TASK = `acs-env-refresh-${SID}`

type Mood = 'well' | 'denied' | 'hangs' | 'lies'

let registry: WindowsRegistry
let tasks: Map<string, Buffer>
let mood: Mood
/** What whoami says. */
let identity: string
let rehearsedIn: string | undefined
/** How often schtasks was. */
let asked: number
beforeEach(async () => {
  registry = makeWindowsRegistry()
  tasks = new Map()
  mood = 'well'
  asked = 0
  identity = `"büro\\jürgen","${SID}"`
  expect((await acs(['setup', '--yes', '--connection-string', emulator.connectionString])).exitCode).toBe(0)
})

function acs(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<WorldRun> {
  return runInWorld(args, home.path, {
    platform: 'win32',
    env: { LOCALAPPDATA: home.path, SystemRoot: String.raw`C:\Windows`, ...env },
    self: { nodePath: String.raw`C:\Program Files\nodejs\node.exe`, scriptPath: BUILT, command: 'acs-env' },
    run: async (program, programArgs, options) => {
      if (program === `${SYSTEM32}\\whoami.exe`) return ended(0, `${identity}\r\n`)
      if (program === `${SYSTEM32}\\schtasks.exe`) return schtasks(programArgs)
      // The rehearsal.
      if (program.endsWith('refresh.cmd')) {
        rehearsedIn = options?.workingDirectory
        return ended(0)
      }
      return registry.run(program, programArgs, options)
    },
  })
}

/** Answers in German, as an OEM code page read as UTF-8 looks. */
function schtasks(args: readonly string[]): RunResult {
  const [action, , task = '', , definition = ''] = args
  asked += 1
  if (mood === 'hangs') return { kind: 'timed-out' }
  if (action === '/query')
    return ended(tasks.has(task) ? 0 : 1, '', 'FEHLER: Das System kann die angegebene Datei nicht finden.')
  if (mood === 'denied') return ended(1, '', 'FEHLER: Zugriff verweigert \uFFFD.')
  if (mood === 'lies') return ended(0, 'ERFOLGREICH')
  if (action === '/delete') return ended(tasks.delete(task) ? 0 : 1)
  tasks.set(task, readFileSync(definition))
  return ended(0, 'ERFOLGREICH')
}

describe('the Task Scheduler', () => {
  it('starts no program of the current directory, in the rehearsal neither', async () => {
    const run = await acs(['schedule'], { SystemRoot: '.' })
    expect([run.exitCode, [...tasks.keys()], rehearsedIn]).toEqual([0, [TASK], join(home.path, 'acs-env', 'schedule')])
    expect(home.read('acs-env/schedule/refresh.cmd')).toMatch(/^"%SystemRoot%\\System32\\chcp\.com" 65001/m)
  })

  it('gets a task of its own for each user, and loses it again', async () => {
    const before = home.list()
    const env = { HTTPS_PROXY: 'http://user:s3%cr3t@127.0.0.1:1', HTTP_PROXY: 'http://registry:1' }
    registry.values.set('HTTP_PROXY', env.HTTP_PROXY)
    const run = await acs(['schedule', '--json'], env)
    expect([run.exitCode, run.stderr]).toEqual([0, ''])
    expect(JSON.parse(run.stdout)).toMatchObject({ scheduler: 'task-scheduler', catches_up: true, changed: true })
    expect([...tasks.keys()]).toEqual([TASK])
    const launcher = home.read('acs-env/schedule/refresh.cmd')
    expect(launcher.split('\r\n')).toContain('set "HTTPS_PROXY=http://user:s3%%cr3t@127.0.0.1:1"')
    // What the user's environment has the task gets anyway, as it will be then.
    expect(launcher).not.toContain('set "HTTP_PROXY=')
    expect(tasks.get(TASK)?.includes('s3', 0, 'utf16le')).toBe(false)
    expect(JSON.parse((await acs(['schedule', '--json'], env)).stdout)).toMatchObject({ changed: false })
    const removed = await acs(['unschedule', '--json'])
    expect(JSON.parse(removed.stdout)).toEqual({
      scheduler: 'task-scheduler',
      removed: [`the task ${TASK}`, join(home.path, 'acs-env/schedule')],
    })
    expect([...tasks]).toEqual([])
    expect(home.list()).toEqual(before)
  })

  it.each<[Mood, string]>([
    ['denied', 'The task was not registered: Windows refused it (exit 1).'],
    ['hangs', 'The task was not registered: Windows refused it (it did not end in time).'],
    ['lies', 'Task Scheduler accepted the job, but does not have it (schtasks knows no such task).'],
  ])('that %s is reported in our own words, and nothing is left behind', async (ownMood, sentence) => {
    mood = ownMood
    const before = home.list()
    const run = await acs(['schedule'])
    expect([run.exitCode, run.stderr.split('\n')]).toEqual([1, expect.arrayContaining([`error: ${sentence}`])])
    expect(home.list()).toEqual(before)
    expect([...tasks]).toEqual([])
  })

  it('gets the name of a user whose identifier whoami does not print', async () => {
    identity = 'BÜRO\\jürgen'
    expect((await acs(['schedule'], { USERDOMAIN: 'BÜRO', USERNAME: 'jürgen & co' })).exitCode).toBe(0)
    expect([...tasks.keys()]).toEqual(['acs-env-refresh-B-RO-j-rgen---co'])
    expect(tasks.values().next().value?.toString('utf16le')).toContain('<UserId>BÜRO\\jürgen &amp; co</UserId>')
  })

  it('that cannot delete a task is reported, and a later try finishes it', async () => {
    expect((await acs(['schedule'])).exitCode).toBe(0)
    mood = 'denied'
    const run = await acs(['unschedule'])
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('The task could not be deleted (exit 1).'),
    })
    mood = 'well'
    expect((await acs(['unschedule'])).exitCode).toBe(0)
    expect([...tasks]).toEqual([])
  })

  it('that does not answer is never taken for one without the task', async () => {
    expect((await acs(['schedule'])).exitCode).toBe(0)
    mood = 'hangs'
    asked = 0
    const run = await acs(['unschedule'])
    expect([run.exitCode, run.stderr, asked]).toEqual([
      1,
      expect.stringContaining('schtasks.exe does not say whether the job is there (it did not end in time).'),
      1,
    ])
    mood = 'well'
    expect((await acs(['unschedule'])).exitCode).toBe(0)
    expect([...tasks]).toEqual([])
  })

  it('loses the task of somebody whom whoami calls by another name by now', async () => {
    expect((await acs(['schedule'], { USERNAME: 'me & you' })).exitCode).toBe(0)
    identity = ''
    expect((await acs(['unschedule'], { USERNAME: 'me & you' })).exitCode).toBe(0)
    expect([...tasks]).toEqual([])
  })
})

const directories = ['a b', '50%', 'R&D <x>', "it's", 'é日本', '"', '$HOME', '\u{1F600}'].map(
  (name) => `C:\\Users\\${name}\\acs-env\\schedule`,
)

it.runIf(hasProgram('xmllint'))('a definition is what Windows documents a task to be', () => {
  const at = mkdtempSync(join(tmpdir(), 'acs-env-task-'))
  onTestFinished(() => rmSync(at, { recursive: true }))
  const files = directories.flatMap((directory, index) =>
    ([15, 30, 60, 120, 360] as const).map((everyMinutes) => {
      const file = join(at, `${index}-${everyMinutes}.xml`)
      const task = { directory, user: SID, system32: SYSTEM32, everyMinutes, minute: index }
      writeFileSync(file, encodeDefinition(renderTask(task)))
      return file
    }),
  )
  const schema = fileURLToPath(import.meta.resolve('../support/schedulers/task.xsd'))
  const args = ['--nonet', '--noout', '--schema', schema, ...files]
  const { status, stderr } = spawnSync('xmllint', args, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, files.map((file) => `${file} validates\n`).join('')])
})

it('a definition is XML in UTF-16 in which every path survives', () => {
  const script = `
import json, sys
from xml.dom.minidom import parseString
def text(document, name):
    return [element.firstChild.data for element in document.getElementsByTagName(name)]
documents = [parseString(bytes.fromhex(each)) for each in json.load(sys.stdin)]
names = ['WorkingDirectory', 'UserId', 'LogonType', 'Interval', 'StartBoundary', 'Arguments', 'StartWhenAvailable', 'DisallowStartIfOnBatteries', 'StopIfGoingOnBatteries']
print(json.dumps([[text(document, name) for name in names] for document in documents]))`
  const definitions = directories.map((directory) =>
    encodeDefinition(renderTask({ directory, user: SID, system32: SYSTEM32, everyMinutes: 15, minute: 7 })),
  )
  expect(definitions[0]?.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]))
  const input = JSON.stringify(definitions.map((definition) => definition.toString('hex')))
  expect(JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' }))).toEqual(
    directories.map((directory) => [
      [directory],
      [SID, SID],
      ['InteractiveToken'],
      ['PT15M'],
      ['2024-01-01T00:07:00'],
      [String.raw`--headless cmd.exe /d /c .\refresh.cmd`],
      ['true'],
      ['false'],
      ['false'],
    ]),
  )
})
