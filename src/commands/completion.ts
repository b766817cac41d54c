import { completions, type CompletionShell } from '../completion/index.ts'
import { COMPLETION_SHELLS, completedCommands } from '../completion/vocabulary.ts'
import { UsageError } from '../errors.ts'
import type { CommandContext } from './context.ts'

/** `acs-env completion SHELL`: the script that teaches a shell to complete acs-env. */
export async function run({ options, operands, terminal }: CommandContext<'completion'>): Promise<void> {
  const shell = shellNamed(operands[0]?.toLowerCase())
  const script = completions[shell](completedCommands())
  await terminal.answer(options.json ? `${JSON.stringify({ shell, script })}\n` : script)
}

function shellNamed(word: string | undefined): CompletionShell {
  const shell = COMPLETION_SHELLS.find((name) => name === (word === 'pwsh' ? 'powershell' : word))
  if (shell !== undefined) return shell
  throw new UsageError('There are no completions for this shell.', {
    code: 'invalid_shell',
    hint: `the shells are ${COMPLETION_SHELLS.join(', ')}`,
  })
}
