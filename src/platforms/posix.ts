import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { hasMarker } from '../files/block.ts'
import { readFileState, withoutFile } from '../files/replace.ts'
import type { Secret } from '../secret.ts'
import { resolveLoginShell } from '../shells/login-shell.ts'
import { shellPath } from '../shells/posix.ts'
import type { ProfileTarget, ShellName } from '../shells/shell.ts'
import type { System } from '../system/system.ts'
import { applyFileSteps, requireWritable } from './file-steps.ts'
import {
  DEFAULT_VARIABLES,
  requireComplete,
  type Plan,
  type Platform,
  type PlatformId,
  type PlatformOptions,
  type Request,
  type Step,
  type Stored,
  type ValueKind,
  type Variable,
} from './platform.ts'
import {
  gitignoreStep,
  privateFile,
  privateFileStep,
  readRestoreRecords,
  readState,
  readValue,
  restoreStep,
  stateStep,
} from './private-files.ts'
import { planProfile, readInlineValues, type ProfilePlan } from './profile-plan.ts'

/** The directory of the value files as every shell is to read it, whatever `XDG_CONFIG_HOME` says today. */
const DIRECTORY = '.config/acs-env'

/** What macOS and Linux differ in. */
export interface PosixTraits {
  readonly id: Extract<PlatformId, 'macos' | 'linux'>
  readonly usualShell: ShellName
}

/** The store of macOS and Linux: private value files, and a block in the profile that reads them. */
export async function createPosixPlatform(
  { id, usualShell }: PosixTraits,
  system: System,
  options: PlatformOptions,
): Promise<Platform> {
  const home = requireHome(system)
  const directory = join(home, DIRECTORY)
  const shell = resolveLoginShell(options.shell, usualShell, system)
  const targets: readonly ProfileTarget[] =
    options.rcFile === undefined
      ? await shell.profiles(home, system)
      : [{ path: resolve(system.workingDirectory, options.rcFile), handOver: [], onlyIfPresent: false }]
  const main = targets[0]?.path ?? ''

  const find = async (): Promise<Stored> => {
    const state = readState(directory)
    const inline = inlineValues([...targets.map(({ path }) => path), ...(state.profiles ?? [])], home)
    const value = (kind: ValueKind): Secret | undefined => {
      const names = (state.variables ?? DEFAULT_VARIABLES)
        .filter((variable) => variable.value === kind)
        .map(({ name }) => name)
      return readValue(directory, kind) ?? names.map((name) => inline.get(name)).find((found) => found !== undefined)
    }
    return { connectionString: value('connection-string'), accessToken: value('access-token'), state }
  }

  const plan = async (request: Request): Promise<Plan> => {
    const records = readRestoreRecords(directory)
    const planned = new Map<string, ProfilePlan>()
    for (const target of allTargets(targets, request.earlier.profiles)) {
      const profileRequest = {
        shell,
        home,
        variables: request.variables,
        fileOf: ({ value }: Variable) => `~/${DIRECTORY}/${value}`,
        inline: options.inline ? (variable: Variable) => secretOf(request, variable.value) : undefined,
      }
      const profile = planProfile(target, profileRequest, records[target.path])
      if (profile !== undefined) planned.set(target.path, profile)
    }
    const profiles = [...planned.values()]
    const values = options.inline ? removeValues(directory) : valueSteps(directory, request)
    const profileSteps = [
      ...restoreStep(directory, { ...records, ...recordsOf(planned) }),
      ...profiles.flatMap(({ steps }) => steps),
    ]
    const state = { ...request.remember, variables: request.variables, profiles: [...planned.keys()] }
    const steps = [
      ...gitignoreStep(directory),
      // Values first: until the profile has changed, what it says is still there to be read.
      ...(options.inline ? [...profileSteps, ...values] : [...values, ...profileSteps]),
      ...stateStep(directory, state),
    ]
    requireWritable(steps)
    return {
      isDraft: request.accessToken === 'to-come',
      steps,
      stored: request.variables.map(({ name, value }) => ({
        name,
        where: options.inline ? main : join(directory, value),
      })),
      warnings: profiles.flatMap(({ warnings }) => warnings),
      notes: profiles.flatMap(({ notes }) => notes),
    }
  }

  return {
    id,
    directory,
    loadedFrom: targets.filter(({ path, onlyIfPresent }) => !onlyIfPresent || existsSync(path)).map(({ path }) => path),
    find,
    plan,
    apply: async (plan) => {
      requireComplete(plan)
      applyFileSteps(plan.steps, directory)
    },
    activation: { text: shell.loadCommand(main, home), isCommand: true },
    newShell: (command) => ({ program: shell.name, args: shell.newShellArguments(command) }),
    show: (path) => shellPath(path, home),
  }
}

