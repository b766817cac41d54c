// With --require: says on standard error, when the process ends, which of Node's own modules it has loaded.
process.on('exit', () => require('node:fs').writeSync(2, `\nloaded: ${JSON.stringify(process.moduleLoadList)}\n`))
