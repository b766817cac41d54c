import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import { startResources, type Resources } from '../../test/support/homes/resources.ts'
import { canBeAnybody, rightsOf } from '../../test/support/programs/as-user.ts'
import { runBuilt } from '../../test/support/programs/built.ts'
import { readInShell } from '../../test/support/programs/login-shell.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { runCampaign } from '../support/campaign.ts'
import { FORMS, OTHERS, USER, type Form } from './forms.ts'

const CONTENTS = '# mine\nPROFILE=1\n'
const AS_USER = ['setpriv', '--reuid', String(USER.uid), '--regid', String(USER.gids[0]), '--clear-groups']

interface Case {
  readonly form: Form
  readonly inline: boolean
}

/** What a change must leave as it is, a line each. */
function fingerprint(home: TestHome, inline: boolean): readonly string[] {
  const profile = join(home.path, '.bash_profile')
  const link = lstatSync(profile)
  const stats = statSync(profile, { throwIfNoEntry: false })
  const tell = (name: string, ...options: readonly string[]): string =>
    stats === undefined ? '' : execFileSync(name, [...options, '--absolute-names', profile], { encoding: 'utf8' })
  return [
    link.isSymbolicLink() ? readlinkSync(profile) : 'a file',
    stats === undefined ? 'nothing' : `${stats.uid}:${stats.gid}, ${stats.nlink} names`,
    tell('getfattr', '--dump', '--match=^user'),
    // With the values in it a profile is closed for a time, its list with it.
    ...(inline ? [] : [tell('getfacl', '--omit-header'), String((stats?.mode ?? 0) & 0o7777)]),
  ]
}

function rights(home: TestHome): readonly string[] {
  return OTHERS.map((user) => rightsOf(user, join(home.path, '.bash_profile')))
}

function widened(before: readonly string[], home: TestHome): readonly string[] {
  return rights(home).flatMap((now, index) => {
    const old = before[index] ?? ''
    const isMore = ['r', 'w'].some((right) => now.includes(right) && !old.includes(right))
    return isMore ? [`user ${OTHERS[index]?.uid} has ${now} instead of ${old || 'nothing'}`] : []
  })
}

async function runCase({ form, inline }: Case, { a }: Resources): Promise<readonly string[]> {
  const home = makeHome()
  try {
    for (const path of [dirname(home.path), home.path]) chmodSync(path, 0o755)
    const profile = home.write('.bash_profile', CONTENTS)
    for (const path of [home.path, profile]) chownSync(path, USER.uid, USER.gids[0])
    chmodSync(profile, 0o644)
    form.make(home.path, profile)
    const original = existsSync(profile)
    const before = { print: fingerprint(home, inline), rights: original ? rights(home) : undefined }
    const wrong: string[] = []
    const commands = [
      ['setup', '--yes', '--no-verify', '--connection-string', a.connectionString, ...(inline ? ['--inline'] : [])],
      ['refresh'],
      ['unset', '--yes'],
    ]
    for (const args of commands) {
      const run = await runBuilt(args, { home: home.path, env: { SHELL: '/bin/bash' }, under: AS_USER })
      const say = (text: string): unknown => wrong.push(`${args[0]}: ${text}`)
      if (run.exitCode !== 0) say(`ended with ${run.exitCode}: ${run.stderr}`)
      // What was not there is made by setup, and goes with unset.
      if (original) {
        for (const [index, line] of fingerprint(home, inline).entries()) {
          if (line !== before.print[index]) say(`${line} instead of ${before.print[index]}`)
        }
        for (const line of widened(before.rights ?? [], home)) say(line)
      }
      for (const name of form.otherNames ?? []) {
        if (!readFileSync(join(home.path, name)).equals(readFileSync(profile))) say(`${name} is another file now`)
      }
      if (args[0] === 'unset') continue
      const { values } = readInShell('bash', ['-l', '-c'], home.path, ['AZURE_COMMUNICATION_ACCESS_TOKEN'])
      if (values[0] === '') say('a new shell has no token')
    }
    const left = existsSync(profile) ? readFileSync(profile, 'latin1') : undefined
    if (left !== (original ? CONTENTS : undefined)) wrong.push(`afterwards the profile is ${JSON.stringify(left)}`)
    if (original && rights(home).join() !== before.rights?.join())
      wrong.push(`afterwards rights are ${rights(home).join()}`)
    const temporaries = readdirSync(home.path).filter((name) => /\.acs-env-(?!0{12})[\da-f]{12}$/.test(name))
    return [...wrong, ...temporaries.map((name) => `${name} is left over`)]
  } finally {
    home.remove()
  }
}

describe.runIf(canBeAnybody() && hasProgram('setfacl') && hasProgram('setfattr'))('a profile of any form', () => {
  it('is open to nobody more, and keeps what it has beside its contents', async () => {
    const resources = await startResources()
    try {
      const cases = FORMS.flatMap((form) => [false, true].map((inline): Case => ({ form, inline })))
      await expect(
        runCampaign('faults, forms of a profile', cases, {
          describe: ({ form, inline }) => `${form.name}${inline ? ', --inline' : ''}`,
          run: (item) => runCase(item, resources),
        }),
      ).resolves.toBeUndefined()
    } finally {
      await resources.close()
    }
  })
})
