import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changes, startUpFilesIn, whileChanged, type Change } from '../support/homes/changes-behind-the-back.ts'
import { emulator } from '../support/homes/emulator-and-home.ts'
import {
  accounts,
  beginLife,
  OWN_ACCOUNT,
  startRunners,
  type Life,
  type Runners,
} from '../support/homes/life-of-a-home.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import type { HomeShell } from './start-up-homes/start-up-home.ts'

const PROMISE = /^New (?:terminals|login shells) have them/m

/** A home for each shell, whose login shells and other ones both have the values. */
const homes: readonly { shell: HomeShell; files: Readonly<Record<string, string>>; appears: string }[] = [
  { shell: 'bash', files: { '.bashrc': 'alias g=git\n', '.profile': '. ~/.bashrc\n' }, appears: '.bash_login' },
  { shell: 'zsh', files: { '.zshenv': 'export EDITOR=vi\n', '.zshrc': 'alias g=git\n' }, appears: '.zlogin' },
  { shell: 'sh', files: { '.profile': 'export EDITOR=vi\n' }, appears: '' },
  { shell: 'ksh', files: { '.profile': 'export EDITOR=vi\n', '.kshrc': 'alias g=git\n' }, appears: '' },
  { shell: 'mksh', files: { '.profile': 'export EDITOR=vi\n', '.mkshrc': 'alias g=git\n' }, appears: '' },
]

const isComplete = ['bash', 'zsh', 'ksh', 'mksh'].map((program) => hasProgram(program)).every(Boolean)

let runners: Runners
beforeAll(async () => {
  runners = await startRunners()
})
afterAll(() => runners.remove())

describe.runIf(isComplete)('status after a start-up file was changed', { concurrent: true, timeout: 240_000 }, () => {
  it.each(homes)('of $shell', async ({ shell, files, appears }) => {
    const life = beginLife({ shell, files, before: '' }, accounts.at(-1) ?? OWN_ACCOUNT, runners, 'shared-process')
    try {
      await setUp(shell, life)
      for (const file of startUpFilesIn(life.home.path, shell).slice(0, 2)) {
        for (const change of changes) await expectNoPromiseAfter(change, file, life)
      }
      expect(await statusOf(life)).toEqual({ changedSince: [], promises: true })
      if (appears !== '') {
        const file = join(life.home.path, appears)
        writeFileSync(file, 'unset AZURE_COMMUNICATION_ACCESS_TOKEN\n')
        expect(await statusOf(life)).toEqual({ changedSince: [file], promises: false })
      }
    } finally {
      life.home.remove()
    }
  })
})

it.runIf(isComplete)('status after the rights to read a profile were taken away', async () => {
  const account = accounts.at(-1) ?? OWN_ACCOUNT
  const life = beginLife(
    { shell: 'bash', files: { '.bashrc': 'alias g=git\n' }, before: '' },
    account,
    runners,
    'bundle',
  )
  try {
    await setUp('bash', life)
    expect(await life.run(['status'])).toMatchObject({ exitCode: 0 })
    chmodSync(join(life.home.path, '.bashrc'), 0)
    // Root may read everything.
    const isRoot = account.kind === 'own' && process.getuid?.() === 0
    const { exitCode, stdout } = await life.run(['status'])
    expect([exitCode, stdout.includes('.bashrc could not be read: permission denied')]).toEqual(
      isRoot ? [0, false] : [3, true],
    )
  } finally {
    life.home.remove()
  }
})

async function expectNoPromiseAfter(change: Change, file: string, life: Life): Promise<void> {
  await whileChanged(change, file, async () => {
    expect({ what: change.name, ...(await statusOf(life)) }).toEqual({
      what: change.name,
      changedSince: [file],
      promises: false,
    })
  })
}

async function setUp(shell: HomeShell, life: Life): Promise<void> {
  const args = ['setup', '--yes', '--connection-string-stdin', '--shell', shell]
  expect(await life.run(args, emulator.connectionString)).toMatchObject({ exitCode: 0 })
}

async function statusOf(life: Life): Promise<{ changedSince: readonly string[]; promises: boolean }> {
  const [asJson, asText] = await Promise.all([life.run(['status', '--json']), life.run(['status'])])
  const { new_shell } = JSON.parse(asJson.stdout) as { new_shell: { changed_since: readonly string[] } }
  return { changedSince: new_shell.changed_since, promises: PROMISE.test(asText.stdout) }
}
