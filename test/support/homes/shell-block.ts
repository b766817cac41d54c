import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planProfile } from '../../../src/profile/change/plan.ts'
import type { ValueSource } from '../../../src/profile/change/statements.ts'
import { Secret } from '../../../src/secret.ts'
import type { LoginShell } from '../../../src/shells/shell.ts'
import type { Position } from '../../../src/store/plan.ts'
import { DEFAULT_VARIABLES } from '../../../src/store/stored.ts'

export const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
export const ACCESS_TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

export interface Values {
  readonly connectionString?: string
  readonly accessToken?: string
}

export interface BlockOptions {
  /** Values for the block to hold itself; without them it reads the files. */
  readonly inline?: Values
  readonly preamble?: readonly string[]
  readonly position?: Position
}

/** Writes the block into this profile, at its end unless another place is given. */
export async function writeBlock(
  home: string,
  shell: LoginShell,
  path: string,
  { inline, preamble = [], position = 'end' }: BlockOptions = {},
): Promise<void> {
  const secret = (value: string | undefined): Secret => new Secret(value ?? '')
  const source: ValueSource =
    inline === undefined
      ? { kind: 'files', fileOf: ({ value }) => `~/.config/acs-env/${value}` }
      : {
          kind: 'inline',
          valueOf: ({ value }) => secret(value === 'access-token' ? inline.accessToken : inline.connectionString),
        }
  const { steps } = await planProfile({
    path,
    preamble,
    position,
    shell,
    home,
    variables: DEFAULT_VARIABLES,
    source,
    parses: async () => 'no-parser',
    earlier: undefined,
  })
  for (const step of steps) {
    if (step.kind === 'write') writeFileSync(step.path, step.contents)
  }
}

/** Puts the values where a block reads them. */
export function storeValues(home: string, { connectionString, accessToken }: Values): void {
  const directory = join(home, '.config/acs-env')
  mkdirSync(directory, { recursive: true })
  if (connectionString !== undefined) writeFileSync(join(directory, 'connection-string'), connectionString)
  if (accessToken !== undefined) writeFileSync(join(directory, 'access-token'), accessToken)
}
