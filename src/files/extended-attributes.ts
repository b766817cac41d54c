import { dirname } from 'node:path'
import type { System } from '../system/system.ts'

/** Both only read what the system has about a file. */
const TIMEOUT_MS = 3_000
/** The SELinux type that every new file in a home gets. */
const USUAL_TYPE = 'user_home_t'
/** macOS notes with it which program wrote a file. */
const PROVENANCE = 'com.apple.provenance'

/**
 * Which of these files have something that only they have: an access list, extended attributes, or a security label of
 * their own; or are in a directory that gives every new file an access list. A file put in their place would not have
 * it, or would have more, and so be open to other people, so these are written in place.
 *
 * Node has no access to any of that, and neither size, mode nor times betray it, so a program is asked: `getfattr`
 * where it is installed, otherwise `ls`, whose eleventh column shows an access list. Meant for files of the user's that
 * are about to be changed, and never for those of our own, which are private and so closed by any list.
 *
 * @param paths real paths of files that exist
 * @returns those to be written in place; where nothing can be found out, that file too
 */
export async function filesToWriteInPlace(
  paths: readonly string[],
  { platform, run }: Pick<System, 'platform' | 'run'>,
): Promise<ReadonlySet<string>> {
  if (platform === 'win32') return new Set()
  const look = platform === 'darwin' ? looksSpecialOnMac : looksSpecial
  const looks = await Promise.all([...new Set(paths)].map(async (path) => ((await look(path, run)) ? [path] : [])))
  return new Set(looks.flat())
}

async function looksSpecial(path: string, run: System['run']): Promise<boolean> {
  const [ofFile, ofDirectory] = await Promise.all([path, dirname(path)].map((each) => attributesOf(each, run)))
  // Not there, as on most systems without access lists; but `ls` always is.
  if (ofFile === undefined || ofDirectory === undefined) {
    const columns = await Promise.all([path, dirname(path)].map((each) => listed('ls', ['-ld', '--', each], run)))
    return columns.some((text) => !/^[-d][-rwxsStT]{9}[ .]/.test(text))
  }
  const usual = [undefined, USUAL_TYPE, typeOf(ofDirectory)]
  return (
    !usual.includes(typeOf(ofFile)) ||
    ofDirectory.has('system.posix_acl_default') ||
    [...ofFile.keys()].some((name) => name !== 'security.selinux')
  )
}

/** The attributes by name, access lists among them; undefined where the program is not installed or failed. */
async function attributesOf(path: string, run: System['run']): Promise<ReadonlyMap<string, string> | undefined> {
  const args = ['--absolute-names', '--dump', '--match=-', '--', path]
  const result = await run('getfattr', args, { timeoutMs: TIMEOUT_MS })
  if (result.kind !== 'exited' || result.exitCode !== 0) return undefined
  const lines = result.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('# '))
  return new Map(lines.map((line) => [line.replace(/=.*$/s, ''), line.replace(/^[^=]*=?/, '')]))
}

/** Of "unconfined_u:object_r:user_home_t:s0" the third part. */
function typeOf(attributes: ReadonlyMap<string, string>): string | undefined {
  return attributes.get('security.selinux')?.split(':')[2]
}

async function looksSpecialOnMac(path: string, run: System['run']): Promise<boolean> {
  const [ofFile = '', ofDirectory = ''] = await Promise.all(
    [path, dirname(path)].map((each) => listed('/bin/ls', ['-lde@', '--', each], run)),
  )
  // Below the line of the file itself its attributes are indented, and its access list is numbered.
  const attributes = [...ofFile.matchAll(/^\t(\S+)/gm)].map(([, name]) => name)
  const hasList = /^ *\d+: /m.test(ofFile)
  return ofFile === '' || hasList || attributes.some((name) => name !== PROVENANCE) || /file_inherit/.test(ofDirectory)
}

/** What `ls` prints; nothing where it fails. On macOS it is the system's own: another one may be found first. */
async function listed(program: 'ls' | '/bin/ls', args: readonly string[], run: System['run']): Promise<string> {
  const result = await run(program, args, { timeoutMs: TIMEOUT_MS })
  return result.kind === 'exited' && result.exitCode === 0 ? result.stdout : ''
}
