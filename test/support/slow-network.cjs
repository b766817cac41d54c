// Loaded with --require: REMOTE_HOST has the addresses in ADDRESSES, and a connection takes SLOW_MS longer to be made.
const dns = require('node:dns')
const { TCP } = process.binding('tcp_wrap')

const { REMOTE_HOST, ADDRESSES = '', SLOW_MS = '0' } = process.env

const { lookup } = dns
dns.lookup = (host, options, callback) => {
  if (host !== REMOTE_HOST) return lookup(host, options, callback)
  const addresses = ADDRESSES.split(' ').map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  process.nextTick(() =>
    options.all ? callback(null, addresses) : callback(null, addresses[0].address, addresses[0].family),
  )
}

const closed = new WeakSet()
const { close } = TCP.prototype
TCP.prototype.close = function closing(...args) {
  closed.add(this)
  return close.apply(this, args)
}

for (const name of ['connect', 'connect6']) {
  const connect = TCP.prototype[name]
  TCP.prototype[name] = function slowly(request, ...address) {
    const timer = setTimeout(() => {
      // Node has given up meanwhile.
      if (closed.has(this)) return
      const failed = connect.call(this, request, ...address)
      if (failed) request.oncomplete(failed, this, request, false, false)
    }, Number(SLOW_MS))
    if (Number(SLOW_MS) > 10_000) timer.unref()
    return 0
  }
}
