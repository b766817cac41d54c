import { changedShell } from './changed-shell.ts'
import { everyday } from './everyday.ts'
import { failingLines } from './failing-lines.ts'
import { hardToLookAt } from './hard-to-look-at.ts'
import { leavingEarly } from './leaving-early.ts'
import { otherFiles } from './other-files.ts'
import { overridden } from './overridden.ts'
import type { StartUpHome } from './start-up-home.ts'
import { unusualSyntax } from './unusual-syntax.ts'

export const startUpHomes: readonly StartUpHome[] = [
  ...leavingEarly,
  ...failingLines,
  ...changedShell,
  ...overridden,
  ...otherFiles,
  ...unusualSyntax,
  ...hardToLookAt,
  ...everyday,
]
