import { chmodSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import type { TestHome } from '../homes/home.ts'
import { BUILT } from './built.ts'

/** Makes `acs-env` a command, as `npm install -g` does; returns the PATH that has it. */
export function putOnPath(home: TestHome): string {
  const command = home.write('bin/acs-env', `#!/bin/sh\nexec '${process.execPath}' '${BUILT}' "$@"\n`)
  chmodSync(command, 0o755)
  return `${dirname(command)}${delimiter}${process.env.PATH ?? '/usr/bin:/bin'}`
}
