// Builds dist/. Rolldown's own command does the same, but always lists the files, also above what `npm run demo` prints.
import { build } from 'rolldown'
import { loadConfig } from 'rolldown/config'

// Rolldown's type allows a function and several builds too.
const config = /** @type {import('rolldown').BuildOptions} */ (await loadConfig('rolldown.config.ts'))
await build(config)
