import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findNames } from '../../../src/platforms/resources/named.ts'
import { NO_STATE, type Stored } from '../../../src/store/stored.ts'
import { home } from '../../support/homes/emulator-and-home.ts'

const FIRST: Stored = {
  connectionString: undefined,
  accessToken: undefined,
  state: { ...NO_STATE, name: 'first' },
}

it('the names are those of one moment, also where the current resource changes twice between two looks', async () => {
  const directory = home.path
  /** What is parked; the other one is current. */
  const park = (parked: 'first' | 'second'): void => {
    for (const name of ['first', 'second']) rmSync(join(directory, 'resources', name), { recursive: true, force: true })
    home.write(`resources/${parked}/state.json`, JSON.stringify({ version: 1 }))
    home.write(`resources/${parked}/access-token`, 'a token')
  }
  mkdirSync(join(directory, 'resources'))
  let looks = 0
  const find = async (): Promise<Stored> => {
    looks += 1
    // By the time the names are read another run has made the second one current, and then the first one again.
    park(looks === 1 ? 'first' : 'second')
    return FIRST
  }
  const { names } = await findNames({ directory, find })
  expect(names).toEqual(['first', 'second'])
})
