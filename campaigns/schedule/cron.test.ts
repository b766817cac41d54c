import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import { makeHome } from '../../test/support/homes/home.ts'
import { canBeAnybody } from '../../test/support/programs/as-user.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { startNamespace } from '../../test/support/schedulers/namespace.ts'

const OURS = '.config/acs-env/schedule'
/**
 * Cron looks for changes by the second: a table that changes again in the second in which cron reads it is read anew a
 * minute later, or after the next change. So the table is written again each minute.
 */
const CANNOT_WAIT_LONGER_MS = 240_000
const AGAIN_MS = 65_000

const PREPARE = `
  mount -t tmpfs tmpfs /var/spool/cron
  mkdir -m 1730 /var/spool/cron/crontabs
  chgrp crontab /var/spool/cron/crontabs
  mount -t tmpfs tmpfs /run
  cron -f >/dev/null 2>&1 &
  cron=$!`

describe.skipIf(!canBeAnybody() || !hasProgram('crontab', '-l'))('Debian’s cron', () => {
  it('runs the job, which renews the token', async () => {
    const home = makeHome("alice's h o&me é")
    const emulator = await startEmulator({ port: 0 })
    const debian = await startNamespace(home.path, PREPARE, 'kill $cron; wait $cron')
    const setup = ['setup', '--yes', '--no-verify', '--connection-string', emulator.connectionString]
    expect((await debian.acs(setup)).exitCode).toBe(0)
    const run = await debian.acs(['schedule', '--scheduler', 'cron'])
    expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringContaining('No cron daemon')])
    // The job runs every minute, and renews a token of any age, so that the test need not wait.
    const launcher = home.read(`${OURS}/acs-env-refresh`).replace('set -- --if-expires-within 360m', ':')
    home.write(`${OURS}/acs-env-refresh`, Buffer.from(launcher, 'latin1'))
    debian.sh(`crontab -l | sed 's/^[0-9]* \\* \\* \\* \\*/* * * * */' >"$HOME/table"; crontab "$HOME/table"`)
    const before = home.read('.config/acs-env/access-token')
    const started = performance.now()
    let written = started
    while (
      home.read('.config/acs-env/access-token') === before &&
      performance.now() - started < CANNOT_WAIT_LONGER_MS
    ) {
      await sleep(500)
      if (performance.now() - written < AGAIN_MS) continue
      debian.sh('crontab "$HOME/table"')
      written = performance.now()
    }
    expect(home.read('.config/acs-env/access-token')).not.toBe(before)
    expect((await debian.acs(['unset', '--yes'])).exitCode).toBe(0)
    expect(() => debian.sh('crontab -l')).toThrow('no crontab for')
    expect(home.list()).toEqual(['table'])
    await debian.end()
    await emulator.close()
    home.remove()
  })
})
