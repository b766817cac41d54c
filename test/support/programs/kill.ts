/** Sends a signal to a process, or to a group where the number is negative; what has ended by itself needs none. */
export function killIfThere(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
