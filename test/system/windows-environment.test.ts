import { describe, expect, it } from 'vitest'
import { commandProcessor, lookUp, system32 } from '../../src/system/windows-environment.ts'

const USUAL = String.raw`C:\Windows\System32`
/** What leads into the current directory, or to another computer. */
const NOT_BELIEVED = [
  '',
  '.',
  'Windows',
  String.raw`..\Windows`,
  String.raw`\Windows`,
  'C:',
  'C:Windows',
  '%windir%',
  String.raw`\\server\share`,
  String.raw`\\?\C:\Windows`,
  '/c/Windows',
  'file:///C:/Windows',
  String.raw` C:\Windows`,
]

describe('the programs of Windows itself', () => {
  it.each([
    [String.raw`C:\WINDOWS`, String.raw`C:\WINDOWS\System32`],
    ['d:/winnt', String.raw`d:\winnt\System32`],
    [String.raw`C:\Windows\\`, USUAL],
  ])('are where SystemRoot says: %s', (SystemRoot, expected) => {
    expect(system32({ SystemRoot })).toBe(expected)
    expect(system32({ SYSTEMROOT: SystemRoot })).toBe(expected)
    expect(system32({ SystemRoot: 'x', WINDIR: SystemRoot })).toBe(expected)
  })

  it.each(NOT_BELIEVED)('are not looked for where SystemRoot is %j', (path) => {
    expect(system32({ SystemRoot: path })).toBe(USUAL)
    expect(system32({ SystemRoot: path, windir: path })).toBe(USUAL)
  })

  it('are in the usual place where nothing is said', () => {
    expect(system32({})).toBe(USUAL)
  })
})

describe('the program for command lines', () => {
  it.each([String.raw`C:\Windows\system32\cmd.exe`, String.raw`D:\tcc\tcc.exe`, 'C:/bin/cmd.exe'])(
    'is the one that ComSpec names: %s',
    (path) => {
      expect(commandProcessor({ COMSPEC: path })).toBe(path)
    },
  )

  it.each([...NOT_BELIEVED, 'cmd.exe', 'cmd', String.raw`.\cmd.exe`])(
    'is that of Windows where ComSpec is %j',
    (path) => {
      expect(commandProcessor({ ComSpec: path })).toBe(String.raw`C:\Windows\System32\cmd.exe`)
      expect(commandProcessor({ ComSpec: path, SystemRoot: 'D:\\W' })).toBe(String.raw`D:\W\System32\cmd.exe`)
    },
  )
})

it.each(['Path', 'PATH', 'path', 'pATH'])('a variable is found as %s', (name) => {
  expect(lookUp({ Path: 'x' }, name)).toBe('x')
})
