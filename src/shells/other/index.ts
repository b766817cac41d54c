import type { OtherShell } from '../shell.ts'
import { elvish } from './elvish.ts'
import { fish } from './fish.ts'
import { nu } from './nu.ts'
import { powershell } from './powershell.ts'
import { tcsh } from './tcsh.ts'
import { xonsh } from './xonsh.ts'

/** The shells that have a language of their own. */
export const otherShells: readonly OtherShell[] = [fish, nu, xonsh, tcsh, elvish, powershell]
