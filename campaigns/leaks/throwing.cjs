// Loaded with --require: errors of Node's own and of nobody's, with the secret in them that was at hand.
const crypto = require('node:crypto')
const fs = require('node:fs')

const said = (value) => (typeof value === 'string' ? value : Buffer.from(value ?? '').toString('base64'))

const thrown = {
  error: (secret) => new Error(`It failed with ${secret}`),
  'type error': (secret) => new TypeError(secret, { cause: new Error(secret) }),
  text: (secret) => secret,
  thing: (secret) => ({ message: secret, code: secret, name: secret, stack: `    at ${secret}` }),
  'lines like places': (secret) => new Error(`It failed:\n    at ${secret}\n    at place (${secret}:1:1)`),
  'a code': (secret) =>
    Object.assign(new Error(secret), { code: 'EIO', path: secret, dest: secret, spawnargs: [secret] }),
  'a name': (secret) => Object.assign(new Error(secret), { name: secret }),
}[process.env.THROWN]

const [object, name, argument] = {
  signing: [crypto, 'createHmac', 1],
  writing: [fs, 'writeSync', 1],
  parsing: [JSON, 'parse', 0],
  hashing: [Object.getPrototypeOf(crypto.createHash('sha256')), 'update', 0],
}[process.env.THROWN_AT]
const original = object[name]
object[name] = function throwing(...args) {
  const secret = said(args[argument])
  if (secret.length < 80) return original.apply(this, args)
  if (process.env.THROWN_HOW === 'later')
    setImmediate(() => {
      throw thrown(secret)
    })
  else if (process.env.THROWN_HOW === 'rejected') void Promise.reject(thrown(secret))
  else throw thrown(secret)
  return original.apply(this, args)
}
