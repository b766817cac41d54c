import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { runBuilt } from '../support/built.ts'
import { testNodes } from '../support/nodes.ts'

const HOOK = join(import.meta.dirname, '../support/loaded-modules.cjs')

describe.each(testNodes())('on Node $version', ({ path: nodePath }) => {
  let emulator: Emulator

  beforeAll(async () => {
    emulator = await startEmulator({ port: 0 })
  })
  afterAll(() => emulator.close())

  it.each(['--help', '--version', 'issue --help'])('%s loads nothing that speaks to a network', async (command) => {
    const loaded = await modulesLoadedBy(command.split(' '))
    expect(loaded).toContain('NativeModule fs')
    expect(loaded.filter((name) => /\b(?:undici|_?tls|https?|crypto|child_process)\b/.test(name))).toEqual([])
  })

  it('issue asks the service without loading undici', async () => {
    const loaded = await modulesLoadedBy(
      ['issue', '--scope', 'chat', '--connection-string-stdin'],
      emulator.connectionString,
    )
    expect(loaded).toContain('NativeModule http')
    expect(loaded.filter((name) => name.includes('undici'))).toEqual([])
  })

  async function modulesLoadedBy(args: readonly string[], input = ''): Promise<readonly string[]> {
    const env = { NODE_OPTIONS: `--require ${JSON.stringify(HOOK)}` }
    const { exitCode, stderr } = await runBuilt(args, { nodePath, env, input })
    expect(exitCode).toBe(0)
    return JSON.parse(/^loaded: (.*)$/m.exec(stderr)?.[1] ?? '[]') as string[]
  }
})
