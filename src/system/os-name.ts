import { platform, release } from 'node:os'
import osName from 'os-name'

/** The system's name for the user's eyes, such as "Debian GNU/Linux 12 (bookworm)"; never to decide by. */
export function operatingSystemName(): string {
  // Given the very release of this Windows it would start whatever "reg" is found first, to tell a server apart.
  return platform() === 'win32' ? osName('win32', `${release()}.0`) : osName()
}
