import { runInWorld, type WorldRun } from './world.ts'

/** A command line as a test asks for it, in a home and an environment of its own. */
export interface CommandRequest {
  readonly id: number
  readonly args: readonly string[]
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

export type CommandAnswer =
  | { readonly id: number; readonly kind: 'ran'; readonly run: WorldRun }
  | { readonly id: number; readonly kind: 'threw'; readonly error: string }

/** For a process of its own, which may belong to another user: runs every command line that it is sent. */
async function answer({ id, args, home, env, input }: CommandRequest): Promise<CommandAnswer> {
  try {
    return { id, kind: 'ran', run: await runInWorld(args, home, { env, input }) }
  } catch (error) {
    return { id, kind: 'threw', error: String(error) }
  }
}

process.on('message', (request: CommandRequest) => {
  void answer(request).then((answered) => process.send?.(answered))
})
