import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { resource, resourceId, subscription, SUBSCRIPTION } from '../support/doubles/azure-cli.ts'
import type { WindowsBench } from '../support/doubles/windows-bench.ts'
import { requirements, SECOND_TRY, useWindows } from '../support/doubles/windows-suite.ts'

const SOURCE = resolve(import.meta.dirname, '../support/doubles/windows/python.c')
/** A bracket ends the block in which the batch file of the Azure CLI has its arguments. */
const CONTOSO = resourceId('contoso', { group: 'rg(dev)' })
const ENVIRONMENT = { PATH: String.raw`C:\azure\wbin;C:\windows\system32` }

/** The Azure CLI as Microsoft's installer lays it out, with a batch file that must not be run. */
async function install(windows: WindowsBench, connectionString: string): Promise<void> {
  rmSync(windows.path('azure'), { recursive: true, force: true })
  mkdirSync(windows.path('azure', 'wbin'), { recursive: true })
  writeFileSync(windows.path('azure', 'wbin', 'az.cmd'), '@echo run > C:\\batch-file-was-run\r\n')
  const answers = {
    accounts: [subscription()],
    resources: { value: [resource(CONTOSO)] },
    key: { primaryConnectionString: connectionString },
  }
  for (const [name, answer] of Object.entries(answers)) {
    writeFileSync(windows.path('azure', `${name}.json`), JSON.stringify(answer))
  }
}

describe.skipIf(requirements === undefined)('the Azure CLI on Windows', SECOND_TRY, () => {
  const onWindows = useWindows()

  it.concurrent('is started by its Python, and not by its batch file', { timeout: 240_000 }, () =>
    onWindows(async ({ windows, emulator, stored, secretsIn }) => {
      await install(windows, emulator.connectionString)
      const options = ['-O1', '-s', '-Wall', '-Werror', '-municode', '-o', windows.path('azure', 'python.exe')]
      await promisify(execFile)('x86_64-w64-mingw32-gcc', [...options, SOURCE, '-ladvapi32'])
      windows.calls()
      const run = await windows.run(['setup', '--from-az', 'contoso'], { env: ENVIRONMENT })
      expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('✓ Stored:')])
      expect(await stored()).toMatchObject({ connectionString: emulator.connectionString })
      expect(secretsIn(Buffer.from(run.stdout + run.stderr))).toEqual([])
      const common = '--output json --only-show-errors'
      const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Communication/communicationServices`
      const version = '--url-parameters api-version=2023-04-01'
      expect(windows.calls().filter((line) => line.includes('azure.cli'))).toEqual([
        `-IBm azure.cli account list ${common}`,
        `-IBm azure.cli rest --method get --url ${list} ${version} ${common}`,
        `-IBm azure.cli rest --method post --url ${CONTOSO}/listKeys ${version} ${common}`,
      ])
      expect(existsSync(windows.path('batch-file-was-run'))).toBe(false)
    }),
  )

  it.concurrent('is not started where that would take cmd.exe', { timeout: 240_000 }, () =>
    onWindows(async ({ windows, emulator }) => {
      await install(windows, emulator.connectionString)
      const run = await windows.run(['setup', '--from-az', 'contoso'], { env: ENVIRONMENT })
      expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('without its Python')])
      expect(existsSync(windows.path('batch-file-was-run'))).toBe(false)
    }),
  )
})
