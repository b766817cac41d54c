import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { findAncestors, readPs, readProcess } from '../../src/doctor/processes.ts'
import { makeSystem } from '../support/homes/world.ts'

const { signal } = new AbortController()

describe.runIf(process.platform === 'linux')('the programs around a process', () => {
  it('are read from /proc, with when they began and what they began with', async () => {
    const began = Date.now()
    const child = spawn('/bin/sleep', ['600'], { env: { NAME: 'a=b', OTHER: 'c' }, stdio: 'ignore' })
    await new Promise((resolve) => child.once('spawn', resolve))
    const [program, parent] = await findAncestors(
      ['NAME', 'NONE'],
      makeSystem('/', { parentProcessId: child.pid ?? 0 }),
      signal,
    )
    child.kill('SIGKILL')
    expect(program).toMatchObject({ processId: child.pid, name: 'sleep' })
    expect([...(program?.environment ?? [])].map(([name, value]) => [name, value.reveal()])).toEqual([['NAME', 'a=b']])
    expect(Math.abs((program?.startedAt?.getTime() ?? 0) - began)).toBeLessThan(10_000)
    expect(parent?.processId).toBe(process.pid)
  })

  it('are none where the process has ended', () => {
    expect(readProcess(2 ** 22 + 1, [], { now: () => new Date() })).toBeUndefined()
  })
})

describe('a line of ps on macOS', () => {
  it('has the parent, the start and, behind the arguments, the environment', () => {
    const line = '  501 Sat Nov 28 09:12:00 2026     -zsh TERM=xterm NAME=endpoint=a;b== HOME=/Users/me\n'
    const program = readPs(1234, line, ['NAME'])
    expect(program).toMatchObject({ processId: 1234, parentId: 501, name: 'zsh' })
    expect(program?.startedAt).toEqual(new Date('Sat Nov 28 09:12:00 2026'))
    expect(program?.environment?.get('NAME')?.reveal()).toBe('endpoint=a;b==')
  })

  it('has no environment for a program that Apple signs', () => {
    const program = readPs(1, '    1 Sat Nov 28 09:12:00 2026     /usr/libexec/logd\n', ['NAME'])
    expect(program).toMatchObject({ name: 'logd', environment: undefined })
  })

  it.each([
    [
      '/Applications/Visual Studio Code.app/Contents/MacOS/Electron TERM=x',
      '/Applications/Visual Studio Code.app/Contents/MacOS/Electron',
    ],
    [
      '/Applications/Cursor.app/Contents/MacOS/Cursor --no-sandbox /code HOME=/Users/me',
      '/Applications/Cursor.app/Contents/MacOS/Cursor',
    ],
    ['/bin/zsh /Applications/Cursor.app/a HOME=/Users/me', '/bin/zsh'],
    ['-zsh', '-zsh'],
  ])('%s', (command, path) => {
    expect(readPs(1, `    1 Sat Nov 28 09:12:00 2026     ${command}\n`, [])?.paths).toEqual([path])
  })

  it('is passed over where it is anything else', () => expect(readPs(1, 'ps: not permitted', [])).toBeUndefined())
})
