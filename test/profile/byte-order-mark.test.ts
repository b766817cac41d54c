import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { blockText, findBlock } from '../../src/profile/block.ts'
import { insertBlock } from '../../src/profile/change/edit.ts'
import { beginningOf } from '../../src/profile/change/position.ts'
import { makeHome } from '../support/homes/home.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const BLOCK = blockText(['FROM_BLOCK=1'])

/** The profile with the block at its beginning. */
function withBlock(profile: string): Buffer {
  const bytes = Buffer.from(profile)
  return insertBlock(bytes, BLOCK, { kind: 'insert', offset: beginningOf(bytes), isCreated: false }).bytes
}

describe('a block at the beginning of a profile', () => {
  it.each(['export MINE=1\n', '# vim: set ft=sh:\nexport MINE=1\n', '\uFEFFexport X=1\nexport MINE=1\n'])(
    'is found again in %j',
    (profile) => {
      const bytes = withBlock(profile)
      const found = findBlock(bytes)
      expect(found.kind).toBe('block')
      expect(bytes.toString().replace(BLOCK, '')).toBe(profile)
    },
  )

  it.each(['bash', 'zsh', 'dash', 'ksh'].filter((program) => hasProgram(program)))(
    'is read by %s, as is all that stands behind it, in a profile with a byte order mark',
    (program) => {
      const home = makeHome()
      const path = home.write('profile', withBlock('\uFEFFexport X=1\nexport MINE=1\n'))
      const { stdout } = spawnSync(program, ['-c', `. '${path}'; echo "$FROM_BLOCK$MINE"`], { encoding: 'utf8' })
      expect(stdout).toBe('11\n')
      home.remove()
    },
  )
})
