import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, staleIn } from '../here.ts'

const PROGRAM =
  /(?:^|\/)(?:idea|pycharm|webstorm|goland|clion|rider|phpstorm|rubymine|datagrip|rustrover|studio|jetbrains-toolbox)(?:64)?$|\/jbr\/bin\/java$|\/(?:IntelliJ IDEA|PyCharm|WebStorm|GoLand|CLion|Rider|PhpStorm|RubyMine|DataGrip|RustRover|Android Studio|JetBrains Toolbox)[^/]*\.app\//

/** The IDEs of JetBrains: they ask the user's shell once when they start, and Toolbox hands on an environment of its own. */
export const environmentJetbrains: Check = {
  id: 'environment.jetbrains',
  fine: 'The IDE around this shell began after the values were stored.',
  on: 'every system',
  run: async (facts) => {
    const stale = await staleIn(
      {
        isIt: (path) => PROGRAM.test(path),
        isTold: ({ TERMINAL_EMULATOR }) => TERMINAL_EMULATOR === 'JetBrains-JediTerm',
      },
      facts,
    )
    if (stale === undefined) return { skipped: 'this shell is in no IDE of JetBrains' }
    if (stale.length === 0) return []
    return [
      warningFinding(
        `The IDE around this shell began before ${listOf(namesOf(stale))} changed, and hands the old environment to what it runs.`,
        cureOf('Quit the IDE, and JetBrains Toolbox too, and start it again'),
      ),
    ]
  },
}
