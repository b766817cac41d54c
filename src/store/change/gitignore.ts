import { below } from '../../files/below.ts'
import { privateFile, privateFileStep, removalStep } from '../own-files.ts'
import type { Step, ToCome } from '../plan.ts'

const NAME = '.gitignore'
const CONTENTS = '*\n'

/**
 * Keeps the directory out of a git repository that `~/.config` may be part of.
 *
 * @param others steps of the same plan, one of which may do so
 */
export function gitignoreStep(directory: string, others: readonly Step<ToCome>[] = []): readonly Step[] {
  const file = privateFile(directory, NAME)
  const isAmong = others.some((step) => step.kind === 'write' && step.path === file.path)
  return file.state.bytes === undefined && !isAmong ? privateFileStep(file, Buffer.from(CONTENTS)) : []
}

/** The step that removes the `.gitignore` that we wrote; one with other lines is the user's own. */
export function gitignoreRemovalStep(directory: string): readonly Step[] {
  const file = privateFile(directory, NAME)
  return file.state.bytes?.toString() === CONTENTS ? removalStep(file) : []
}

/** That step alone, where it is one of these, and the others. */
export function splitGitignoreRemoval<Missing extends ToCome>(
  directory: string,
  steps: readonly Step<Missing>[],
): { readonly ignore: readonly Step<Missing>[]; readonly others: readonly Step<Missing>[] } {
  const path = below(directory, NAME)
  const isIgnore = (step: Step<Missing>): boolean => step.kind === 'remove' && step.path === path
  return { ignore: steps.filter(isIgnore), others: steps.filter((step) => !isIgnore(step)) }
}
