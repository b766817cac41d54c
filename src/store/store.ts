import type { Secret } from '../secret.ts'
import type { LoadPoint, LoginShell, ShellStart } from '../shells/shell.ts'
import type { ToCome, Change, Plan } from './plan.ts'
import type { Variable, Stored, StoredValue } from './stored.ts'

export type PlatformId = 'windows' | 'macos' | 'linux'

/** How the user wants new shells to get the values. */
export interface StartupWish {
  readonly shell: string | undefined
  readonly rcFile: string | undefined
  /** The values go into the profiles themselves. */
  readonly inline: boolean
}

/** How the variables get into the shell at hand. */
export type Activation =
  /** A command to run in it. */
  | { readonly kind: 'command'; readonly text: string }
  /** The shell at hand cannot load them; `text` says to open another. */
  | { readonly kind: 'new-terminal'; readonly text: string }
  /** An instruction, a command for a console that is open, and what to do where a new one has the old values. */
  | {
      readonly kind: 'instruction'
      readonly text: string
      readonly here: string
      readonly otherwise: string | undefined
    }

/** The result of a plan that was performed. */
export interface Applied {
  readonly activation: Activation
  /** What files of the user have lost in spite of all care, a sentence each. */
  readonly warnings: readonly string[]
}

/** How a new terminal gets the values. */
type NewTerminals =
  /** It opens a shell, which loads them. */
  | { readonly kind: 'shells'; readonly starts: readonly ShellStart[] }
  /** It opens a shell that nobody here knows, so it does not get them. */
  | { readonly kind: 'unknown-shell'; readonly program: string }
  /** The system hands them to it. */
  | { readonly kind: 'system' }
  /** It gets none: programs load them from these files. */
  | { readonly kind: 'programs'; readonly files: readonly string[] }

/** The shell that a new terminal opens, with all it takes to look at it. */
export interface OpenableShells {
  readonly kind: 'shells'
  readonly shell: LoginShell
  /** The program to open: a path, or a name on PATH. */
  readonly program: string
  readonly home: string
  readonly starts: readonly ShellStart[]
  /** The files with the block, and those of our own. */
  readonly loadPoints: readonly LoadPoint[]
  /** Every start-up file of that shell. */
  readonly files: readonly string[]
  /** How long it took to ask that shell for them: it is a part of the time that there is for looking. */
  readonly askedMs: number
}

/** The store as people know it. */
export interface Description {
  readonly id: PlatformId
  /** What a new shell loads the values from. */
  readonly loadedFrom: readonly string[]
  readonly activation: Activation
  readonly newTerminals: NewTerminals
  /** A path as people know it: `~/.zshrc`. */
  show(path: string): string
  /** What to know of this place, such as which side of WSL it is, once these variables are stored. */
  remarks(stored: readonly StoredValue[]): readonly string[]
}

/** The same once setup has found out which shell there is. */
export interface PreparedDescription extends Description {
  readonly newTerminals: OpenableShells | Exclude<NewTerminals, { kind: 'shells' }>
}

/** A variable, its value, and the files or the registry key that hold it. */
export interface InspectedVariable extends Variable {
  readonly storedIn: readonly string[]
  readonly secret: Secret | undefined
}

/** How the stored values stand. */
export interface Inspection {
  readonly variables: readonly InspectedVariable[]
  /** What is wrong that setup puts right, a sentence each. */
  readonly problems: readonly string[]
  /** What is wrong that only the user can put right, each with what to do. */
  readonly obstacles: readonly string[]
  /** The remembered `.env` files, and whether they have what is stored. */
  readonly dotenv: readonly { readonly file: string; readonly inFile: 'same' | 'differs' | 'missing' }[]
}

/** The changes that leave alone how new shells get the values. */
export type KeptChange = 'renew' | 'remove' | 'invalidate'

/** Where a system keeps environment variables. */
export interface Store<Kind extends Change['kind'] = KeptChange> {
  /** A private directory for the state and the lock. */
  readonly directory: string
  /** What is stored now. Reads only. */
  find(): Promise<Stored>
  /** Plans a change. Reads only; throws where it could not be done. */
  plan<Missing extends ToCome>(change: Extract<Change<Missing>, { kind: Kind }>): Promise<Plan<Missing>>
  /** Performs a plan and reads back what was written. Throws, with everything put back, where that is not the same. */
  apply(plan: Plan): Promise<Applied>
  /** How the stored values stand. Reads files alone; git is asked where a repository may hold them. */
  inspect(found: Stored): Promise<Inspection>
  describe(): Description
  /**
   * Finishes, or takes back, a change of the current resource that a killed run has left. To be called with the lock
   * held; mostly there is nothing to do.
   */
  finish(): Promise<void>
}

/** A store that setup has prepared: it knows the shell, and which files of it get the block. */
export interface PreparedStore extends Store<Change['kind']> {
  /** Begins to find out, while there is time, what applying a plan like this one will have to know. */
  foresee(plan: Plan<ToCome>): Promise<void>
  describe(): PreparedDescription
}