/** The home directory; everything is below it, so a wrong one is an error and not guessed. */
function requireHome({ env }: System): string {
  const home = env.HOME
  const fail = (message: string): never => {
    throw new CliError(message, { code: 'home', hint: 'set HOME to your home directory' })
  }
  if (home === undefined) return fail('HOME is not set.')
  if (!isAbsolute(home)) return fail('HOME is not an absolute path.')
  if (!statSync(home, { throwIfNoEntry: false })?.isDirectory()) return fail('HOME is not a directory.')
  return home.length > 1 ? home.replace(/\/+$/, '') : home
}

/** The shell's own profiles, and those that were written to before and still have the block; each file once. */
function allTargets(targets: readonly ProfileTarget[], earlier: readonly string[] = []): readonly ProfileTarget[] {
  const others = earlier.filter((path) => hasMarker(readFileState(path).bytes))
  const all = [...targets, ...others.map((path) => ({ path, handOver: [], onlyIfPresent: true }))]
  const realPaths = all.map(({ path }) => readFileState(path).path)
  return all.filter((_, index) => realPaths.indexOf(realPaths[index] ?? '') === index)
}

function inlineValues(paths: readonly string[], home: string): ReadonlyMap<string, Secret> {
  return new Map([...new Set(paths)].toReversed().flatMap((path) => [...readInlineValues(path, shellPath(path, home))]))
}

function recordsOf(planned: ReadonlyMap<string, ProfilePlan>): Record<string, NonNullable<ProfilePlan['record']>> {
  return Object.fromEntries(
    [...planned].flatMap(([path, { record }]) => (record === undefined ? [] : [[path, record] as const])),
  )
}

function secretOf({ connectionString, accessToken }: Request, kind: ValueKind): Secret | undefined {
  if (kind === 'connection-string') return connectionString
  return accessToken === 'to-come' ? undefined : accessToken
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function valueSteps(directory: string, request: Request): readonly Step[] {
  const { connectionString, accessToken, otherResource } = request
  const removedFirst = otherResource && accessToken !== undefined ? removeStep(directory, 'access-token') : []
  const tokenFile = privateFile(directory, 'access-token')
  return [
    ...removedFirst,
    ...(connectionString === undefined
      ? removeStep(directory, 'connection-string')
      : privateFileStep(privateFile(directory, 'connection-string'), connectionString.reveal(), {
          summary: 'the connection string',
          preview: [`+ ${connectionString}`],
        })),
    ...(accessToken === undefined
      ? removeStep(directory, 'access-token')
      : privateFileStep(
          removedFirst.length > 0 ? { ...tokenFile, state: withoutFile(tokenFile.state) } : tokenFile,
          accessToken === 'to-come' ? undefined : accessToken.reveal(),
          {
            summary: 'the access token',
            preview: [`+ ${accessToken === 'to-come' ? '(a new access token)' : accessToken}`],
          },
        )),
  ]
}

function removeValues(directory: string): readonly Step[] {
  return [...removeStep(directory, 'access-token'), ...removeStep(directory, 'connection-string')]
}

function removeStep(directory: string, kind: ValueKind): readonly Step[] {
  const path = join(directory, kind)
  const state = readFileState(path)
  if (state.bytes === undefined) return []
  return [{ kind: 'remove-file', path, state, summary: 'goes away', preview: ['- (the file goes away)'] }]
}
