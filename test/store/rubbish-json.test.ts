import { expect, it } from 'vitest'
import { privateFile, readJson } from '../../src/store/own-files.ts'
import { readState } from '../../src/store/state.ts'
import { NO_STATE } from '../../src/store/stored.ts'
import { makeHome } from '../support/homes/home.ts'

const MEGABYTES = 1024 * 1024

it.each<readonly [string, string]>([
  ['brackets', '['.repeat(15 * MEGABYTES)],
  ['brackets and braces', '{"a":['.repeat(2 * MEGABYTES)],
  ['brackets behind a string with quotes in it', `{"a\\"[": ${'['.repeat(15 * MEGABYTES)}`],
  ['nesting that is well-formed', `{"a":${'['.repeat(MEGABYTES)}${']'.repeat(MEGABYTES)}}`],
  ['what is too large', JSON.stringify({ a: 'x'.repeat(17 * MEGABYTES) })],
])('a file of ours with megabytes of rubbish is nothing, in no time: %s', (_, text) => {
  const home = makeHome()
  home.write('state.json', text)
  const file = privateFile(home.path, 'state.json')
  const before = performance.now()
  expect(readJson(file)).toBeUndefined()
  // To parse them takes ten seconds, several times in a run.
  expect(performance.now() - before).toBeLessThan(2_000)
  home.remove()
})

it('brackets in a string are no nesting', () => {
  const home = makeHome()
  const document = { '\\"': '['.repeat(1_000), a: ['{'.repeat(1_000), '\\', '"'] }
  home.write('state.json', JSON.stringify(document))
  expect(readJson(privateFile(home.path, 'state.json'))).toEqual(document)
  home.remove()
})

it('a name that a shell owns is no variable of ours, and a state of many megabytes is none', () => {
  const home = makeHome()
  const names = ['PATH', 'LD_PRELOAD', 'HOME', 'AZURE_COMMUNICATION_CONNECTION_STRING']
  const state = { version: 1, variables: names.map((name) => ({ name, value: 'connection-string' })) }
  home.write('state.json', JSON.stringify(state))
  expect(readState(home.path).variables.map(({ name }) => name)).toEqual(['AZURE_COMMUNICATION_CONNECTION_STRING'])
  home.write('state.json', JSON.stringify({ ...state, junk: 'x'.repeat(2 * MEGABYTES) }))
  expect(readState(home.path)).toEqual(NO_STATE)
  home.remove()
})
