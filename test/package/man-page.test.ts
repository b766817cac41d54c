import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandTable, type CommandDefinition } from '../../src/args/commands.ts'
import { commonOptions } from '../../src/args/options.ts'
import { BUILT } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const PAGE = resolve(BUILT, '../acs-env.1')
const ROOT = resolve(import.meta.dirname, '../..')

describe('the man page', () => {
  it('is the one that the package names', () => {
    const { man } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly man: readonly string[] }
    expect(man.map((path) => join(ROOT, path))).toEqual([PAGE])
  })

  it('has every command and every option', () => {
    const text = readFileSync(PAGE, 'utf8').replaceAll(String.raw`\-`, '-')
    for (const [name, { options }] of Object.entries<CommandDefinition>(commandTable)) {
      const [, section = ''] = text.split(`.SH ${name.toUpperCase()}\n`)
      const [own = ''] = section.split('.SH ')
      for (const option of options) expect([name, own]).toEqual([name, expect.stringContaining(`--${option}`)])
    }
    for (const option of commonOptions) expect(text).toContain(`--${option}`)
  })

  it.skipIf(!hasProgram('mandoc', '-V'))('is what mandoc accepts without a warning', () => {
    const { status, stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', PAGE])
    expect([stdout.toString(), status]).toEqual(['', 0])
    // Bold letters are printed twice, with a backspace between.
    const text = execFileSync('mandoc', ['-T', 'ascii', PAGE], { encoding: 'utf8' }).replaceAll(/.\u0008/g, '')
    expect(text).toContain('EXIT STATUS')
  })
})
