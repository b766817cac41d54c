// Loaded with --require: call number FAIL_AT of a function of node:fs fails, before or after it has done its work. All
// calls count, or only those about the file FAIL_PATH, or those after the file FAIL_WITHOUT has gone.
const fs = require('node:fs')

const { FAIL_CALL = '', FAIL_AT, FAIL_AFTERWARDS, FAIL_PATH, FAIL_WITHOUT } = process.env
const { existsSync } = fs
/** @type {(...args: readonly unknown[]) => unknown} */
const original = Reflect.get(fs, FAIL_CALL)
let left = Number(FAIL_AT)
Reflect.set(fs, FAIL_CALL, (/** @type {readonly unknown[]} */ ...args) => {
  const isAbout = FAIL_PATH === undefined || args[0] === FAIL_PATH
  if (isAbout && (FAIL_WITHOUT === undefined || !existsSync(FAIL_WITHOUT))) left -= 1
  if (!isAbout || left !== 0) return original(...args)
  left = -1
  if (FAIL_AFTERWARDS) original(...args)
  const path = typeof args[0] === 'string' ? { path: args[0] } : {}
  throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: FAIL_CALL.replace('Sync', ''), ...path })
})
