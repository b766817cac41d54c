import { readFileSync } from 'node:fs'

/** A file below `/proc`; empty where it is somebody else's, or what it is of is gone. */
export function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'latin1')
  } catch {
    return ''
  }
}
