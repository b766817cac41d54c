import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { makeHome } from './home.ts'
import { runInWorld } from './world.ts'

/** Two resources, for what is about the one's key and the other's token. */
export interface Resources {
  readonly a: Emulator
  readonly b: Emulator
  /** Which resource a connection string or a token is of; undefined for none. A token cut short throws. */
  readonly resourceOf: (value: string | undefined) => 'a' | 'b' | undefined
  /** Whether a key and a token belong together; a missing one goes with any. */
  readonly isPair: (values: readonly (string | undefined)[]) => boolean
  readonly close: () => Promise<unknown>
}

export async function startResources(): Promise<Resources> {
  const [a, b] = await Promise.all([startEmulator({ port: 0 }), startEmulator({ port: 0 })])
  const home = makeHome()
  const run = await runInWorld(['user', 'create', '--connection-string', a.connectionString], home.path)
  home.remove()
  const idOfA = /^8:acs:([\da-f-]{36})_/.exec(run.stdout)?.[1] ?? ''
  const resourceOf: Resources['resourceOf'] = (value) => {
    if (value === undefined || value === '') return undefined
    if (value.startsWith('endpoint=')) return value === a.connectionString ? 'a' : 'b'
    const payload = Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()
    return (JSON.parse(payload) as { resourceId: string }).resourceId === idOfA ? 'a' : 'b'
  }
  return {
    a,
    b,
    resourceOf,
    isPair: ([key, token]) => {
      const [ofKey, ofToken] = [resourceOf(key), resourceOf(token)]
      return ofKey === undefined || ofToken === undefined || ofKey === ofToken
    },
    close: () => Promise.all([a.close(), b.close()]),
  }
}
