/** The shells that the homes are for; `sh` is whatever the system has by that name. */
export type HomeShell = 'bash' | 'zsh' | 'sh' | 'ksh' | 'mksh'

/** The expected result of `setup` in a home. */
type Expectation =
  | { readonly kind: 'ready' }
  /**
   * No place of the block in the shell's own start-up files helps. `setup` has to name a file: this one, and the line
   * with this text, where only that can be to blame.
   */
  | { readonly kind: 'out-of-reach'; readonly file?: string; readonly line?: string }
  /** It could be put right, but only by more than moving the block. */
  | { readonly kind: 'either'; readonly why: string }
  /** The shell may be too slow for a look, so that nothing is promised. */
  | { readonly kind: 'maybe-not-looked-at'; readonly why: string }
  /** A shell without a terminal behaves in another way by its nature, so that no look can be right. */
  | { readonly kind: 'differs-at-terminal'; readonly why: string }
  /** `setup` may refuse, as long as it changes nothing. */
  | { readonly kind: 'maybe-refused'; readonly why: string }

/** Somebody's start-up files. */
export interface StartUpHome {
  readonly name: string
  readonly shell: HomeShell
  /** Paths below the home, and what stands there; text is written as UTF-8. */
  readonly files: Readonly<Record<string, string | Buffer>>
  readonly expects: Expectation
  /** Further arguments of `setup`. */
  readonly args: readonly string[]
  /** A script for sh that runs in the home before anything else. */
  readonly before: string
  /** Commands that are typed with the question as their argument, such as `zsh -c`. */
  readonly scripts: readonly string[]
  /** Files that the shells themselves leave in the home, by their beginning. */
  readonly leavesBehind: readonly string[]
}

export type Details = Partial<Omit<StartUpHome, 'name' | 'shell'>>

export const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
export const ACCESS_TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

/** A value from before, as the documentation has people write it. */
export const EARLIER_VALUE = 'endpoint=https://earlier.communication.azure.com/;accesskey=ZWFybGllcg=='
export const EARLIER_EXPORT = `export ${CONNECTION_STRING}="${EARLIER_VALUE}"`

const SOURCES_BASHRC = '[ -f ~/.bashrc ] && . ~/.bashrc\n'

export function home(
  shell: HomeShell,
  name: string,
  files: StartUpHome['files'],
  { files: furtherFiles, ...details }: Details = {},
): StartUpHome {
  return {
    name,
    shell,
    files: { ...files, ...furtherFiles },
    expects: { kind: 'ready' },
    args: [],
    before: '',
    scripts: [],
    leavesBehind: [],
    ...details,
  }
}

/** bash with this `.bashrc`, and a `.bash_profile` that sources it. */
export function bashrc(name: string, contents: string | Buffer, details: Details = {}): StartUpHome {
  return home('bash', name, { '.bashrc': contents, '.bash_profile': SOURCES_BASHRC }, details)
}

/** zsh with this `.zshrc`. */
export function zshrc(name: string, contents: string | Buffer, details: Details = {}): StartUpHome {
  return home('zsh', name, { '.zshrc': contents }, details)
}

/** A POSIX shell with this `.profile`. */
export function profile(name: string, contents: string | Buffer, details: Details = {}): StartUpHome {
  return home('sh', name, { '.profile': contents }, details)
}

export function outOfReach(file?: string, line?: string): Pick<StartUpHome, 'expects'> {
  return {
    expects: { kind: 'out-of-reach', ...(file !== undefined && { file }), ...(line !== undefined && { line }) },
  }
}

export function maybeNotLookedAt(why: string): Pick<StartUpHome, 'expects'> {
  return { expects: { kind: 'maybe-not-looked-at', why } }
}

export function differsAtTerminal(why: string): Pick<StartUpHome, 'expects'> {
  return { expects: { kind: 'differs-at-terminal', why } }
}
