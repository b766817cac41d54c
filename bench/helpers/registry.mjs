// A package registry with the packages that it is given, for npx. Usage: node registry.mjs JSON, an array of
// { manifest, tarball, integrity }; prints {"port"} when it listens.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { portOf } from './port.mjs'

/**
 * @typedef {object} Package
 * @property {{ name: string, version: string }} manifest its package.json
 * @property {string} tarball the path of the file
 * @property {string} integrity of the tarball, as `npm pack` reports it
 */

/** @type {readonly Package[]} */
const packages = JSON.parse(process.argv[2] ?? '[]')

const server = createServer((request, response) => {
  const [, name = '', file] = (request.url ?? '').split('/')
  const found = packages.find(({ manifest }) => manifest.name === name)
  if (found === undefined) response.writeHead(404).end('{}')
  else if (file === undefined) response.setHeader('content-type', 'application/json').end(packument(found))
  else response.end(readFileSync(found.tarball))
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: portOf(server) })))
process.once('SIGINT', () => process.exit())

/** What a registry says about a package. @param {Package} found */
function packument({ manifest, integrity }) {
  const { name, version } = manifest
  const tarball = `http://127.0.0.1:${portOf(server)}/${name}/package.tgz`
  const versions = { [version]: { ...manifest, dist: { tarball, integrity } } }
  return JSON.stringify({ name, 'dist-tags': { latest: version }, versions })
}
