import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acs, home } from '../support/homes/emulator-and-home.ts'
import { startResources, type Resources } from '../support/homes/resources.ts'

const OWN = '.config/acs-env'
const DEFAULT = `${OWN}/resources/default`
const STAGING = `${OWN}/resources/staging`

let resources: Resources
beforeAll(async () => {
  resources = await startResources()
})
afterAll(() => resources.close())

const at = (path: string): string => join(home.path, path)
const copy = (from: string, to: string): void => cpSync(at(from), at(to))
const remove = (path: string): void => rmSync(at(path))

/** What `use default` does to the files, a step at a time; `staging` is the current one before. */
const STEPS: readonly (readonly [what: string, make: () => void])[] = [
  ['half a copy of the one that goes', () => copy(`${OWN}/connection-string`, `${STAGING}/connection-string`)],
  [
    'the whole copy',
    () => {
      for (const file of ['access-token', 'state.json']) copy(`${OWN}/${file}`, `${STAGING}/${file}`)
    },
  ],
  ['the old token', () => remove(`${OWN}/access-token`)],
  ['the key', () => copy(`${DEFAULT}/connection-string`, `${OWN}/connection-string`)],
  ['the token', () => copy(`${DEFAULT}/access-token`, `${OWN}/access-token`)],
  ['the state', () => copy(`${DEFAULT}/state.json`, `${OWN}/state.json`)],
  ['the state of the copy', () => remove(`${DEFAULT}/state.json`)],
  ['the token of the copy', () => remove(`${DEFAULT}/access-token`)],
]
/** From here on it is done. */
const COMMITTED = 6
const MOMENTS = STEPS.map(([what], index) => [what, index + 1] as const)

async function killAfter(steps: number): Promise<void> {
  const setup = ['setup', '--yes', '--no-verify', '--connection-string']
  await acs([...setup, resources.a.connectionString, '--name', 'default'])
  await acs([...setup, resources.b.connectionString, '--name', 'staging'])
  for (const [, make] of STEPS.slice(0, steps)) make()
}

const read = (path: string): string | undefined =>
  existsSync(at(path)) ? resources.resourceOf(home.read(path)) : undefined
const pairIn = (folder: string): readonly (string | undefined)[] =>
  ['connection-string', 'access-token'].map((file) => read(`${folder}/${file}`))

describe.each(MOMENTS)('a change that was killed after %s', (_, steps) => {
  const isDone = steps >= COMMITTED
  const [current, parked] = isDone ? ['a', 'b'] : ['b', 'a']

  it.each([['refresh'], ['use', 'default'], ['use', 'staging'], ['refresh', '--name', 'staging'], ['token']])(
    'is finished or taken back by %s %s',
    async (...args) => {
      await killAfter(steps)
      const run = await acs(args.filter((word) => word !== undefined))
      expect([run.stderr, run.exitCode]).toEqual([run.stderr, 0])
      const isUse = args[0] === 'use'
      const wanted = isUse ? (args[1] === 'default' ? 'a' : 'b') : current
      const other = wanted === 'a' ? 'staging' : 'default'
      expect(pairIn(OWN)).toEqual([wanted, wanted])
      expect(pairIn(`${OWN}/resources/${other}`)).toEqual(wanted === 'a' ? ['b', 'b'] : ['a', 'a'])
      // Half a copy, which has nothing of its own, goes with the next change.
      if (args[0] === 'token') return
      expect(existsSync(at(`${OWN}/resources/${wanted === 'a' ? 'default' : 'staging'}`))).toBe(false)
    },
  )

  it('is reported by status, which changes nothing', async () => {
    await killAfter(steps)
    const before = home.list()
    const { stdout } = await acs(['status', '--json'])
    const { name, problems } = JSON.parse(stdout) as { readonly name: string; readonly problems: readonly string[] }
    expect(name).toBe(isDone ? 'default' : 'staging')
    const isWhole = steps >= 2 && steps <= COMMITTED
    expect(problems.filter((problem) => problem.includes('broke off'))).toHaveLength(isWhole ? 1 : 0)
    expect([home.list(), parked]).toEqual([before, isDone ? 'b' : 'a'])
  })
})
