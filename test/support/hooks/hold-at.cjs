// Loaded with --require: before call number HOLD_AT that gives a file another name or takes one away, the program stands
// still until the file HOLD_END is there. The file HOLD_BEGUN says that it does.
const fs = require('node:fs')

const { HOLD_AT, HOLD_BEGUN = '', HOLD_END = '' } = process.env
const { existsSync, writeFileSync } = fs
const clock = new Int32Array(new SharedArrayBuffer(4))
let calls = 0

for (const name of ['renameSync', 'unlinkSync', 'linkSync', 'rmdirSync']) {
  /** @type {(...args: readonly unknown[]) => unknown} */
  const original = Reflect.get(fs, name)
  Reflect.set(fs, name, (/** @type {readonly unknown[]} */ ...args) => {
    calls += 1
    if (calls === Number(HOLD_AT)) {
      writeFileSync(HOLD_BEGUN, '')
      while (!existsSync(HOLD_END)) Atomics.wait(clock, 0, 0, 5)
    }
    return original(...args)
  })
}
