import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { probeService } from '../../src/service/probe.ts'

/** Node 20 forgets a time limit that only another signal waits for when memory is tidied up. */
it('gives up in time, whatever memory is tidied up meanwhile', async () => {
  setFlagsFromString('--expose_gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const endpoint = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`)
  const collecting = setInterval(collectGarbage, 100)
  try {
    const limits = { signal: new AbortController().signal, timeoutMs: 1_000 }
    const probe = await probeService(endpoint, { ...limits, env: {}, now: () => new Date(), nodeVersion: '20.19.0' })
    expect(probe).toMatchObject({ kind: 'failed', step: 'connection' })
  } finally {
    clearInterval(collecting)
    for (const socket of sockets) socket.destroy()
    silent.close()
  }
}, 10_000)
