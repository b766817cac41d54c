import { basename, normalize } from 'node:path'
import { below } from '../files/below.ts'
import type { LoginShellName } from '../shell-names.ts'

/** Start-up files that are written in a language of their own, by the ends of their names. */
const LANGUAGES: readonly (readonly [name: RegExp, shell: LoginShellName, shown: string])[] = [
  [/\.fish$/, 'fish', 'fish'],
  [/\.nu$/, 'nu', 'nushell'],
  [/(?:\.xsh|xonshrc)$/, 'xonsh', 'xonsh'],
  [/\.elv$/, 'elvish', 'elvish'],
  [/\.ps1$/i, 'powershell', 'PowerShell'],
  [/^\.(?:t?cshrc|login)$/, 'tcsh', 'tcsh'],
]

/** A shell by its name here, and as people know it. */
export interface FileLanguage {
  readonly shell: LoginShellName
  readonly shown: string
}

/** The shell that reads such a file, where that is none of the POSIX shells. */
export function otherLanguageOf(path: string): FileLanguage | undefined {
  const found = LANGUAGES.find(([name]) => name.test(basename(path)))
  return found === undefined ? undefined : { shell: found[1], shown: found[2] }
}

/** The files that may load the values for these shells, where nothing is remembered; the shells are not asked. */
export function usualOtherFiles(home: string, xdgConfigHome: string | undefined): readonly string[] {
  const paths = [
    'fish/conf.d/acs-env.fish',
    'nushell/autoload/acs-env.nu',
    'nushell/env.nu',
    'xonsh/rc.d/acs-env.xsh',
    'elvish/rc.elv',
    'powershell/profile.ps1',
  ]
  const roots = [below(home, '.config'), ...(xdgConfigHome === undefined ? [] : [normalize(xdgConfigHome)])]
  return [
    ...new Set(roots.flatMap((root) => paths.map((path) => below(root, path)))),
    ...['autoload/acs-env.nu', 'env.nu'].map((path) => below(home, `Library/Application Support/nushell/${path}`)),
    ...['.tcshrc', '.cshrc'].map((name) => below(home, name)),
  ]
}
