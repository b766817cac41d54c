import { defineConfig } from 'rolldown'
import { asciiPlugin } from './scripts/ascii-plugin.ts'
import { bareRequiresPlugin } from './scripts/bare-requires-plugin.ts'
import { builtinsPlugin } from './scripts/builtins-plugin.ts'
import { leaveOutPlugin } from './scripts/leave-out-plugin.ts'
import { loadLaterPlugin } from './scripts/load-later-plugin.ts'
import { loadOnUsePlugin } from './scripts/load-on-use-plugin.ts'
import { manPagePlugin } from './scripts/man-page-plugin.ts'
import { manifestPlugin } from './scripts/manifest-plugin.ts'
import { noticesPlugin } from './scripts/notices-plugin.ts'
import { oldNodePlugin } from './scripts/old-node-plugin.ts'

/**
 * The folders that are loaded together: a file more costs a quarter of a millisecond. A folder is wholly in one chunk; of
 * the others the bundler makes chunks by who imports them.
 */
const CHUNKS: Readonly<Record<string, readonly string[]>> = {
  /** What every command begins with. */
  core: [],
  /** What reads the store: all that `token`, `exec` and `refresh` need where nothing is to be renewed. */
  everyday: [],
  /** What `status` sees besides. */
  inspect: ['profile', 'schedule', 'doctor/stored', 'shells'],
  /** What else the commands about the store need. */
  store: ['store', 'platforms', 'platforms/posix', 'shells', 'values', 'files', 'profile', 'doctor/stored', 'schedule'],
  /** What changes the store. */
  change: ['store/change', 'files/change', 'platforms/posix/change', 'profile/change'],
  /** What writes `.env` files, and reads the remembered ones. */
  dotenv: ['platforms/dotenv'],
  /** What is about one of several resources. */
  resources: ['platforms/resources'],
  /** What Windows needs besides. */
  windows: ['platforms/windows'],
  /** What changes the system's scheduler. */
  schedule: ['schedule/change'],
  /** Where the key comes from. */
  credentials: ['credentials'],
  /** What asks the service, but for the SDK. */
  service: ['service'],
  /** The shells that have a language of their own. */
  'other-shells': ['shells/other'],
  /** What opens new shells. */
  look: ['look'],
  doctor: ['doctor', 'doctor/checks'],
  /** What asks the Azure CLI, which takes seconds itself. */
  'azure-cli': ['credentials/azure-cli'],
  /** What runs a program in our place. */
  foreground: [],
  /** What is said where no command runs. */
  help: [],
}

/** Single files of other folders that go with a chunk: each would be a chunk of its own. */
const LONE_FILES: Readonly<Record<string, readonly string[]>> = {
  core: [
    'src/main.ts',
    'src/errors.ts',
    'src/secret.ts',
    'src/scope-names.ts',
    'src/shell-names.ts',
    'src/args/commands.ts',
    'src/args/options.ts',
    'src/args/parse.ts',
    'src/args/split.ts',
    'src/system/builtin.ts',
    'src/system/own-command.ts',
    'src/system/process.ts',
    'src/system/streams.ts',
    'src/system/terminal.ts',
    'src/text/printable.ts',
    'src/text/rows.ts',
    'src/text/wrap.ts',
    'src/ui/reporter.ts',
  ],
  everyday: [
    'src/files/links.ts',
    'src/files/portable-path.ts',
    'src/files/read.ts',
    'src/platforms/linux.ts',
    'src/platforms/look-for-stored.ts',
    'src/platforms/posix/adapter.ts',
    'src/platforms/posix/find.ts',
    'src/platforms/posix/place.ts',
    'src/platforms/resolve.ts',
    'src/platforms/with-dotenv.ts',
    'src/store/last-state.ts',
    'src/store/own-files.ts',
    'src/store/remembered-source.ts',
    'src/store/state.ts',
    'src/store/stored-token.ts',
    'src/values/connection-string.ts',
    'src/values/credential.ts',
    'src/values/identity-id.ts',
    'src/values/lifetime.ts',
    'src/values/scopes.ts',
    'src/values/token-claims.ts',
    'src/values/variable-name.ts',
    'src/text/duration.ts',
    'src/text/time.ts',
  ],
  inspect: [
    'src/platforms/posix/git.ts',
    'src/platforms/posix/git-environment.ts',
    'src/platforms/posix/inspect.ts',
    'src/ui/activation-text.ts',
    'src/ui/seen-text.ts',
    'src/doctor/finding.ts',
  ],
  store: ['src/system/sha256.ts', 'src/ui/secret-input.ts'],
  service: ['src/system/interruption.ts'],
  help: [
    'src/args/compatible.ts',
    'src/args/help.ts',
    'src/args/suggest.ts',
    'src/text/closest.ts',
    'src/text/decode.ts',
    'src/ui/error-text.ts',
  ],
  foreground: [
    'src/system/foreground.ts',
    'src/system/inherited-descriptors.ts',
    'src/system/raw-launch.ts',
    'src/system/signal-relay.ts',
    'src/system/signal-witness.ts',
    'src/system/windows-command.ts',
  ],
}

const filesIn = (folders: readonly string[]): RegExp => new RegExp(String.raw`/src/(${folders.join('|')})/[^/]+\.ts$`)

const belongsTo = (name: string, folders: readonly string[]): ((id: string) => boolean) => {
  const inFolders = filesIn(folders)
  return (id) => inFolders.test(id) || LONE_FILES[name]?.some((file) => id.endsWith(file)) === true
}

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  // The entry exports nothing; the chunks take from it what they share.
  preserveEntrySignatures: false,
  plugins: [
    manifestPlugin(),
    leaveOutPlugin(),
    loadLaterPlugin(),
    builtinsPlugin(),
    loadOnUsePlugin(),
    bareRequiresPlugin(),
    oldNodePlugin(),
    asciiPlugin(),
    noticesPlugin(),
    manPagePlugin(),
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
      includeDependenciesRecursively: false,
      groups: Object.entries(CHUNKS).map(([name, folders]) => ({ name, test: belongsTo(name, folders) })),
    },
  },
})
