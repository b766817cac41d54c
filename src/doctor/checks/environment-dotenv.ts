import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemCode } from '../../errors.ts'
import { readAssignments } from '../assignments.ts'
import type { Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'
import { otherIn } from '../here.ts'
import { filesAbove, firstMentions } from '../mentions.ts'

const FILES = ['.env', '.env.local', '.env.development', '.env.development.local']

/** Programs that load a `.env` file of their project get what stands there where the shell has nothing. */
export const environmentDotenv: Check = {
  id: 'environment.dotenv',
  fine: 'No .env file of this directory has an old value.',
  on: 'every system',
  run: ({ variables, system, show }) => {
    const [nearest] = filesAbove(system.workingDirectory, FILES).map((file) => dirname(file))
    if (nearest === undefined) return { skipped: 'there is no .env file' }
    const files = FILES.map((name) => join(nearest, name))
    return files.flatMap((file) =>
      firstMentions(otherIn(variables, readAssignments(textOf(file))), [file]).map(({ name, file, line }) =>
        warningFinding(
          `${show(file)} has another ${name} than the stored one in line ${line}, for programs that load it.`,
          cureOf('Take that line out, or write the stored values there', 'acs-env env --format dotenv'),
          { file, line, via: [] },
        ),
      ),
    )
  },
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
      .replaceAll(/^\s*export\s+/gm, '')
      .replaceAll('\r', '')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return ''
  }
}
