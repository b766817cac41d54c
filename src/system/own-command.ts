import type { Environment } from './system.ts'

/** How this program was started, as far as the process can see. */
export interface Start {
  readonly env: Environment
  /** As the system handed it over, so a link in `.bin` is not resolved. */
  readonly scriptPath: string
  readonly workingDirectory: () => string
}

type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun' | 'deno'

const NAME = 'acs-env'
const NPX = `npx ${NAME}`

/** What runs this program from the project's own dependencies. */
const FROM_PROJECT: Readonly<Record<PackageManager, string>> = {
  npm: NPX,
  pnpm: `pnpm exec ${NAME}`,
  yarn: `yarn ${NAME}`,
  bun: `bunx ${NAME}`,
  deno: `deno run -A npm:${NAME}`,
}

/** Directories in which runners keep a package that is in no project; each is a part of the script's path. */
const RUNNER_CACHES: readonly (readonly [pattern: RegExp, command: string])[] = [
  // ~/.npm/_npx/HASH/node_modules/.bin/acs-env
  [/\/_npx\//, NPX],
  // ~/.cache/pnpm/dlx/HASH/…; before pnpm 9 in the store: …/pnpm/store/v3/tmp/dlx-123/…
  [/\/pnpm\/(?:[^/]+\/)*dlx(?:-\d+)?\//i, `pnpm dlx ${NAME}`],
  // $TMPDIR/xfs-1a2b3c/dlx-123/…
  [/\/xfs-[^/]+\/dlx-[^/]+\//, `yarn dlx ${NAME}`],
  // ~/.bun/install/cache/.bunx-0/…; before Bun 1.3 $TMPDIR/bunx-0-acs-env@latest/…
  [/\/\.?bunx-\d+/, `bunx ${NAME}`],
  // ~/.cache/deno/npm/registry.npmjs.org/acs-env/0.1.0/dist/cli.cjs
  [/\/npm\/[^/]+\/acs-env\/[^/]+\/dist\/[^/]+$/, `deno run -A npm:${NAME}`],
]

/**
 * How the user starts this program, so that a command that is printed runs as printed. The script's path says where it was
 * installed; the environment alone would not do, since a shell that a runner has opened passes it on.
 */
export function ownCommand({ env, scriptPath, workingDirectory }: Start): string {
  const path = withSlashes(scriptPath)
  const cache = RUNNER_CACHES.find(([pattern]) => pattern.test(path))
  if (cache !== undefined) return cache[1]
  // With Plug'n'Play, Yarn has packages in archives and nothing in the project.
  if (/\.zip\/node_modules\//.test(path)) return FROM_PROJECT.yarn
  const end = path.indexOf('/node_modules/')
  if (end === -1) return isLinkOnPath(path) || env.npm_command !== 'exec' ? NAME : FROM_PROJECT[packageManager(env)]
  const project = path.slice(0, end)
  const isOfProject = [workingDirectory(), env.INIT_CWD].some((directory) => isWithin(directory, project))
  return isOfProject ? FROM_PROJECT[packageManager(env)] : NAME
}

/** What a global installation leaves in a directory of PATH. */
function isLinkOnPath(path: string): boolean {
  return path.endsWith(`/${NAME}`)
}

function packageManager({ npm_config_user_agent: agent = '' }: Environment): PackageManager {
  const [name] = agent.split('/', 1)
  return name === 'pnpm' || name === 'yarn' || name === 'bun' || name === 'deno' ? name : 'npm'
}

function isWithin(directory: string | undefined, ancestor: string): boolean {
  return directory !== undefined && `${withSlashes(directory)}/`.toLowerCase().startsWith(`${ancestor}/`.toLowerCase())
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/')
}
