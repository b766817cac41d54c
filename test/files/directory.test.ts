import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDirectory } from '../../src/files/change/directory.ts'
import { readFileState } from '../../src/files/read.ts'
import { besideNeighbour } from '../support/doubles/busy-neighbour.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'

let home: TestHome
let path: string
beforeEach(() => {
  home = makeHome()
  path = join(home.path, 'own')
})
afterEach(() => home.remove())

it('a directory is made although another run makes it and takes it away all the time', async () => {
  const working = besideNeighbour(path, ['fs.mkdirSync(path)', 'fs.rmdirSync(path)'], () => makeDirectory(path))
  await expect(working).resolves.toBeUndefined()
})

it('a directory is not made where a link leads nowhere', () => {
  symlinkSync('nowhere', path)
  expect(() => makeDirectory(path)).toThrow(/could not be created: a part of its path is no directory/)
})

it('a file is read, or is not there, although another run writes it and takes it away all the time', async () => {
  const seen = new Set<string | undefined>()
  const statements = [
    'fs.writeFileSync(path + "2", "all of it"); fs.renameSync(path + "2", path)',
    'fs.unlinkSync(path)',
  ]
  const working = besideNeighbour(path, statements, () => void seen.add(readFileState(path).bytes?.toString()))
  await expect(working).resolves.toBeUndefined()
  expect(seen).toEqual(new Set(['all of it', undefined]))
})
