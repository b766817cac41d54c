// Loaded with --require: kills the process, as a power failure would, right after the Nth rename or removal of a file.
const fs = require('node:fs')

let left = Number(process.env.KILL_AFTER)
for (const name of ['renameSync', 'unlinkSync']) {
  /** @type {(...args: readonly unknown[]) => unknown} */
  const original = Reflect.get(fs, name)
  Reflect.set(fs, name, (/** @type {readonly unknown[]} */ ...args) => {
    const result = original(...args)
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
    return result
  })
}
