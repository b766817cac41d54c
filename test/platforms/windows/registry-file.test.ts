import { describe, expect, it } from 'vitest'
import { parseRegistryFile, renderRegistryFile } from '../../../src/platforms/windows/registry-file.ts'

describe('registry files', () => {
  const key = String.raw`HKEY_CURRENT_USER\Environment`

  it('come back as they were written', () => {
    for (const text of ['endpoint=https://h/;accesskey=a==', String.raw`a"b\c\\ é日😀 %PATH% '`, '']) {
      for (const expands of [false, true]) {
        const value = { text, expands }
        expect(parseRegistryFile(renderRegistryFile(key, 'NAME', value))).toEqual(new Map([['NAME', value]]))
      }
    }
  })

  it('say "-" for a value to remove', () => {
    expect(renderRegistryFile(key, 'GONE', undefined).toString('utf16le')).toContain('"GONE"=-\r\n')
  })

  it('may hold values of every type, of which the strings are read', () => {
    const text = [
      'Windows Registry Editor Version 5.00',
      '',
      `[${key}]`,
      '"NUMBER"=dword:00000001',
      '"BINARY"=hex:01,02',
      '"LIST"=hex(7):61,00,00,00,00,00',
      '"Path"=hex(2):25,00,50,00,25,00,3b,00,\\',
      '  61,00,00,00',
      String.raw`"TEMP"="C:\\Temp"`,
      '@="default"',
      '',
    ].join('\r\n')
    expect(parseRegistryFile(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toEqual(
      new Map([
        ['Path', { text: '%P%;a', expands: true }],
        ['TEMP', { text: String.raw`C:\Temp`, expands: false }],
      ]),
    )
  })

  it('may go on in keys below, whose values are not the user’s variables', () => {
    const text = `\uFEFFWindows Registry Editor Version 5.00\r\n\r\n[${key}]\r\n"A"="1"\r\n\r\n[${key}\\Below]\r\n"B"="2"\r\n`
    expect(parseRegistryFile(Buffer.from(text, 'utf16le'))).toEqual(new Map([['A', { text: '1', expands: false }]]))
  })

  it('may hold values of more than one line, in which nothing else is read', () => {
    const text = `\uFEFFWindows Registry Editor Version 5.00\r\n\r\n[${key}]\r\n"A"="1\r\n[x]\r\n\\"B\\"=2\r\n"\r\n"C"="3"\r\n`
    expect([...parseRegistryFile(Buffer.from(text, 'utf16le'))].map(([name, value]) => [name, value.text])).toEqual([
      ['A', '1\r\n[x]\r\n"B"=2\r\n'],
      ['C', '3'],
    ])
  })
})
