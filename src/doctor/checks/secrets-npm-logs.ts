import { join } from 'node:path'
import type { Check } from '../check.ts'
import { pathsIn } from '../directory.ts'
import type { Facts } from '../facts.ts'
import { spilledFindings } from '../spilled-findings.ts'

/** npm writes each command line into a log, that of `npx acs-env --connection-string …` too. */
export const secretsNpmLogs: Check = {
  id: 'secrets.npm-logs',
  fine: "npm's logs have neither the access key nor the token.",
  on: 'every system',
  run: (facts) => spilledFindings(logDirectories(facts).flatMap(pathsIn), facts),
}

function logDirectories({ home, system: { env } }: Facts): readonly string[] {
  const { npm_config_logs_dir, npm_config_cache, LOCALAPPDATA } = env
  const caches = [
    npm_config_cache,
    home === undefined ? undefined : join(home, '.npm'),
    LOCALAPPDATA === undefined ? undefined : join(LOCALAPPDATA, 'npm-cache'),
  ].filter((cache) => cache !== undefined)
  const logs = caches.map((cache) => join(cache, '_logs'))
  return [...new Set(npm_config_logs_dir === undefined ? logs : [...logs, npm_config_logs_dir])]
}
