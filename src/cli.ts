#!/usr/bin/env node
import { writeSync } from 'node:fs'
import { version } from './version.ts'

// Scripts ask for the version, which takes none of what a command needs.
if (!saysVersion(process.argv.slice(2))) void import('./start.ts')

/** What cannot be written is for the whole program to tell. */
function saysVersion([first, ...rest]: readonly string[]): boolean {
  if (first !== '--version' || rest.length > 0) return false
  try {
    return writeSync(1, `${version}\n`) > 0
  } catch {
    return false
  }
}
