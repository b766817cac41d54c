import { UsageError } from '../errors.ts'

/** What Windows takes for a device, whatever its extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** Whether a name is one that every file system takes as it is: no path, not hidden, and no option. */
export function isResourceName(name: string): boolean {
  return /^[A-Za-z\d](?:[\w.-]{0,62}[A-Za-z\d])?$/.test(name)
}

/** The name that a user gave to a resource; one that cannot be the name of a directory throws a `UsageError`. */
export function parseResourceName(text: string, platform: NodeJS.Platform): string {
  const name = text.trim()
  const fail = (hint: string): never => {
    throw new UsageError('This cannot be the name of a resource.', { code: 'invalid_resource_name', hint })
  }
  if (!isResourceName(name)) {
    return fail('use up to 64 letters, digits, ".", "_" and "-", with a letter or a digit at both ends')
  }
  if (platform === 'win32' && DEVICE.test(name)) return fail('Windows has a device of that name; use another one')
  return name
}

/** The stored name that is meant. Some file systems ignore letter case, so no two names differ in it alone. */
export function findResourceName(wanted: string, names: readonly string[]): string | undefined {
  return names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === wanted.toLowerCase())
}
