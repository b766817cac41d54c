// Loaded with --require: makes a function throw, with the secret that it was called with in the error.
const crypto = require('node:crypto')
const fs = require('node:fs')

/** @param {string | Uint8Array | undefined} value */
const said = (value) => (typeof value === 'string' ? value : Buffer.from(value ?? '').toString('base64'))

/** @type {Readonly<Record<string, (secret: string) => unknown>>} */
const throwables = {
  error: (secret) => new Error(`It failed with ${secret}`),
  'type error': (secret) => new TypeError(secret, { cause: new Error(secret) }),
  text: (secret) => secret,
  thing: (secret) => ({ message: secret, code: secret, name: secret, stack: `    at ${secret}` }),
  'lines like places': (secret) => new Error(`It failed:\n    at ${secret}\n    at place (${secret}:1:1)`),
  'a code': (secret) =>
    Object.assign(new Error(secret), { code: 'EIO', path: secret, dest: secret, spawnargs: [secret] }),
  'a name': (secret) => Object.assign(new Error(secret), { name: secret }),
}
const { THROWN = '', THROWN_AT = '', THROWN_HOW } = process.env
const thrown = throwables[THROWN]

/** @type {Readonly<Record<string, readonly [object: object, name: string, argument: number]>>} */
const places = {
  signing: [crypto, 'createHmac', 1],
  writing: [fs, 'writeSync', 1],
  parsing: [JSON, 'parse', 0],
  hashing: [Object.getPrototypeOf(crypto.createHash('sha256')), 'update', 0],
}
const place = places[THROWN_AT]
if (thrown === undefined || place === undefined) throw new Error(`There is no ${THROWN} at ${THROWN_AT}.`)

const [object, name, argument] = place
/** @type {(...args: readonly unknown[]) => unknown} */
const original = Reflect.get(object, name)
/** @this {unknown} @param {readonly (string | Uint8Array | undefined)[]} args */
const throwing = function throwing(...args) {
  const secret = said(args[argument])
  if (secret.length < 80) return Reflect.apply(original, this, args)
  if (THROWN_HOW === 'later')
    setImmediate(() => {
      throw thrown(secret)
    })
  else if (THROWN_HOW === 'rejected') void Promise.reject(thrown(secret))
  else throw thrown(secret)
  return Reflect.apply(original, this, args)
}
Reflect.set(object, name, throwing)
