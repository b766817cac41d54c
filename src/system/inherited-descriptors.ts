import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const FIRST = 3
/** Each gap up to the last one costs an entry when a program is started. */
const MAX_DESCRIPTOR = 1023

/**
 * The open file descriptors beyond the standard streams that this process was started with: a lock, the pipe of make's
 * jobserver, a socket from a service manager. Node keeps them from the programs it starts unless they are named.
 *
 * Asked before anything else is opened, since Node's own are recognised by their kind: it opens an epoll first, at
 * the lowest free number, then event descriptors, `/dev/null` and pipes of which it has both ends. A descriptor of the
 * kinds that Node opens is recognised as inherited only below that epoll or where our parent has it too. Linux only;
 * empty elsewhere.
 */
export function inheritedDescriptors(): readonly number[] {
  const open = openDescriptors()
  if (open === undefined) return []
  const firstOfNode = Math.min(
    ...[...open].filter(([, file]) => file === 'anon_inode:[eventpoll]').map(([number]) => number),
  )
  const files = [...open.values()]
  return [...open]
    .filter(([number, file]) => {
      if (number < firstOfNode) return true
      const isOfNodesKind =
        file === '/dev/null' ||
        file.startsWith('anon_inode:') ||
        (file.startsWith('pipe:') && files.filter((other) => other === file).length > 1)
      return !isOfNodesKind || isOfParent(number, file)
    })
    .map(([number]) => number)
}

function openDescriptors(): ReadonlyMap<number, string> | undefined {
  const directory = '/proc/self/fd'
  try {
    const numbers = readdirSync(directory)
      .map(Number)
      .filter((number) => number >= FIRST && number <= MAX_DESCRIPTOR)
      .toSorted((one, other) => one - other)
    // The one that reads the directory is gone by now.
    return new Map(
      numbers.flatMap((number) => {
        const file = targetOf(`${directory}/${number}`)
        return file === undefined ? [] : [[number, file] as const]
      }),
    )
  } catch {
    return undefined
  }
}

/** Event descriptors all have the same name, so for them this proves nothing. */
function isOfParent(number: number, file: string): boolean {
  return file.startsWith('pipe:') && targetOf(`/proc/${process.ppid}/fd/${number}`) === file
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

/** Whether the process that started us ignores SIGHUP; false where that cannot be found out. */
export function parentIgnoresHangup(): boolean {
  try {
    const [, mask = '0'] = /^SigIgn:\s*([\da-f]+)$/m.exec(readFileSync(`/proc/${process.ppid}/status`, 'latin1')) ?? []
    // Signal number 1 is the lowest bit.
    return (BigInt(`0x${mask}`) & 1n) === 1n
  } catch {
    return false
  }
}
