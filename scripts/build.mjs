// Builds dist/. Rolldown's own command does the same, but always lists the files, also above what `npm run demo` prints.
import { build } from 'rolldown'
import { loadConfig } from 'rolldown/config'

await build(await loadConfig('rolldown.config.ts'))
