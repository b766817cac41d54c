import osName from 'os-name'

/** The system's name for the user's eyes, such as "Debian GNU/Linux 12 (bookworm)"; never to decide by. */
export function operatingSystemName(): string {
  return osName()
}
