// Brings a server further away: hands on every byte, in both directions, some milliseconds later.
// Usage: node proxy.mjs PORT DELAY-MS; prints {"port"} when it listens.
import { connect, createServer } from 'node:net'
import { portOf } from './port.mjs'

const [port = 0, delayMs = 0] = process.argv.slice(2).map(Number)

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1' }).setNoDelay()
  handOn(client, upstream)
  handOn(upstream, client)
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: portOf(server) })))
process.once('SIGINT', () => process.exit())

// Timers of one length fire in the order in which they were set, so the bytes stay in order.
/** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
function handOn(from, to) {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs))
  from.on('end', () => setTimeout(() => to.end(), delayMs))
  from.on('error', () => to.destroy())
}
