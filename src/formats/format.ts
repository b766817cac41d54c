import type { Secret } from '../secret.ts'
import { renderCmd } from '../shells/cmd.ts'
import { renderFish } from '../shells/fish.ts'
import { exportStatementPosix } from '../shells/posix.ts'
import { renderPowershell } from '../shells/powershell.ts'
import { renderDotenv } from './dotenv.ts'

/** A variable with its value. */
export interface Assignment {
  readonly name: string
  readonly value: Secret
}

const lines =
  (render: (name: string, value: string) => string) =>
  (assignments: readonly Assignment[]): string =>
    assignments.map(({ name, value }) => `${render(name, value.reveal())}\n`).join('')

/** How variables are written down for a shell, a file or a program. */
export const formats = {
  sh: lines(exportStatementPosix),
  bash: lines(exportStatementPosix),
  zsh: lines(exportStatementPosix),
  fish: lines(renderFish),
  powershell: lines(renderPowershell),
  cmd: lines(renderCmd),
  dotenv: lines(renderDotenv),
  json: (assignments: readonly Assignment[]): string =>
    `${JSON.stringify(Object.fromEntries(assignments.map(({ name, value }) => [name, value.reveal()])))}\n`,
} as const

export type FormatName = keyof typeof formats
