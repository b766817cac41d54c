import { builtin } from '../system/builtin.ts'

/**
 * Whether `NO_PROXY` excepts this address from the proxy. Entries stand apart by commas or blanks, in any letter case:
 * `*` for every host, a domain for itself and all below it (with or without `.` or `*.` before it), an IP address, a
 * block of them (`10.0.0.0/8`), each with an optional port. This is what curl takes (`lib/noproxy.c`), and `*.` and
 * ports besides, which Go, wget and Node take.
 */
export function isExcepted({ hostname, protocol, port }: URL, noProxy: string): boolean {
  const host = plainHost(hostname)
  const hostPort = port || (protocol === 'https:' ? '443' : '80')
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true
    const [, pattern = '', entryPort = hostPort] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? []
    return entryPort === hostPort && matches(host, plainHost(pattern))
  })
}

function matches(host: string, pattern: string): boolean {
  if (pattern === '') return false
  if (pattern.includes('/')) return isInBlock(host, pattern)
  const domain = pattern.replace(/^\*?\./, '')
  return host === domain || (!isAddress(host) && host.endsWith(`.${domain}`))
}

function isInBlock(host: string, block: string): boolean {
  const { BlockList, isIP } = builtin('node:net')
  const [network = '', prefix = ''] = block.split('/')
  const family = isIP(network)
  const bits = Number(prefix)
  if (family === 0 || family !== isIP(host) || !/^\d+$/.test(prefix) || bits > (family === 4 ? 32 : 128)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const blocks = new BlockList()
  blocks.addSubnet(network, bits, type)
  return blocks.check(host, type)
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host)
}

/** In lower case, without the brackets of an IPv6 address and the dot that may end a name. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]/, '$1')
    .replace(/\.$/, '')
}
