import type { Secret } from '../secret.ts'
import { isShellName, type ShellName } from '../shell-names.ts'
import { shellNamed } from '../shells/index.ts'
import { renderPipelineVariable } from './azure-pipelines.ts'
import { renderDockerEnv } from './docker.ts'
import { renderDotenv } from './dotenv.ts'

/** A variable with its value. */
export interface Assignment {
  readonly name: string
  readonly value: Secret
}

/** Writes variables down for a shell, a file or a program. */
export type Format = (assignments: readonly Assignment[]) => string

const lines =
  (render: (name: string, value: string) => string): Format =>
  (assignments) =>
    assignments.map(({ name, value }) => `${render(name, value.reveal())}\n`).join('')

/** The formats that belong to no shell, by their names. */
const OWN_FORMATS: ReadonlyMap<string, Format> = new Map([
  ['dotenv', lines(renderDotenv)],
  ['docker', lines(renderDockerEnv)],
  ['azure-pipelines', lines(renderPipelineVariable)],
  [
    'json',
    (assignments) =>
      `${JSON.stringify(Object.fromEntries(assignments.map(({ name, value }) => [name, value.reveal()])))}\n`,
  ],
])

/** The format of this name: a shell's statements, or what programs read. Undefined where there is none. */
export async function findFormat(name: string): Promise<Format | undefined> {
  return isShellName(name) ? await shellFormat(name) : OWN_FORMATS.get(name)
}

/** The statements of a shell. */
export async function shellFormat(name: ShellName): Promise<Format> {
  const { assign } = await shellNamed(name)
  return lines(assign)
}
