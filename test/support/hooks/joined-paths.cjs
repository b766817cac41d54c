// With --require: says at the end how often a path was joined, which looks at each of its characters.
'use strict'
const path = require('node:path')

let count = 0
const { join } = path
path.join = (...parts) => {
  count += 1
  return join(...parts)
}
process.on('exit', () => process.stderr.write(`joined: ${count}\n`))
