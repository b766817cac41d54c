import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { System } from '../../system/system.ts'

/** Both only read what the system has about a file. */
const TIMEOUT_MS = 3_000
/** The SELinux type that every new file in a home gets. */
const USUAL_TYPE = 'user_home_t'
/** macOS notes with it which program wrote a file. */
const PROVENANCE = 'com.apple.provenance'

/** What was found out of some files while there was time for it. */
export interface EarlierLook {
  /** Of the files and their directories: any change of what is looked at changes the time in it. */
  readonly marks: ReadonlyMap<string, string>
  readonly special: Promise<ReadonlySet<string>>
}

/** Begins to find out which of these files are to be written in place; the answer holds while none of them changes. */
export function lookAhead(paths: readonly string[], system: Pick<System, 'platform' | 'run'>): EarlierLook {
  // Before it is looked, so that no change in between is missed.
  const marks = marksOf(paths)
  const found = filesToWriteInPlace(paths, system)
  // Whoever needs it waits for it, and finds out then.
  found.catch(() => undefined)
  return { marks, special: found }
}

/**
 * Which of these files have something that only they have: an access list, extended attributes, or a security label of
 * their own; or are in a directory that gives every new file an access list. A file put in their place would not have
 * it, or would have more, and so be open to other people, so these are written in place.
 *
 * Node has no access to any of that, and neither size nor mode betray it, so a program is asked: `getfattr` where it is
 * installed, otherwise `ls`, whose eleventh column shows an access list. Meant for files of the user's that are about to
 * be changed, and never for those of our own, which are private and so closed by any list.
 *
 * @param paths real paths of files that exist
 * @param earlier is the answer where it is about the same files, and they are as they were
 * @returns those to be written in place; where nothing can be found out, that file too
 */
export async function filesToWriteInPlace(
  paths: readonly string[],
  { platform, run }: Pick<System, 'platform' | 'run'>,
  earlier?: EarlierLook,
): Promise<ReadonlySet<string>> {
  if (platform === 'win32' || paths.length === 0) return new Set()
  if (earlier !== undefined && isAsMarked(paths, earlier)) return earlier.special
  return platform === 'darwin' ? specialOnMac(paths, run) : special(paths, run)
}

/** Of each file and its directory, what a change of its rights or attributes changes; nothing of what cannot be seen. */
function marksOf(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    withDirectories(paths).flatMap((path) => {
      try {
        const { dev, ino, ctimeNs } = statSync(path, { bigint: true })
        return [[path, `${dev} ${ino} ${ctimeNs}`]]
      } catch {
        return []
      }
    }),
  )
}

function isAsMarked(paths: readonly string[], { marks }: EarlierLook): boolean {
  const now = marksOf(paths)
  return withDirectories(paths).every((path) => now.has(path) && now.get(path) === marks.get(path))
}

const withDirectories = (paths: readonly string[]): readonly string[] => [
  ...new Set(paths.flatMap((path) => [path, dirname(path)])),
]

async function special(paths: readonly string[], run: System['run']): Promise<ReadonlySet<string>> {
  const together = await attributesOf(withDirectories(paths), run)
  if (together === 'not-installed') return those(paths, (path) => isListedAsSpecial(path, run))
  if (together !== 'failed') return new Set(paths.filter((path) => isSpecial(path, together)))
  // What keeps it from telling of one file is no reason to know nothing of the others.
  return those(paths, async (path) => {
    const attributes = await attributesOf([path, dirname(path)], run)
    return typeof attributes === 'string' ? isListedAsSpecial(path, run) : isSpecial(path, attributes)
  })
}

/** Where `getfattr` is not there, as on most systems without access lists; but `ls` always is. */
async function isListedAsSpecial(path: string, run: System['run']): Promise<boolean> {
  const columns = await Promise.all([path, dirname(path)].map((each) => listed('ls', ['-ld', '--', each], run)))
  return columns.some((text) => !/^[-d][-rwxsStT]{9}[ .]/.test(text))
}

async function those(paths: readonly string[], is: (path: string) => Promise<boolean>): Promise<ReadonlySet<string>> {
  const found = await Promise.all([...new Set(paths)].map(async (path) => ((await is(path)) ? [path] : [])))
  return new Set(found.flat())
}

/** By name; access lists are among them. */
type Attributes = ReadonlyMap<string, string>
const NONE: Attributes = new Map()

function isSpecial(path: string, attributes: ReadonlyMap<string, Attributes>): boolean {
  const [ofFile, ofDirectory] = [attributes.get(path) ?? NONE, attributes.get(dirname(path)) ?? NONE]
  const usual = [undefined, USUAL_TYPE, typeOf(ofDirectory)]
  return (
    !usual.includes(typeOf(ofFile)) ||
    ofDirectory.has('system.posix_acl_default') ||
    [...ofFile.keys()].some((name) => name !== 'security.selinux')
  )
}

/** The attributes by path, of what has some. */
async function attributesOf(
  paths: readonly string[],
  run: System['run'],
): Promise<ReadonlyMap<string, Attributes> | 'not-installed' | 'failed'> {
  const args = ['--absolute-names', '--dump', '--match=-', '--', ...paths]
  const result = await run('getfattr', args, { timeoutMs: TIMEOUT_MS })
  if (result.kind === 'not-started') return 'not-installed'
  if (result.kind !== 'exited' || result.exitCode !== 0) return 'failed'
  const found = new Map<string, Map<string, string>>()
  let current = new Map<string, string>()
  for (const line of result.stdout.split('\n')) {
    const [, path] = /^# file: (.*)$/s.exec(line) ?? []
    if (path !== undefined) {
      current = new Map()
      found.set(unescaped(path), current)
    } else if (line !== '') current.set(line.replace(/=.*$/s, ''), line.replace(/^[^=]*=?/, ''))
  }
  // A path in another form than it was asked with would count as one without attributes.
  return [...found.keys()].every((path) => paths.includes(path)) ? found : 'failed'
}

/** In names and values a line break is "\012", and a backslash "\134". */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
}

/** Of "unconfined_u:object_r:user_home_t:s0" the third part. */
function typeOf(attributes: Attributes): string | undefined {
  return attributes.get('security.selinux')?.split(':')[2]
}

function specialOnMac(paths: readonly string[], run: System['run']): Promise<ReadonlySet<string>> {
  return those(paths, async (path) => {
    const [ofFile = '', ofDirectory = ''] = await Promise.all(
      [path, dirname(path)].map((each) => listed('/bin/ls', ['-lde@', '--', each], run)),
    )
    // Below the line of the file itself its attributes are indented, and its access list is numbered.
    const attributes = [...ofFile.matchAll(/^\t(\S+)/gm)].map(([, name]) => name)
    const hasList = /^ *\d+: /m.test(ofFile)
    return (
      ofFile === '' || hasList || attributes.some((name) => name !== PROVENANCE) || /file_inherit/.test(ofDirectory)
    )
  })
}

/** What `ls` prints; nothing where it fails. On macOS it is the system's own: another one may be found first. */
async function listed(program: 'ls' | '/bin/ls', args: readonly string[], run: System['run']): Promise<string> {
  const result = await run(program, args, { timeoutMs: TIMEOUT_MS })
  return result.kind === 'exited' && result.exitCode === 0 ? result.stdout : ''
}
