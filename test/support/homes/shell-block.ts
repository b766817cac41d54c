import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planProfile } from '../../../src/profile/plan.ts'
import { Secret } from '../../../src/secret.ts'
import type { ProfileTarget, Shell } from '../../../src/shells/shell.ts'
import { DEFAULT_VARIABLES } from '../../../src/store/store.ts'

export const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
export const ACCESS_TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

export interface Values {
  readonly connectionString?: string
  readonly accessToken?: string
}

/** Writes the block into this profile, with the values in it or reading them. */
export function writeBlock(
  home: string,
  shell: Shell,
  path: string,
  inline?: Values,
  handOver: readonly string[] = [],
): void {
  const target: ProfileTarget = { path, handOver, onlyIfPresent: false }
  const secret = (value: string | undefined): Secret => new Secret(value ?? '')
  const plan = planProfile(
    target,
    {
      shell,
      home,
      variables: DEFAULT_VARIABLES,
      fileOf: ({ value }) => `~/.config/acs-env/${value}`,
      inline:
        inline && (({ value }) => secret(value === 'access-token' ? inline.accessToken : inline.connectionString)),
    },
    undefined,
  )
  for (const step of plan?.steps ?? []) {
    if (step.kind === 'write-file' && step.bytes !== undefined) writeFileSync(step.path, step.bytes)
  }
}

/** Puts the values where a block reads them. */
export function storeValues(home: string, { connectionString, accessToken }: Values): void {
  const directory = join(home, '.config/acs-env')
  mkdirSync(directory, { recursive: true })
  if (connectionString !== undefined) writeFileSync(join(directory, 'connection-string'), connectionString)
  if (accessToken !== undefined) writeFileSync(join(directory, 'access-token'), accessToken)
}
