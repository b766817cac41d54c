// Loaded with --require: kills the process, as a power failure would, right after the Nth rename or removal of a file.
const fs = require('node:fs')

let left = Number(process.env.KILL_AFTER)
for (const name of ['renameSync', 'unlinkSync']) {
  const original = fs[name]
  fs[name] = (...args) => {
    const result = original(...args)
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
    return result
  }
}
