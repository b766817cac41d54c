import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { readTree } from '../support/homes/home.ts'

const OWN = '.config/acs-env'
const LATER =
  /^error: ~\/\.config\/acs-env\/(?:state|restore)\.json was written by a later version of acs-env\.\nhint: /

async function setup(): Promise<void> {
  home.write('.bash_profile', 'export AZURE_COMMUNICATION_ACCESS_TOKEN="own"\n')
  await acs(['setup', '--no-verify', '--connection-string', emulator.connectionString])
}

function change(file: string, fields: object): void {
  const document = JSON.parse(home.read(`${OWN}/${file}`)) as object
  home.write(`${OWN}/${file}`, JSON.stringify({ ...document, ...fields }))
}

describe('what a later version has written', () => {
  it.each([
    ['state.json', 2, ['unset', 'refresh', 'setup']],
    ['state.json', 1.5, ['unset', 'refresh', 'setup']],
    ['state.json', 1e300, ['unset', 'refresh', 'setup']],
    ['restore.json', 2, ['unset', 'setup']],
    ['restore.json', 99, ['unset', 'setup']],
  ])('is refused by what would change it, and stays: %s of version %d', async (file, version, commands) => {
    await setup()
    change(file, { version, profiles: 'in another form' })
    const before = readTree(home.path)
    for (const command of commands) {
      const run = await acs([command, '--yes'])
      expect([command, run.exitCode, run.stderr]).toEqual([command, 1, expect.stringMatching(LATER)])
    }
    expect(readTree(home.path)).toEqual(before)
  })

  it.each(['state.json', 'restore.json'])('in the same form is kept where it is not known: %s', async (file) => {
    await setup()
    const later = { later: { list: [1, null] }, more: 'y' }
    change(file, later)
    for (const args of [['refresh'], ['setup', '--no-verify']]) {
      expect((await acs(args)).exitCode).toBe(0)
      expect(JSON.parse(home.read(`${OWN}/${file}`))).toMatchObject(later)
    }
    expect((await acs(['unset'])).exitCode).toBe(0)
    expect(home.read('.bash_profile')).toBe('export AZURE_COMMUNICATION_ACCESS_TOKEN="own"\n')
  })
})
