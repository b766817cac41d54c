import { expect, it } from 'vitest'
import { openStore } from '../../../src/platforms/resolve.ts'
import { findWherever } from '../../../src/platforms/resources/named.ts'
import { findWhole } from '../../../src/platforms/resources/whole.ts'
import { Secret } from '../../../src/secret.ts'
import type { Stored } from '../../../src/store/stored.ts'
import { emulator, home } from '../../support/homes/emulator-and-home.ts'
import { makeSystem, runInWorld } from '../../support/homes/world.ts'

const STORE = '.config/acs-env'

/** Two resources, of which the second is the current one, and what was found while it once gave way to the first. */
async function setUpTwo(): Promise<Stored> {
  for (const [name, host] of [
    ['first', '127.0.0.1'],
    ['second', 'localhost'],
  ] as const) {
    const connectionString = emulator.connectionString.replace('127.0.0.1', host)
    const args = ['setup', '--yes', '--no-verify', '--name', name, '--connection-string', connectionString]
    expect((await runInWorld(args, home.path)).exitCode).toBe(0)
  }
  const { state } = await (await openStore(makeSystem(home.path))).find()
  const other = new Secret(home.read(`${STORE}/resources/first/connection-string`))
  return { connectionString: other, accessToken: undefined, state }
}

// When it was looked whether a change was under way, it was over, and the one back, too.
it('a named resource has no value of a change that came between', async () => {
  const between = await setUpTwo()
  const { directory, find } = await openStore(makeSystem(home.path))
  let looks = 0
  const found = await findWherever('second', {
    directory,
    find: async () => {
      looks += 1
      return looks === 1 ? between : find()
    },
  })
  expect(valuesOf(found)).toEqual([home.read(`${STORE}/connection-string`), home.read(`${STORE}/access-token`)])
})

it('the current resource has none either', async () => {
  const between = await setUpTwo()
  const system = makeSystem(home.path)
  const found = await findWhole(await openStore(system), between, system)
  expect(valuesOf(found)).toEqual([home.read(`${STORE}/connection-string`), home.read(`${STORE}/access-token`)])
})

const valuesOf = ({ connectionString, accessToken }: Stored): readonly (string | undefined)[] => [
  connectionString?.reveal(),
  accessToken?.reveal(),
]
