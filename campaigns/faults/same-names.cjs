// Loaded with --require: every temporary file gets the same ending, so that its path can be given to strace beforehand.
const crypto = require('node:crypto')

const original = crypto.randomBytes
Object.assign(crypto, {
  randomBytes: (/** @type {number} */ size, /** @type {readonly unknown[]} */ ...rest) =>
    size === 6 ? Buffer.from('00000000abcd', 'hex') : Reflect.apply(original, crypto, [size, ...rest]),
})
