// With --require: says on standard error, when the process ends, which modules it has loaded: Node's own, and files.
process.on('exit', () => {
  /** @type {readonly string[]} */
  const builtin = Reflect.get(process, 'moduleLoadList')
  const loaded = [...builtin, ...Object.keys(require.cache)]
  require('node:fs').writeSync(2, `\nloaded: ${JSON.stringify(loaded)}\n`)
})
