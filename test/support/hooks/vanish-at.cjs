// Loaded with --require: after the call number VANISH_AT of node:fs about the file VANISH_PATH it is gone, as where
// another run takes it away. How many calls there were goes to the file VANISH_COUNT.
const fs = require('node:fs')

const { VANISH_PATH = '', VANISH_AT, VANISH_COUNT } = process.env
const { unlinkSync, writeFileSync } = fs
let calls = 0

/** @param {Record<string, any> | Function} holder @param {string} name */
function watch(holder, name) {
  const original = Reflect.get(holder, name)
  const watched = (/** @type {readonly unknown[]} */ ...args) => {
    try {
      return original(...args)
    } finally {
      if (args[0] === VANISH_PATH) {
        calls += 1
        if (calls === Number(VANISH_AT)) remove()
      }
    }
  }
  Reflect.set(holder, name, Object.assign(watched, original))
}

function remove() {
  try {
    unlinkSync(VANISH_PATH)
  } catch {
    // This run has removed it itself.
  }
}

for (const name of Object.keys(fs)) {
  if (name.endsWith('Sync') && name !== 'unlinkSync') watch(fs, name)
}
watch(fs.realpathSync, 'native')
process.on('exit', () => {
  if (VANISH_COUNT !== undefined) writeFileSync(VANISH_COUNT, String(calls))
})
