// Loaded with --require: call number FAIL_AT of a function of node:fs fails, before or after it has done its work. Calls
// about the directory FAIL_BELOW and all that is in it count, since what the system keeps elsewhere may be read first;
// or only those about the file FAIL_PATH, or those after the file FAIL_WITHOUT has gone.
const fs = require('node:fs')

const { FAIL_CALL = '', FAIL_AT, FAIL_AFTERWARDS, FAIL_BELOW = '', FAIL_PATH, FAIL_WITHOUT } = process.env
const { existsSync, openSync } = fs
/** What each file that is open was opened as. @type {Map<unknown, unknown>} */
const opened = new Map()
fs.openSync = (...args) => {
  const descriptor = openSync(...args)
  opened.set(descriptor, args[0])
  return descriptor
}

/** @param {unknown} subject a path, or the descriptor of an open file */
function isAbout(subject) {
  if (FAIL_PATH !== undefined) return subject === FAIL_PATH
  const path = opened.get(subject) ?? subject
  return typeof path === 'string' && (path === FAIL_BELOW || path.startsWith(`${FAIL_BELOW}/`))
}

/** @type {(...args: readonly unknown[]) => unknown} */
const original = Reflect.get(fs, FAIL_CALL)
let left = Number(FAIL_AT)
Reflect.set(fs, FAIL_CALL, (/** @type {readonly unknown[]} */ ...args) => {
  const isCounted = isAbout(args[0])
  if (isCounted && (FAIL_WITHOUT === undefined || !existsSync(FAIL_WITHOUT))) left -= 1
  if (!isCounted || left !== 0) return original(...args)
  left = -1
  if (FAIL_AFTERWARDS) original(...args)
  const path = typeof args[0] === 'string' ? { path: args[0] } : {}
  throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: FAIL_CALL.replace('Sync', ''), ...path })
})
