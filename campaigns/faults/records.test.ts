import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeHome, readTree, type TestHome } from '../../test/support/homes/home.ts'
import { startResources } from '../../test/support/homes/resources.ts'
import { canBeAnybody } from '../../test/support/programs/as-user.ts'
import { runBuilt } from '../../test/support/programs/built.ts'
import { runCampaign } from '../support/campaign.ts'

const OWN = '.config/acs-env'
/** Whose the files outside are. */
const SOMEBODY = 54_321
const CONTENTS = '# mine\nPROFILE=1\n'

/** What becomes of the records between setup and the commands after it. */
interface Change {
  readonly name: string
  readonly make: (home: TestHome) => void
}

const lost = (...names: readonly string[]): Change => ({
  name: `lost: ${names.join(' and ')}`,
  make: (home) => names.forEach((name) => rmSync(join(home.path, name), { recursive: true, force: true })),
})

/** A record with some of its fields replaced. */
const forged = (file: string, name: string, fields: (home: TestHome) => object): Change => ({
  name: `${file}: ${name}`,
  make: (home) => {
    const path = join(home.path, OWN, file)
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as object) : { version: 1 }
    writeFileSync(path, JSON.stringify({ ...before, ...fields(home) }))
  },
})

const outside = (home: TestHome): string => join(dirname(home.path), 'outside')
const line = (text: string): object => ({ side: 'after', distance: 0, line: Buffer.from(text).toString('base64') })
const BLANK = { created: false, addedNewline: false, before: '', after: '', replaced: [] }
const record = (fields: object): object => ({ ...BLANK, ...fields })

const CHANGES: readonly Change[] = [
  lost(`${OWN}/restore.json`),
  lost(`${OWN}/state.json`),
  lost(`${OWN}/restore.json`, `${OWN}/state.json`),
  lost(`${OWN}/.gitignore`, `${OWN}/restore.json`),
  lost(OWN),
  forged('state.json', 'profiles outside', (home) => ({ profiles: [join(outside(home), 'profile')] })),
  forged('state.json', 'directories outside', (home) => ({ created_directories: [join(outside(home), 'empty'), '/'] })),
  forged('state.json', 'other types', () => ({ profiles: 1, shell: [], variables: {}, seen: 'x', scopes: { a: 1 } })),
  forged('state.json', 'variables that are none', () => ({
    variables: [
      { name: 'A=$(id)', value: 'access-token' },
      { name: 'PATH', value: 'x' },
    ],
  })),
  forged('state.json', 'fields of a later release', () => ({ later: { list: [1] } })),
  forged('restore.json', 'a line into a file outside', (home) => ({
    profiles: { [join(outside(home), 'profile')]: record({ replaced: [line('export A=1\n')] }) },
  })),
  forged('restore.json', 'a file outside that was made', (home) => ({
    profiles: { [join(outside(home), 'profile')]: record({ created: true }) },
  })),
  forged('restore.json', 'two lines in one', () => ({
    profiles: { '~/.bashrc': record({ replaced: [line('export A=1\nid\n')] }) },
  })),
  forged('restore.json', 'a mode for all', () => ({ profiles: { '~/.bashrc': record({ mode: 0o7777 }) } })),
  forged('restore.json', 'other types', () => ({ profiles: { '~/.bashrc': [], '~/.profile': null } })),
  forged('restore.json', 'a later version', () => ({ version: 99 })),
]

async function runCase(
  { change, inline }: { readonly change: Change; readonly inline: boolean },
  connectionString: string,
): Promise<readonly string[]> {
  const home = makeHome()
  try {
    for (const name of ['.bash_profile', '.bashrc']) home.write(name, CONTENTS)
    mkdirSync(join(outside(home), 'empty'), { recursive: true })
    writeFileSync(join(outside(home), 'profile'), CONTENTS)
    for (const name of ['.', 'profile', 'empty']) chownSync(join(outside(home), name), SOMEBODY, SOMEBODY)
    const run = (args: readonly string[]) => runBuilt(args, { home: home.path, env: { SHELL: '/bin/bash' } })
    const options = ['--yes', '--no-verify', '--connection-string', connectionString, ...(inline ? ['--inline'] : [])]
    await run(['setup', ...options])
    change.make(home)
    const before = JSON.stringify(readTree(outside(home)))
    const wrong: string[] = []
    for (const args of [['status'], ['refresh'], ['setup', ...options], ['unset', '--yes']]) {
      const { exitCode, signal, stderr } = await run(args)
      const isTold = exitCode === 0 || exitCode === 3 || (exitCode === 1 && /^error: .+\.\nhint: /m.test(stderr))
      if (signal !== null || !isTold) wrong.push(`${args[0]} ended with ${signal ?? exitCode}: ${stderr}`)
      if (JSON.stringify(readTree(outside(home))) !== before || !existsSync(join(outside(home), 'empty'))) {
        wrong.push(`${args[0]} has changed what is outside the home`)
      }
    }
    // Where a record is refused, somebody has to look at it first.
    const isRefused = existsSync(join(home.path, OWN, 'restore.json'))
    if (isRefused) rmSync(join(home.path, OWN, 'restore.json'))
    const last = await run(['unset', '--yes'])
    if (last.exitCode !== 0) wrong.push(`the last unset ended with ${last.exitCode}: ${last.stderr}`)
    for (const name of ['.bash_profile', '.bashrc']) {
      if (home.read(name) !== CONTENTS) wrong.push(`${name} is ${JSON.stringify(home.read(name))}`)
    }
    return wrong
  } finally {
    home.remove()
  }
}

describe.runIf(canBeAnybody())('records', () => {
  it('that are lost or forged cost no byte, and reach nothing of anybody else’s', async () => {
    const resources = await startResources()
    try {
      const cases = CHANGES.flatMap((change) => [false, true].map((inline) => ({ change, inline })))
      await expect(
        runCampaign('faults, lost and forged records', cases, {
          describe: ({ change, inline }) => `${change.name}${inline ? ', --inline' : ''}`,
          run: (item) => runCase(item, resources.a.connectionString),
        }),
      ).resolves.toBeUndefined()
    } finally {
      await resources.close()
    }
  })
})
