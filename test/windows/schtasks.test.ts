import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeDefinition, renderTask } from '../../src/schedule/change/task-scheduler.ts'
import type { WindowsBench } from '../support/doubles/windows-bench.ts'
import { requirements, useWindows, WINDOWS_TIMEOUT_MS } from '../support/doubles/windows-suite.ts'

const USER = 'S-1-5-21-0-0-0-1000'
const TASK = `acs-env-refresh-${USER}`
/** Of what is in the definition, what Wine keeps. */
const SETTINGS =
  /<(MultipleInstancesPolicy|DisallowStartIfOnBatteries|StopIfGoingOnBatteries|StartWhenAvailable|ExecutionTimeLimit|Description)>.*<\/\1>/g
const DIRECTORIES = ['Jürgen & Co', "it's 100 % ours", '日本 <x> "y"', 'a;b^c', 'plain']

/** Wine's own program: it keeps what it has understood, but answers no `/query`. */
describe.skipIf(requirements === undefined).concurrent('schtasks', { timeout: WINDOWS_TIMEOUT_MS }, () => {
  const onWindows = useWindows()

  it('takes the definition of the task as it is meant, whatever the directory is called', () =>
    onWindows(async ({ windows }) => {
      for (const name of DIRECTORIES) {
        const text = definitionFor(`C:\\Users\\${name}\\AppData\\Local\\acs-env\\schedule`)
        expect([name, await create(windows, encodeDefinition(text))]).toEqual([name, 0])
        const settings = text.match(SETTINGS) ?? []
        expect(settings).toHaveLength(6)
        for (const setting of settings) expect(keptOf(windows)).toContain(setting)
        expect([await remove(windows), keptOf(windows)]).toEqual([0, undefined])
      }
    }))

  it('registers it once more over itself, and removes it once', () =>
    onWindows(async ({ windows }) => {
      const definition = encodeDefinition(definitionFor(String.raw`C:\Users\me\AppData\Local\acs-env\schedule`))
      const codes = [
        await create(windows, definition),
        await create(windows, definition),
        await remove(windows),
        await remove(windows),
      ]
      expect(codes).toEqual([0, 0, 0, 1])
    }))
})

function definitionFor(directory: string): string {
  return renderTask({ everyMinutes: 60, minute: 17, directory, user: USER, system32: String.raw`C:\windows\system32` })
}

async function create(windows: WindowsBench, definition: Buffer): Promise<number | null> {
  writeFileSync(windows.path('task.xml'), definition)
  const command = ['schtasks.exe', '/create', '/tn', TASK, '/xml', String.raw`C:\task.xml`, '/f']
  return (await windows.runProgram(command)).exitCode
}

async function remove(windows: WindowsBench): Promise<number | null> {
  return (await windows.runProgram(['schtasks.exe', '/delete', '/tn', TASK, '/f'])).exitCode
}

/** What Wine has kept of the task; undefined where there is none. */
function keptOf(windows: WindowsBench): string | undefined {
  const path = windows.path('windows/system32/tasks', TASK)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
