#!/usr/bin/env node
import { fstatSync, writeSync } from 'node:fs'
import { OVERVIEW, PROGRAM_MARK } from './args/overview.ts'
import { currentDirectory } from './system/current-directory.ts'
import { ownCommand } from './system/own-command.ts'
import { version } from './version.ts'

// Scripts ask for these, and they take none of what a command needs. What cannot be written is for the program to tell.
const answer = answerAtOnce(process.argv.slice(2))
if (answer === undefined || !isWritten(answer)) void import('./start.ts')

function answerAtOnce([option, ...others]: readonly string[]): string | undefined {
  if (others.length > 0) return undefined
  if (option === '--version') return `${version}\n`
  if (option !== '--help' || mayBeTerminal(1)) return undefined
  const { env, argv } = process
  const program = ownCommand({ env, scriptPath: argv[1] ?? '', workingDirectory: currentDirectory })
  return OVERVIEW.replaceAll(PROGRAM_MARK, program)
}

function mayBeTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return true
  }
}

/** It is less than a pipe takes in one piece, so all of it or nothing is written. */
function isWritten(text: string): boolean {
  try {
    return writeSync(1, text) > 0
  } catch {
    return false
  }
}
