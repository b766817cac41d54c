import type { Secret } from '../secret.ts'
import { shells } from '../shells/index.ts'
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

/** The formats by their names: every shell that there is, and what programs read. */
export const formats: ReadonlyMap<string, Format> = new Map([
  ...shells.map(({ name, assign }) => [name, lines(assign)] as const),
  ['dotenv', lines(renderDotenv)],
  ['docker', lines(renderDockerEnv)],
  ['azure-pipelines', lines(renderPipelineVariable)],
  [
    'json',
    (assignments) =>
      `${JSON.stringify(Object.fromEntries(assignments.map(({ name, value }) => [name, value.reveal()])))}\n`,
  ],
])
