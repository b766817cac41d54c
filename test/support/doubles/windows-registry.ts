import { readFileSync, writeFileSync } from 'node:fs'
import { Secret } from '../../../src/secret.ts'
import type { RunOptions, RunResult, System } from '../../../src/system/system.ts'
import { ended } from '../homes/world.ts'

const SYSTEM32 = String.raw`C:\Windows\System32`
const KEY = String.raw`HKEY_CURRENT_USER\Environment`

/** How a program over this registry behaves. */
export type Mood = 'well' | 'stores-nothing' | 'changes-a-character' | 'denied' | 'hangs' | 'is-slow' | 'is-missing'

/**
 * `setx.exe`, `powershell.exe` and `reg.exe` over a registry in memory, as System.run would start them. Any other call
 * is an error.
 */
export interface WindowsRegistry {
  readonly values: Map<string, string>
  /** The names of the values of type REG_EXPAND_SZ; all others are REG_SZ. */
  readonly expanding: Set<string>
  /** The names of the variables that all users of the computer have. */
  readonly machine: Set<string>
  /** The programs that were started, without their arguments. */
  readonly calls: string[]
  /** The argument lists of all of them. */
  readonly argumentLists: (readonly string[])[]
  /** The scripts that PowerShell was given. */
  readonly scripts: string[]
  readonly moods: { setx: Mood; powershell: Mood; reg: 'well' | 'denied' | 'unreadable' | 'hangs' }
  readonly run: System['run']
}

export function makeWindowsRegistry(): WindowsRegistry {
  const values = new Map<string, string>()
  const expanding = new Set<string>()
  const calls: string[] = []
  const argumentLists: (readonly string[])[] = []
  const moods: WindowsRegistry['moods'] = { setx: 'well', powershell: 'well', reg: 'well' }
  const machine = new Set<string>()
  const scripts: string[] = []
  return { values, expanding, machine, calls, argumentLists, scripts, moods, run }

  async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    argumentLists.push(args)
    const [first = '', second = ''] = args
    switch (program) {
      case `${SYSTEM32}\\setx.exe`:
        calls.push('setx')
        return behave(moods.setx, first, second.length > 1024 ? second.slice(0, 1024) : second)
      case `${SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe`:
        return powershell(args, options.input instanceof Secret ? options.input.reveal() : '')
      case `${SYSTEM32}\\reg.exe`:
        calls.push(`reg ${first}`)
        return reg(args)
      default:
        throw new Error(`unexpected program ${program} ${first}`)
    }
  }

  function behave(mood: Mood, name: string, value: string | undefined): RunResult {
    if (mood === 'denied') return ended(1, '', `ERROR: Access is denied to ${value}.`)
    if (mood === 'stores-nothing') return ended(0, 'SUCCESS: Specified value was saved.')
    if (mood === 'hangs') return { kind: 'timed-out' }
    if (mood === 'is-missing') return { kind: 'not-started', code: 'ENOENT' }
    set(name, mood === 'changes-a-character' ? value?.replace(/.$/, '?') : value)
    return mood === 'is-slow' ? { kind: 'timed-out' } : ended(0, 'SUCCESS: Specified value was saved.')
  }

  function powershell(args: readonly string[], input: string): RunResult {
    expectEqual(args.slice(0, 3), ['-NoProfile', '-NonInteractive', '-EncodedCommand'])
    const script = Buffer.from(args[3] ?? '', 'base64').toString('utf16le')
    scripts.push(script)
    if (script.includes('.GetValueNames()')) return powershellRead()
    calls.push('powershell')
    const text = Buffer.from(input, 'base64').toString('utf16le')
    const [, expandable] =
      /SetValue\('HKEY_CURRENT_USER\\Environment', '(\w+)', \$value, 'ExpandString'\)$/.exec(script) ?? []
    if (expandable !== undefined) {
      const result = behave(moods.powershell, expandable, text)
      if (values.has(expandable)) expanding.add(expandable)
      return result
    }
    const [, name = '', value] = /SetEnvironmentVariable\('(\w+)', (\$\w+), 'User'\)$/.exec(script) ?? []
    return behave(moods.powershell, name, value === '$null' ? undefined : text)
  }

  function powershellRead(): RunResult {
    calls.push('powershell read')
    const mood = moods.powershell
    if (mood === 'denied') return ended(1)
    if (mood === 'hangs' || mood === 'is-slow') return { kind: 'timed-out' }
    if (mood === 'is-missing') return { kind: 'not-started', code: 'ENOENT' }
    const base64 = (text: string): string => Buffer.from(text, 'utf16le').toString('base64')
    const lines = [...values].map(
      ([name, value]) => `${expanding.has(name) ? 'ExpandString' : 'String'} ${base64(name)} ${base64(value)}\r\n`,
    )
    // One that was ended, or whose output was lost.
    if (mood === 'changes-a-character') return ended(0, lines.slice(1).join('') + `end ${lines.length}\r\n`)
    return ended(0, mood === 'stores-nothing' ? '' : `${lines.join('')}end ${lines.length}\r\n`)
  }

  function reg([verb, key, third = '', fourth]: readonly string[]): RunResult {
    const { reg: mood } = moods
    if (mood === 'hangs') return { kind: 'timed-out' }
    if (mood === 'unreadable' || (mood === 'denied' && verb !== 'export'))
      return ended(1, '', 'ERROR: Access is denied.')
    if (verb === 'query') {
      const lines = [...machine].map((name) => `    ${name}    REG_SZ    of the computer\r\n`)
      return ended(0, `\r\n${key}\r\n${lines.join('')}\r\n`)
    }
    if (verb === 'import') load(readFileSync(key ?? '').toString('utf16le'))
    else if (key !== String.raw`HKCU\Environment`) throw new Error(`unexpected key ${key}`)
    else if (verb === 'export') writeFileSync(third, render())
    else if (verb === 'delete') set(fourth ?? '', undefined)
    else throw new Error(`unexpected verb ${verb}`)
    return ended(0)
  }

  /** As the registry has it: the letter case of a name is that of the first time. */
  function set(name: string, value: string | undefined): string {
    const known = [...values.keys()].find((other) => other.toUpperCase() === name.toUpperCase()) ?? name
    expanding.delete(known)
    if (value === undefined) values.delete(known)
    else values.set(known, value)
    return known
  }

  function render(): Buffer {
    const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    const lines = [...values].map(([name, value]) => {
      const bytes = [...Buffer.from(`${value}\0`, 'utf16le')].map((byte) => byte.toString(16).padStart(2, '0'))
      return `${quote(name)}=${expanding.has(name) ? `hex(2):${bytes.join(',').replaceAll(/((?:..,){20})/g, '$1\\\r\n  ')}` : quote(value)}`
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
      const [, hex] = /^hex\(2\):(.*),00,00$/.exec(rest) ?? []
      if (hex === undefined) set(name, rest === '-' ? undefined : (JSON.parse(rest) as string))
      else expanding.add(set(name, Buffer.from(hex.replaceAll(',', ''), 'hex').toString('utf16le')))
    }
  }
}

function expectEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`unexpected ${JSON.stringify(actual)}`)
}
