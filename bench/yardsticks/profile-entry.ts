import { replaceFile } from '../../src/files/change/replace.ts'
import { readFileState } from '../../src/files/read.ts'
import { blockText, findBlock } from '../../src/profile/block.ts'
// What `setup` does with a profile, for the benchmark to call in process.
import { insertBlock } from '../../src/profile/edit.ts'
import { planProfile } from '../../src/profile/plan.ts'
import { readProfile } from '../../src/profile/profile-lines.ts'
import { bash } from '../../src/shells/bash.ts'
import { applyFileSteps } from '../../src/store/change/perform.ts'
import type { Variable } from '../../src/store/store.ts'

const VARIABLES: readonly Variable[] = [
  { name: 'AZURE_COMMUNICATION_CONNECTION_STRING', value: 'connection-string' },
  { name: 'AZURE_COMMUNICATION_ACCESS_TOKEN', value: 'access-token' },
]
const fileOf = ({ value }: Variable): string => `~/.config/acs-env/${value}`

/** The block of both variables, with its marker lines. */
export const block = blockText(VARIABLES.flatMap((each) => bash.readStatement({ name: each.name, file: fileOf(each) })))

/** Plans what becomes of a profile, writes it and reads it back, as `setup` does. */
export function planAndStore(path: string, home: string): void {
  const target = { path, handOver: [], onlyIfPresent: false }
  const plan = planProfile(target, { shell: bash, home, variables: VARIABLES, fileOf }, undefined)
  applyFileSteps(plan?.steps ?? [], home)
}

/** The same without looking for lines that matter, and without reading back. */
export function store(path: string): void {
  const state = readFileState(path)
  replaceFile(state, insertBlock(state.bytes, block).bytes)
}

/** What lies between the two: looks for lines that set the variables, leave the shell, or stand open. */
export function scan(path: string): void {
  const bytes = readFileState(path).bytes ?? Buffer.alloc(0)
  const names = VARIABLES.map(({ name }) => name)
  const existing = findBlock(bytes)
  readProfile(bytes, names, existing, 'posix')
}
