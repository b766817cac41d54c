/** Lets a few pieces of work run at once, and some of them alone. */
export interface Gate {
  beside<Result>(work: () => Promise<Result>): Promise<Result>
  alone<Result>(work: () => Promise<Result>): Promise<Result>
}

/**
 * For tests with a time limit of their own: what ran out of time beside others is tried again alone.
 *
 * @param atOnce how many may run beside each other
 */
export function makeGate(atOnce: number): Gate {
  const running = new Set<Promise<unknown>>()
  let last: Promise<unknown> = Promise.resolve()
  const quietly = (work: Promise<unknown>): Promise<void> =>
    work.then(
      () => undefined,
      () => undefined,
    )
  const mayBegin = async (): Promise<void> => {
    for (;;) {
      const before = last
      await before
      if (running.size >= atOnce) await Promise.race(running)
      else if (last === before) return
    }
  }
  return {
    beside: async (work) => {
      await mayBegin()
      const done = work()
      const ended = quietly(done).finally(() => running.delete(ended))
      running.add(ended)
      return done
    },
    alone: async (work) => {
      const before = last
      const done = (async () => {
        await before
        await Promise.all(running)
        return work()
      })()
      last = quietly(done)
      return done
    },
  }
}
