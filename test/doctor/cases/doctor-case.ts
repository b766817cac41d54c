import type { DoctorBench } from '../../support/homes/doctor-bench.ts'
import type { WorldOptions } from '../../support/homes/world.ts'

/** One thing that is wrong, in a home in which all else is in order. */
export interface DoctorCase {
  /** Of the check that finds it. */
  readonly id: string
  readonly why: string
  /** Prepares the home; sets it up unless that is done here. */
  readonly arrange: (bench: DoctorBench) => WorldOptions | void | Promise<WorldOptions | void>
  /** The home is set up before `arrange`, unless a program has to be older than what is stored. */
  readonly setsUp?: 'afterwards'
  /** Left out by default: `--no-shell --offline`. */
  readonly args?: readonly string[]
  readonly finds: RegExp
  readonly cure?: RegExp
  /** Of the finding; where it names one. */
  readonly line?: number
  readonly level?: 'error'
}
