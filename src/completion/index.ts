import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { powershellCompletion } from './powershell.ts'
import type { COMPLETION_SHELLS, CompletedCommand } from './vocabulary.ts'
import { zshCompletion } from './zsh.ts'

export type CompletionShell = (typeof COMPLETION_SHELLS)[number]

/** How each shell is taught to complete: static scripts, so that TAB starts no program and evaluates nothing. */
export const completions: Readonly<Record<CompletionShell, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
}
