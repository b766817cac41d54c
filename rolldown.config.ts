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
import { overviewPlugin } from './scripts/overview-plugin.ts'

/**
 * The folders that are loaded together: a file more costs a quarter of a millisecond. A folder is in one chunk, but for
 * the files below; of the other folders the bundler makes chunks by who imports them.
 */
const CHUNKS: Readonly<Record<string, readonly string[]>> = {
  /** What the program begins with, and others need too. */
  core: [],
  /** What every command about the store reads it with: all that most runs need. */
  store: ['store', 'platforms', 'platforms/posix', 'values', 'files'],
  /** What `status` looks at besides. */
  inspect: ['doctor/stored'],
  /** What reads profiles: `status` only does where they are not as they were when new shells were seen to be right. */
  profile: ['profile'],
  /** What each shell reads, and how it is asked. */
  shells: ['shells'],
  /** What remembers the job that renews in the background. */
  job: ['schedule'],
  /** What is read out of what a person pastes, or gives in a file. */
  pasted: ['values/pasted'],
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
  /** What finds out why one does not have the values. */
  reasons: ['look/reasons'],
  doctor: ['doctor', 'doctor/checks'],
  /** What asks the Azure CLI, which takes seconds itself. */
  'azure-cli': ['credentials/azure-cli'],
  /** What asks git, where there is a repository. */
  git: [],
  /** What runs a program in our place. */
  foreground: [],
}

/** Single files that go with another chunk than their folder: what most runs need is to stay small. */
const LONE_FILES: Readonly<Record<string, readonly string[]>> = {
  core: ['src/errors.ts', 'src/shell-names.ts', 'src/system/builtin.ts', 'src/text/wrap.ts'],
  store: [
    'src/schedule/directory.ts',
    'src/schedule/is-scheduled.ts',
    'src/system/sha256.ts',
    'src/text/duration.ts',
    'src/text/time.ts',
    'src/ui/secret-input.ts',
  ],
  inspect: [
    'src/doctor/finding.ts',
    'src/platforms/posix/git.ts',
    'src/platforms/posix/inspect.ts',
    'src/shells/posix-words.ts',
    'src/ui/activation-text.ts',
    'src/ui/seen-text.ts',
  ],
  profile: ['src/platforms/posix/inspect-profiles.ts', 'src/shells/other-files.ts', 'src/shells/posix-syntax.ts'],
  change: ['src/platforms/posix/foreign-profile.ts', 'src/platforms/posix/guard.ts'],
  service: ['src/system/interruption.ts'],
  git: ['src/platforms/posix/ask-git.ts', 'src/platforms/posix/git-environment.ts'],
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
  const isOneOf = (files: readonly string[]) => (id: string) => files.some((file) => id.endsWith(file))
  const isLone = isOneOf(Object.values(LONE_FILES).flat())
  const isOwn = isOneOf(LONE_FILES[name] ?? [])
  return (id) => (isLone(id) ? isOwn(id) : inFolders.test(id))
}

export default defineConfig({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  // The entry exports nothing; the chunks take from it what they share.
  preserveEntrySignatures: false,
  plugins: [
    manifestPlugin(),
    overviewPlugin(),
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
