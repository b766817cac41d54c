// With --require: says on descriptor 3, when the process ends, how many KiB of memory it had at most.
'use strict'
const { readFileSync, writeSync } = require('node:fs')

process.on('exit', () => writeSync(3, peak()))

// On Linux resourceUsage() counts in what the process was before exec: a copy of the one that started it.
function peak() {
  if (process.platform !== 'linux') return String(process.resourceUsage().maxRSS)
  return /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]
}
