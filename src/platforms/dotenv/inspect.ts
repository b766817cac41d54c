import { tryReadFileState } from '../../files/read.ts'
import { storedEndpoint, storedValue } from '../../store/stored-token.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import { printable } from '../../text/printable.ts'
import { askGitAbout } from './git.ts'
import { isOursAlone } from './guard.ts'
import { valuesInDotenv } from './merge.ts'
import { targetTrouble, type Planning } from './targets.ts'

type InFile = 'same' | 'differs' | 'missing'

/** A remembered file, beside what is stored. */
interface InspectedTarget {
  readonly file: string
  readonly inFile: InFile
  readonly values: ReadonlyMap<string, InFile>
}

/** How the remembered files stand. */
export async function inspectTargets(
  found: Stored,
  planning: Planning,
): Promise<{
  readonly files: readonly InspectedTarget[]
  readonly problems: readonly string[]
  readonly obstacles: readonly string[]
}> {
  const files = found.state.dotenv.map((target) => ({ target, ...compare(target, found) }))
  const judged = await Promise.all(files.map(({ target, values }) => judge(target, values, found, planning)))
  return {
    files: files.map(({ target, values, inFile }) => ({ file: target.file, inFile, values })),
    problems: judged.flatMap(({ problems }) => problems),
    obstacles: judged.flatMap(({ obstacles }) => obstacles),
  }
}

function compare({ file, variables }: DotenvTarget, found: Stored): Pick<InspectedTarget, 'inFile' | 'values'> {
  const state = tryReadFileState(file)
  const bytes = 'problem' in state ? undefined : state.bytes
  const held = valuesInDotenv(
    bytes ?? Buffer.alloc(0),
    variables.map(({ name }) => name),
  )
  const values = new Map(
    variables.map(({ name, value }): readonly [string, InFile] => {
      const text = held.get(name)
      if (text === undefined || text === '') return [name, 'missing']
      return [name, storedValue(found, value)?.reveal() === text ? 'same' : 'differs']
    }),
  )
  const all = [...values.values()]
  return { values, inFile: all.includes('missing') ? 'missing' : all.includes('differs') ? 'differs' : 'same' }
}

async function judge(
  target: DotenvTarget,
  values: ReadonlyMap<string, InFile>,
  found: Stored,
  { system, show }: Planning,
): Promise<{ readonly problems: readonly string[]; readonly obstacles: readonly string[] }> {
  const shown = printable(show(target.file))
  const trouble = targetTrouble(target, [storedEndpoint(found)], show)
  if (trouble !== undefined) {
    return { problems: [], obstacles: [`${trouble} "acs-env unset --dotenv ${shown}" forgets it.`] }
  }
  const file = tryReadFileState(target.file)
  const isOpen = !('problem' in file) && ((file.mode ?? 0) & 0o077) !== 0 && isOursAlone(file, system)
  const git = target.forced ? undefined : await askGitAbout(target.file, system)
  return {
    problems: [
      ...[...values].flatMap(([name, how]) =>
        how === 'same'
          ? []
          : [
              how === 'missing'
                ? `${shown} does not set ${name} any more.`
                : `${shown} has another ${name} than the stored one.`,
            ],
      ),
      ...(isOpen ? [`Others may read ${shown}.`] : []),
    ],
    obstacles:
      git?.kind === 'exposed'
        ? [
            git.how === 'tracked'
              ? `Git has ${shown}, and commits the values with it; "git rm --cached" ends that.`
              : `Git would commit ${shown}; a line in .gitignore keeps it out.`,
          ]
        : [],
  }
}
