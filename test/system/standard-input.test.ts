import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { BUILT, cleanEnvironment } from '../support/programs/built.ts'

const ARGS = [BUILT, 'issue', '--scope', 'chat', '--dry-run', '--json', '--connection-string-stdin']
const CONNECTION_STRING = `endpoint=https://contoso.communication.azure.com/;accesskey=${'A'.repeat(86)}==`

const home = makeHome()
const env = cleanEnvironment(home.path)
afterAll(() => home.remove())

describe('standard input', () => {
  it('is read from a file', () => {
    const { status, stdout } = runWith(fileOf(CONNECTION_STRING), 'r')
    expect([status, stdout]).toEqual([0, expect.stringContaining('contoso')])
  })

  it('may be a file in UTF-16, as Windows PowerShell writes it', () => {
    const path = join(home.path, 'input')
    writeFileSync(path, Buffer.from(`\uFEFF${CONNECTION_STRING}\r\n`, 'utf16le'))
    expect(runWith(path, 'r').status).toBe(0)
  })

  it.each([
    ['that cannot be read', () => fileOf(''), 'w', 'Standard input could not be read (EBADF).'],
    ['that is a directory', () => home.path, 'r', 'Standard input could not be read (EISDIR).'],
    ['without an end', () => '/dev/zero', 'r', 'There is more than 1 MB on standard input.'],
  ])('%s is reported in one sentence', (_, path, flags, sentence) => {
    const { status, stdout, stderr } = runWith(path(), flags)
    expect([status, stdout]).toEqual([1, ''])
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'input', message: sentence } })
  })

  it('may come in pieces, and slowly', async () => {
    const child = spawn(process.execPath, ARGS, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    const answers: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => answers.push(part))
    const ended = new Promise((resolve) => child.once('close', resolve))
    for (const piece of CONNECTION_STRING.match(/.{1,40}/g) ?? []) {
      child.stdin.write(piece)
      await sleep(120)
    }
    child.stdin.end()
    expect(await ended).toBe(0)
    expect(JSON.parse(Buffer.concat(answers).toString())).toMatchObject({
      endpoint: 'https://contoso.communication.azure.com/',
    })
  })
})

function fileOf(text: string): string {
  const path = join(home.path, 'input')
  writeFileSync(path, text)
  return path
}

function runWith(path: string, flags: string): SpawnSyncReturns<string> {
  const descriptor = openSync(path, flags)
  try {
    return spawnSync(process.execPath, ARGS, { env, stdio: [descriptor, 'pipe', 'pipe'], encoding: 'utf8' })
  } finally {
    closeSync(descriptor)
  }
}
