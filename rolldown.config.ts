import { defineConfig } from 'rolldown'
import { asciiPlugin } from './scripts/ascii-plugin.ts'
import { bareRequiresPlugin } from './scripts/bare-requires-plugin.ts'
import { builtinsPlugin } from './scripts/builtins-plugin.ts'
import { leaveOutPlugin } from './scripts/leave-out-plugin.ts'
import { loadLaterPlugin } from './scripts/load-later-plugin.ts'
import { noticesPlugin } from './scripts/notices-plugin.ts'

/** What every command about the store needs to find what is stored. */
const STORE = [
  'platforms/(linux|macos|platform|portable-path|posix|posix-find|posix-guard|posix-place|private-files|profile-block|registry-key|resolve|setx|state|wsl)',
  'shells/.+',
  'files/(block|file-error|file-state)',
  'inputs/(connection-string.*|identity-id|lifetime|pasted-line|scopes|variable-name)',
  'identity/token',
  'renewal/stored-token',
  'system/sha256',
  'text/(duration|time)',
  'ui/(activation-text|secret-input)',
]
/** The grammar of profiles, for what looks at them closely. */
const PROFILE = ['platforms/(posix-inspection|profile-inspection)', 'files/(profile-lines|shell-.+)']
/** What changes the store. */
const CHANGE = [
  'platforms/(file-steps|posix-(apply|removal|renewal|store)|profile-plan|restore-records)',
  'files/(block-edit|directory|lock|owner|replace)',
]
/** What asks the service, but for the SDK. */
const SERVICE = [
  'identity/(connection|issuer|service-.+)',
  'inputs/azure-cli-config',
  'sources/.+',
  'system/interruption',
  'ui/validator',
]

const sourceFiles = (paths: readonly string[]): RegExp => new RegExp(`/src/(${paths.join('|')})\\.ts$`)

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  // The entry exports nothing; the chunks take from it what they share.
  preserveEntrySignatures: false,
  plugins: [
    leaveOutPlugin(),
    loadLaterPlugin(),
    builtinsPlugin(),
    bareRequiresPlugin(),
    asciiPlugin(),
    noticesPlugin(),
  ],
  // The SDK's ES modules: its CommonJS build is more than twice as large.
  resolve: { mainFields: ['module', 'main'] },
  transform: {
    target: 'node20.19',
    // Reading this global makes Node load the whole of undici, which no request here needs.
    define: { FormData: 'undefined' },
  },
  output: {
    dir: 'dist',
    // CommonJS starts faster than ES modules on every Node to date, by 2 to 25 ms.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: true,
    cleanDir: true,
    codeSplitting: {
      // A file more costs a quarter of a millisecond, so what is needed together stands in one.
      includeDependenciesRecursively: false,
      groups: [
        { name: 'store', test: sourceFiles(STORE) },
        { name: 'profile', test: sourceFiles(PROFILE) },
        { name: 'change', test: sourceFiles(CHANGE) },
        { name: 'service', test: sourceFiles(SERVICE) },
      ],
    },
  },
})
