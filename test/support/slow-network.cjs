// Loaded with --require: REMOTE_HOST has the addresses in ADDRESSES, and a connection takes SLOW_MS longer to be made.
const dns = require('node:dns')

/** @typedef {(...args: readonly unknown[]) => unknown} Call */
/** @typedef {{ oncomplete: Call }} Request */

// What node:net connects with; there is no public way to it.
/** @type {(name: 'tcp_wrap') => { TCP: { prototype: Record<'close' | 'connect' | 'connect6', Call> } }} */
const binding = Reflect.get(process, 'binding')
const { TCP } = binding('tcp_wrap')

const { REMOTE_HOST, ADDRESSES = '', SLOW_MS = '0' } = process.env

const { lookup } = dns
/** @type {(host: string, options: import('node:dns').LookupOptions, callback: Call) => void} */
const remoteLookup = (host, options, callback) => {
  if (host !== REMOTE_HOST) {
    Reflect.apply(lookup, dns, [host, options, callback])
    return
  }
  const addresses = ADDRESSES.split(' ').map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const [first] = addresses
  process.nextTick(() => (options.all ? callback(null, addresses) : callback(null, first?.address, first?.family)))
}
Object.assign(dns, { lookup: remoteLookup })

/** @type {WeakSet<object>} */
const closed = new WeakSet()
const { close } = TCP.prototype
TCP.prototype.close = /** @this {object} */ function closing(...args) {
  closed.add(this)
  return Reflect.apply(close, this, args)
}

for (const name of /** @type {const} */ (['connect', 'connect6'])) {
  const connect = TCP.prototype[name]
  /** @this {object} @param {Request} request @param {readonly unknown[]} address */
  function slowly(request, ...address) {
    const timer = setTimeout(() => {
      // Node has given up meanwhile.
      if (closed.has(this)) return
      const failed = Reflect.apply(connect, this, [request, ...address])
      if (failed) request.oncomplete(failed, this, request, false, false)
    }, Number(SLOW_MS))
    if (Number(SLOW_MS) > 10_000) timer.unref()
    return 0
  }
  Object.assign(TCP.prototype, { [name]: slowly })
}
