import { replaceFile } from '../../src/files/change/replace.ts'
import { readFileState } from '../../src/files/read.ts'
import { blockText, requireBlock } from '../../src/profile/block.ts'
// What `setup` does with a profile, for the benchmark to call in process.
import { insertBlock } from '../../src/profile/change/edit.ts'
import { findMentions } from '../../src/profile/change/mentions.ts'
import { planProfile, type ProfileRequest } from '../../src/profile/change/plan.ts'
import { bash } from '../../src/shells/bash.ts'
import { applyFileSteps } from '../../src/store/change/perform.ts'
import type { Variable } from '../../src/store/stored.ts'

const VARIABLES: readonly Variable[] = [
  { name: 'AZURE_COMMUNICATION_CONNECTION_STRING', value: 'connection-string' },
  { name: 'AZURE_COMMUNICATION_ACCESS_TOKEN', value: 'access-token' },
]
const fileOf = ({ value }: Variable): string => `~/.config/acs-env/${value}`

/** The block of both variables, with its marker lines. */
export const block = blockText(VARIABLES.flatMap((each) => bash.readValue(each.name, fileOf(each))))

/** Plans what becomes of a profile, writes it and reads it back, as `setup` does. */
export async function planAndStore(path: string, home: string): Promise<void> {
  const request: ProfileRequest = {
    path,
    preamble: [],
    position: 'behind',
    shell: bash,
    home,
    variables: VARIABLES,
    source: { kind: 'files', fileOf },
    // No line of the profile names a variable, so that there is nothing to be parsed.
    parses: async () => 'no-parser',
    earlier: undefined,
  }
  const { steps } = await planProfile(request)
  applyFileSteps(steps, home)
}

/** The same without looking for lines that matter, and without reading back. */
export function store(path: string): void {
  const state = readFileState(path)
  const placement = { kind: 'insert', offset: 0, isCreated: state.bytes === undefined } as const
  replaceFile(state, insertBlock(state.bytes, block, placement).bytes)
}

/** What lies between the two: looks for lines that name the variables. */
export function scan(path: string): void {
  const bytes = readFileState(path).bytes ?? Buffer.alloc(0)
  const names = VARIABLES.map(({ name }) => name)
  findMentions(bytes, names, requireBlock(bytes, path))
}
