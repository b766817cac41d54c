// With --require: says on descriptor 3, when the process ends, how much memory it had at most and how long it computed.
'use strict'
const { readFileSync, writeSync } = require('node:fs')

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  writeSync(3, JSON.stringify({ peakKib: peakKib(), cpuMs: (user + system) / 1000 }))
})

// On Linux resourceUsage() counts in what the process was before exec: a copy of the one that started it.
function peakKib() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  const [, peak] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(peak)
}
