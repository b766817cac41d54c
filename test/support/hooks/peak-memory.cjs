// Loaded with --require: writes the most memory that the process ever had, in bytes, to the file PEAK_MEMORY_FILE.
const { writeFileSync } = require('node:fs')

const { PEAK_MEMORY_FILE = '' } = process.env

process.on('exit', () => {
  writeFileSync(PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024))
})
