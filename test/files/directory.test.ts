import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDirectory } from '../../src/files/directory.ts'
import { makeHome, type TestHome } from '../support/home.ts'

let home: TestHome
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

it('is made although another run makes it and takes it away all the time', async () => {
  const path = join(home.path, 'own')
  const loop = `const fs = require('node:fs'); console.log('ready')
    for (;;) { try { fs.mkdirSync(${JSON.stringify(path)}) } catch {} try { fs.rmdirSync(${JSON.stringify(path)}) } catch {} }`
  const other = spawn(process.execPath, ['-e', loop])
  try {
    await once(other.stdout, 'data')
    const until = performance.now() + 1_000
    const makeAll = (): void => {
      while (performance.now() < until) makeDirectory(path)
    }
    expect(makeAll).not.toThrow()
  } finally {
    other.kill('SIGKILL')
    await once(other, 'close')
  }
})

it('is not made where a link leads nowhere', () => {
  const path = join(home.path, 'own')
  symlinkSync('nowhere', path)
  expect(() => makeDirectory(path)).toThrow(/could not be created: a part of its path is no directory/)
})
