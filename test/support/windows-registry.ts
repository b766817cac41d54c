import { readFileSync, writeFileSync } from 'node:fs'
import type { RunResult, System } from '../../src/system/system.ts'
import { ended } from './world.ts'

const KEY = String.raw`HKEY_CURRENT_USER\Environment`

/** How the setx of this registry behaves. */
export type SetxMood = 'well' | 'stores-nothing' | 'changes-a-character' | 'denied'

/** `setx.exe` and `reg.exe` over a registry in memory, as System.run would start them. Any other call is an error. */
export interface WindowsRegistry {
  readonly values: Map<string, string>
  /** The programs that were started, without their arguments. */
  readonly calls: string[]
  mood: SetxMood
  /** Whether `reg import` works. */
  imports: boolean
  readonly run: System['run']
}

export function makeWindowsRegistry(): WindowsRegistry {
  const values = new Map<string, string>()
  const calls: string[] = []
  const registry: WindowsRegistry = { values, calls, mood: 'well', imports: true, run }
  return registry

  async function run(program: string, args: readonly string[]): Promise<RunResult> {
    const [first = '', second = '', third = ''] = args
    if (program === String.raw`C:\Windows\System32\setx.exe`) {
      calls.push('setx')
      return setx(first, second)
    }
    if (
      program === String.raw`C:\Windows\System32\reg.exe` &&
      first === 'export' &&
      second === String.raw`HKCU\Environment`
    ) {
      calls.push('reg export')
      writeFileSync(third, render())
      return ended(0)
    }
    if (program === String.raw`C:\Windows\System32\reg.exe` && first === 'import') {
      calls.push('reg import')
      if (!registry.imports) return ended(1, '', 'ERROR: Access is denied.')
      load(readFileSync(second).toString('utf16le'))
      return ended(0)
    }
    throw new Error(`unexpected program ${program} ${first}`)
  }

  function setx(name: string, value: string): RunResult {
    if (registry.mood === 'denied') return ended(1, '', 'ERROR: Access to the registry path is denied.')
    if (registry.mood === 'stores-nothing') return ended(0, 'SUCCESS: Specified value was saved.')
    const stored = registry.mood === 'changes-a-character' ? value.replace(/.$/, '?') : value.slice(0, 1024)
    values.set(name, stored)
    return ended(0, 'SUCCESS: Specified value was saved.')
  }

  function render(): Buffer {
    const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    const lines = [...values].map(([name, value]) => {
      const expands = value.includes('%')
      const bytes = [...Buffer.from(`${value}\0`, 'utf16le')].map((byte) => byte.toString(16).padStart(2, '0'))
      return `${quote(name)}=${expands ? `hex(2):${bytes.join(',').replaceAll(/((?:..,){20})/g, '$1\\\r\n  ')}` : quote(value)}`
    })
    const text = [
      'Windows Registry Editor Version 5.00',
      '',
      `[${KEY}]`,
      '"Kept"=dword:00000001',
      ...lines,
      '',
      '',
    ].join('\r\n')
    return Buffer.from(`\uFEFF${text}`, 'utf16le')
  }

  function load(text: string): void {
    if (!text.startsWith('\uFEFFWindows Registry Editor Version 5.00\r\n\r\n')) throw new Error('not a registry file')
    if (!text.includes(`[${KEY}]`)) throw new Error('not the key of the environment')
    for (const [, name = '', rest = ''] of text.matchAll(/^"([^"]+)"=(.*)\r$/gm)) {
      if (rest === '-') values.delete(name)
      else values.set(name, JSON.parse(rest) as string)
    }
  }
}
