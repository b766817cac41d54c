// The least that running a command in one's own place costs in Node.
'use strict'
const { spawn } = require('node:child_process')

const [program = '', ...args] = process.argv.slice(2)
spawn(program, args, { stdio: 'inherit' }).on('exit', (exitCode) => (process.exitCode = exitCode ?? 1))
