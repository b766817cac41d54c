import { join } from 'node:path'
import { CliError } from '../../../errors.ts'
import { readFileState } from '../../../files/read.ts'
import { findBlock } from '../../../profile/block.ts'
import { readInlineValues } from '../../../profile/inline-values.ts'
import type { Secret } from '../../../secret.ts'
import { shellPath } from '../../../shells/posix.ts'
import { requireWritable } from '../../../store/change/perform.ts'
import { privateFile, privateFileStep } from '../../../store/own-files.ts'
import { readState, stateStep } from '../../../store/state.ts'
import { DEFAULT_VARIABLES, type Plan, type Remembered, type Step } from '../../../store/store.ts'
import { CONNECTION_STRING_NAME } from '../../../values/variable-name.ts'
import { blockPaths } from '../find.ts'
import type { PosixPlace } from '../place.ts'

/** What has to change for a new token: its file, or with inline values that one statement in each profile. */
export function planRenewal(place: PosixPlace, accessToken: Secret, remember: Remembered): Plan {
  const { directory, home } = place
  const earlier = readState(directory, home)
  const names = (earlier.variables ?? DEFAULT_VARIABLES)
    .filter(({ value }) => value === 'access-token')
    .map(({ name }) => name)
  const file = privateFile(directory, 'access-token')
  const told = { summary: 'the access token', preview: [`+ ${accessToken}`] }
  const paths = file.state.bytes === undefined ? blockPaths(place, earlier) : []
  requireOneResource(place, paths)
  const inline = names.flatMap((name) => inlineSteps(place, paths, name, accessToken))
  const isInline = file.state.bytes === undefined && inline.length > 0
  const steps = [
    ...(isInline ? inline : privateFileStep(file, accessToken.reveal(), told)),
    ...stateStep(directory, { ...earlier, ...remember }, home),
  ]
  requireWritable(steps, directory)
  const where = isInline ? (inline[0]?.path ?? '') : join(directory, 'access-token')
  return { isDraft: false, steps, stored: names.map((name) => ({ name, where })), warnings: [], notes: [] }
}

/** After a change of resource that broke off, one profile may hold the old pair and another the new one. */
function requireOneResource({ home }: PosixPlace, paths: readonly string[]): void {
  const values = paths.flatMap((path) => {
    const value = readInlineValues(path, shellPath(path, home)).get(CONNECTION_STRING_NAME)
    return value === undefined ? [] : [value]
  })
  if (values.every((value) => value.equals(values[0]))) return
  throw new CliError('Your profiles hold the connection strings of different resources.', {
    code: 'other_resource',
    hint: 'run "acs-env setup --inline" with the one that is meant',
  })
}

function inlineSteps(
  { shell }: PosixPlace,
  paths: readonly string[],
  name: string,
  accessToken: Secret,
): readonly Extract<Step, { kind: 'write-file' }>[] {
  return paths.flatMap((path) => {
    const state = readFileState(path)
    const block = state.bytes === undefined ? undefined : findBlock(state.bytes)
    if (state.bytes === undefined || block === undefined) return []
    const start = state.bytes.indexOf(`\nexport ${name}='`, block.start) + 1
    if (start === 0 || start >= block.end) return []
    const bytes = Buffer.concat([
      state.bytes.subarray(0, start),
      Buffer.from(shell.exportStatement(name, accessToken.reveal())),
      state.bytes.subarray(state.bytes.indexOf('\n', start)),
    ])
    const told = { summary: 'the access token', preview: [`+ export ${name}=${accessToken}`] }
    return [{ kind: 'write-file', path, state, bytes, mode: state.mode, ...told }]
  })
}
