import { join } from 'node:path'
import { CliError } from '../../../errors.ts'
import { distinctFiles, isReadable, readFileState } from '../../../files/read.ts'
import { requireBlock } from '../../../profile/block.ts'
import { inlineStatement, inlineValues, readersFor, type Readers } from '../../../profile/inline-values.ts'
import { Secret } from '../../../secret.ts'
import { shellPath } from '../../../shells/posix-words.ts'
import { STORE_NOTES } from '../../../store/change/notes.ts'
import { requireWritable } from '../../../store/change/perform.ts'
import { stateStep } from '../../../store/change/state.ts'
import { PRIVATE, privateFile, privateFileStep, valueFileStep } from '../../../store/own-files.ts'
import type { Plan, Step, ToCome } from '../../../store/plan.ts'
import { readState, requireNoLaterState } from '../../../store/state.ts'
import type { Issued } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { CONNECTION_STRING_NAME } from '../../../values/variable-name.ts'
import { requireSafePlace, requireSafeProfile } from '../guard.ts'
import { knownProfiles, type PosixPlace } from '../place.ts'

/** What has to change for a new token: its file, or with inline values that one statement in each profile. */
export async function planRenewal<Missing extends ToCome>(
  place: PosixPlace,
  accessToken: Secret | Missing,
  issued: Issued,
  system: System,
): Promise<Plan<Missing>> {
  const { directory, home } = place
  requireNoLaterState(directory, home)
  requireSafePlace(place, system, 'stores')
  const earlier = readState(directory, home)
  const names = earlier.variables.filter(({ value }) => value === 'access-token').map(({ name }) => name)
  const file = privateFile(directory, 'access-token')
  const shownToken = accessToken instanceof Secret ? accessToken.toString() : '(a new access token)'
  const paths = file.state.bytes === undefined ? distinctFiles(knownProfiles(place, earlier).filter(isReadable)) : []
  const readers = await readersFor(paths)
  requireOneResource(paths, readers)
  const inline = names.flatMap((name) => inlineSteps(place, readers, paths, name, accessToken))
  const isInline = file.state.bytes === undefined && inline.length > 0
  // One that is to come changes the state too, which has to be writable before it is asked for.
  const issuedThen = accessToken instanceof Secret ? issued : { ...issued, tokenDigest: undefined }
  const steps = [
    ...(isInline
      ? inline
      : valueFileStep<Missing>(file, accessToken instanceof Secret ? Buffer.from(accessToken.reveal()) : accessToken, {
          kind: 'shown',
          summary: 'the access token',
          lines: [`+ ${shownToken}`],
        })),
    ...madePrivate(directory),
    ...stateStep(directory, { ...earlier, issued: issuedThen, invalidated: undefined }, home),
  ]
  requireWritable(steps, directory)
  const [first] = inline
  const where = isInline && first !== undefined ? first.path : join(directory, 'access-token')
  return { steps, places: names.map((name) => ({ name, where })), warnings: [], notes: [] }
}

/** Makes the other files with secrets private again, where others can read them by now. */
function madePrivate(directory: string): readonly Step[] {
  return ['connection-string', 'endpoint', STORE_NOTES].flatMap((name) => {
    const file = privateFile(directory, name)
    return file.state.bytes === undefined ? [] : privateFileStep(file, file.state.bytes)
  })
}

/** After a change of resource that broke off, one profile may hold the old pair and another the new one. */
function requireOneResource(paths: readonly string[], readers: Readers): void {
  const values = paths.flatMap((path) => {
    const value = inlineValues(readFileState(path).bytes, readers).get(CONNECTION_STRING_NAME)
    return value === undefined ? [] : [value]
  })
  if (values.every((value) => value.equals(values[0]))) return
  throw new CliError('Your profiles hold the connection strings of different resources.', {
    code: 'other_resource',
    hint: 'run "acs-env setup --inline" with the one that is meant',
  })
}

function inlineSteps<Missing extends ToCome>(
  place: PosixPlace,
  readers: Readers,
  paths: readonly string[],
  name: string,
  accessToken: Secret | Missing,
): readonly Extract<Step<Missing>, { kind: 'write' }>[] {
  return paths.flatMap((path) => {
    const file = readFileState(path)
    const { bytes } = file
    const block = bytes === undefined ? undefined : requireBlock(bytes, shellPath(path, place.home))
    const found = bytes === undefined || block === undefined ? undefined : inlineStatement(bytes, block, name, readers)
    if (bytes === undefined || found === undefined) return []
    const { span, assign } = found
    requireSafeProfile(path, file, place, false)
    const contents =
      accessToken instanceof Secret
        ? Buffer.concat([
            bytes.subarray(0, span.start),
            Buffer.from(assign(name, accessToken.reveal())),
            bytes.subarray(span.end),
          ])
        : accessToken
    const lines = [`+ export ${name}=${accessToken instanceof Secret ? accessToken : '(a new access token)'}`]
    return [
      {
        kind: 'write',
        path,
        file,
        contents,
        // A file that only its owner may read, and not write, stays so.
        mode: file.mode === undefined || (file.mode & 0o077) !== 0 ? PRIVATE : file.mode,
        shown: { kind: 'shown', summary: 'the access token', lines },
      },
    ]
  })
}
