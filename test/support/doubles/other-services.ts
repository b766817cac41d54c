import { afterAll, beforeAll } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { json, startFaultyService, type FaultyService } from './faulty-service.ts'

/** Another resource than the one that is stored, for all tests of the file that imports this. */
export let other: Emulator
/** A service that refuses everything, and counts. */
export let failing: FaultyService

beforeAll(async () => {
  ;[other, failing] = await Promise.all([
    startEmulator({ port: 0 }),
    startFaultyService(json(403, { error: { code: 'Denied', message: 'no' } })),
  ])
})
afterAll(() => Promise.all([other.close(), failing.close()]))
