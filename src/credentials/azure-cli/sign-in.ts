import { requireUninterrupted } from '../../system/interruption.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import type { Asked } from './azure-cli.ts'
import { findAzureCli } from './program.ts'

/** Where the Azure CLI is signed out and a person is there, offers to sign in, and asks again. */
export async function signInWhereSignedOut<Value>(
  asked: Asked<Value>,
  askAgain: () => Promise<Asked<Value>>,
  mayAsk: boolean,
  surroundings: Surroundings,
): Promise<Asked<Value>> {
  const isSignedOut = asked.kind === 'failed' && asked.failure.kind === 'signed-out'
  if (!isSignedOut || !mayAsk || !(await signIn(surroundings))) return asked
  return askAgain()
}

/** Runs "az login" in front of the person, without a deadline; false where that was declined, or failed. */
async function signIn({ system, terminal }: Surroundings): Promise<boolean> {
  const program = findAzureCli(system)
  if (program?.kind !== 'program') return false
  const { ask } = await import('../../ui/prompts.ts')
  const message = 'The Azure CLI is not signed in. Run "az login" now?'
  if (!(await ask({ kind: 'confirm', message, initial: true }, terminal, 'works'))) return false
  const result = await system.interruptible(async (signal) => {
    const args = [...program.args, 'login', '--output', 'none']
    const ended = await system.run(program.program, args, { interactive: true, env: program.env, signal })
    requireUninterrupted(ended, signal)
    return ended
  })
  return result.kind === 'exited' && result.exitCode === 0
}
