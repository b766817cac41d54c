import type { Emulator } from '../../src/emulator/server.ts'
import { makeHome } from './home.ts'
import { runInWorld } from './world.ts'

/** Which of two resources a connection string or an access token is of; undefined for none. */
export type ResourceTeller = (value: string | undefined) => 'a' | 'b' | undefined

/** Tells what is of this resource, `a`, from what is of another. */
export async function resourceTeller(a: Emulator): Promise<ResourceTeller> {
  const home = makeHome()
  const { stdout } = await runInWorld(['user', 'create', '--connection-string', a.connectionString], home.path)
  home.remove()
  const idOfA = /^8:acs:([\da-f-]{36})_/.exec(stdout)?.[1]
  return (value) => {
    if (value === undefined || value === '') return undefined
    if (value.startsWith('endpoint=')) return value === a.connectionString ? 'a' : 'b'
    const payload = Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()
    const { resourceId } = JSON.parse(payload) as { resourceId: string }
    return resourceId === idOfA ? 'a' : 'b'
  }
}
