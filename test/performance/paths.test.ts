import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { makeHome } from '../support/homes/home.ts'
import { runBuilt } from '../support/programs/built.ts'

const HOOK = join(import.meta.dirname, '../support/hooks/joined-paths.cjs')
/** Beyond some hundreds V8 compiles at length what `join` looks at the characters with. */
const MOST_JOINED = 80

describe('setup', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator({ port: 0 })
  })
  afterAll(() => emulator.close())

  it.each([0, 1000])('joins few paths in a home of %i files', async (count) => {
    const home = makeHome()
    try {
      home.write('.bash_profile', 'export EDITOR=vi\n')
      for (let index = 0; index < count; index += 1) home.write(`.file-${index}`, '')
      const { exitCode, stderr } = await runBuilt(['setup', '--yes', '--no-verify', '--connection-string-stdin'], {
        home: home.path,
        env: { NODE_OPTIONS: `--require ${JSON.stringify(HOOK)}`, SHELL: '/bin/bash' },
        input: emulator.connectionString,
      })
      expect(exitCode).toBe(0)
      const joined = Number(/^joined: (\d+)$/m.exec(stderr)?.[1])
      expect(joined).toBeGreaterThan(0)
      expect(joined).toBeLessThan(MOST_JOINED)
    } finally {
      home.remove()
    }
  })
})
