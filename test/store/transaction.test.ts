import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CliError } from '../../src/errors.ts'
import { Secret } from '../../src/secret.ts'
import { changeStore, type Decision, type Holding } from '../../src/store/change/transaction.ts'
import type { Change, Plan } from '../../src/store/plan.ts'
import type { Applied, Store } from '../../src/store/store.ts'
import { NO_STATE, type Stored } from '../../src/store/stored.ts'
import type { System } from '../../src/system/system.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { makeSystem } from '../support/homes/world.ts'

const OLD = stored('endpoint=https://x/;accesskey=a2V5', 'old')
const NEW_TOKEN = new Secret('new')
const RENEWAL = { kind: 'renew', accessToken: NEW_TOKEN, issued: {} } as const
const RENEW: Decision<Change['kind'], string> = { kind: 'change', change: RENEWAL, result: 'renewed' }
const PLAN: Plan = { steps: [], places: [{ name: 'A', where: 'B' }], warnings: [], notes: [] }
const APPLIED: Applied = { warnings: [], activation: { kind: 'command', text: 'load' } }

let home: TestHome
let system: System
beforeEach(() => {
  home = makeHome()
  system = makeSystem(home.path)
})
afterEach(() => home.remove())

function stored(connectionString: string | undefined, accessToken: string | undefined): Stored {
  return {
    connectionString: connectionString === undefined ? undefined : new Secret(connectionString),
    accessToken: accessToken === undefined ? undefined : new Secret(accessToken),
    state: NO_STATE,
  }
}

/** A store in memory; `found` is what it has, in turn, each time it is asked. It keeps a list of what was asked of it. */
function makeStore(...found: readonly [Stored, ...(readonly Stored[])]) {
  const calls: string[] = []
  const rest = [...found]
  const changes: Change[] = []
  const lock = join(home.path, 'store/lock')
  const note = (verb: string): void => void calls.push(existsSync(lock) ? verb : `${verb} without the lock`)
  const store: Store<Change['kind']> = {
    directory: join(home.path, 'store'),
    find: async () => {
      note('find')
      return (rest.length > 1 ? rest.shift() : rest[0]) ?? found[0]
    },
    plan: async (change) => {
      note('plan')
      changes.push(change as Change)
      return PLAN
    },
    apply: async (plan) => {
      note('apply')
      expect(plan).toBe(PLAN)
      return APPLIED
    },
    inspect: async () => ({ variables: [], problems: [], obstacles: [], dotenv: [] }),
    describe: () => {
      throw new Error('not asked for')
    },
    finish: async () => note('finish'),
  }
  return { store, calls, changes, lock }
}

const unused = (): void => {
  throw new Error('nobody else is at work')
}

describe('a change of the store', () => {
  it('finds, decides, plans, performs and finds again, alone', async () => {
    const { store, calls, changes, lock } = makeStore(OLD, { ...OLD, accessToken: NEW_TOKEN })
    const changed = await changeStore<Change['kind'], string>(store, system, unused, async (found, holding) => {
      expect(found).toBe(OLD)
      expect(holding).toMatchObject({ waited: false, createdDirectories: [store.directory] })
      expect(existsSync(lock)).toBe(true)
      calls.push('decide')
      return RENEW
    })
    expect(calls).toEqual(['finish', 'find', 'decide', 'plan', 'apply', 'find'])
    expect(changes).toEqual([RENEWAL])
    const expected = { kind: 'changed', result: 'renewed', plan: PLAN, applied: APPLIED }
    expect(changed).toEqual({ ...expected, stored: { ...OLD, accessToken: NEW_TOKEN } })
    expect(existsSync(lock)).toBe(false)
  })

  it('keeps everything where that is decided, and leaves nothing behind', async () => {
    const { store, calls } = makeStore(OLD)
    const kept = await changeStore<Change['kind'], string>(store, system, unused, async () => ({
      kind: 'keep',
      result: 'still good',
    }))
    expect(kept).toEqual({ kind: 'kept', result: 'still good' })
    expect(calls).toEqual(['finish', 'find'])
    expect(home.list()).toEqual([])
  })

  it.each(['decide', 'plan', 'apply'] as const)(
    'that fails to %s fails as that did, and gives the lock back',
    async (verb) => {
      const error = new CliError('No.', { code: 'no' })
      const fail = async (): Promise<never> => {
        throw error
      }
      const { store, calls } = makeStore(OLD)
      const failing = verb === 'decide' ? store : { ...store, [verb]: fail }
      const changed = changeStore<Change['kind'], string>(
        failing,
        system,
        unused,
        verb === 'decide' ? fail : async () => RENEW,
      )
      await expect(changed).rejects.toBe(error)
      expect(calls.filter((call) => call === 'find')).toHaveLength(1)
      expect(home.list()).toEqual([])
    },
  )
})

describe('what is found again', () => {
  const [key, token] = ['endpoint=https://x/;accesskey=a2V5', 'new']
  const request = {
    connectionString: new Secret(key),
    accessToken: new Secret(token),
    variables: [],
    earlier: NO_STATE,
    issued: {},
    createdDirectories: [],
    otherResource: false,
    remembered: { name: undefined, identities: [], invalidated: undefined, seen: undefined },
    switch: undefined,
  }
  const seen = { outcome: 'seen', checkedAt: '2030-01-01T00:00:00.000Z', findings: [], files: [] } as const
  const changes: readonly (readonly [Change, expected: Stored])[] = [
    [{ kind: 'store', request }, stored(key, token)],
    [{ kind: 'store', request: { ...request, accessToken: undefined } }, stored(key, undefined)],
    [{ kind: 'store', request: { ...request, connectionString: undefined } }, stored(undefined, token)],
    [RENEWAL, stored(key, 'new')],
    [{ kind: 'remove' }, stored(undefined, undefined)],
    [{ kind: 'place', position: 'end', profiles: [] }, OLD],
    [{ kind: 'remember', seen }, OLD],
  ]
  const others = [stored(key, token), stored('other', token), stored(key, 'other'), stored(key, undefined), OLD]
  const all = [...others, stored(undefined, token), stored(undefined, undefined)]
  const said = ({ connectionString, accessToken }: Stored): string =>
    [connectionString, accessToken].map((secret) => secret?.reveal() ?? 'nothing').join(' and ')

  it.each(changes)('after %o is what was to be stored, or an error', async (change, expected) => {
    for (const again of all) {
      const { store } = makeStore(OLD, again)
      const decide = async () => ({ kind: 'change', change, result: undefined }) as const
      const changed = changeStore<Change['kind'], undefined>(store, system, unused, decide)
      if (said(again) === said(expected)) {
        expect(await changed).toMatchObject({ kind: 'changed', stored: again })
      } else {
        await expect(changed).rejects.toMatchObject({
          code: 'read_back',
          message: 'What is stored now is not what was to be stored.',
        })
        await expect(changed).rejects.not.toThrow(/a2V5|old|new|other/)
      }
    }
    expect(home.list()).toEqual([])
  })
})

describe('another run that is at work', () => {
  it('is waited for, and then found as it left the store', async () => {
    const { store, lock } = makeStore(stored('x', 'of the other run'), { ...stored('x', 'new') })
    mkdirSync(store.directory)
    writeFileSync(lock, `${process.ppid}\n`)
    const onWait = vi.fn<() => void>(() => {
      setTimeout(() => rmSync(lock), 200)
    })
    const decide = async (found: Stored, { waited, createdDirectories }: Holding) => {
      expect([found.accessToken?.reveal(), waited, createdDirectories]).toEqual(['of the other run', true, []])
      return RENEW
    }
    const changed = await changeStore<Change['kind'], string>(store, system, onWait, decide)
    expect(changed.kind).toBe('changed')
    expect(onWait).toHaveBeenCalledOnce()
  })

  it('keeps a second change of this process out until the first is done', async () => {
    const order: string[] = []
    const change = (name: string): Promise<unknown> =>
      changeStore<Change['kind'], string>(
        makeStore(OLD).store,
        system,
        () => undefined,
        async () => {
          order.push(`${name} begins`)
          await new Promise((resolve) => setTimeout(resolve, 100))
          order.push(`${name} ends`)
          return { kind: 'keep', result: name }
        },
      )
    await Promise.all([change('one'), change('two')])
    expect(order.map((entry) => entry.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends'])
  })
})

describe('Ctrl+C', () => {
  const aborting = (): { readonly system: System; readonly abort: () => void } => {
    const controller = new AbortController()
    const interruptible: System['interruptible'] = (work) => work(controller.signal)
    return { system: makeSystem(home.path, { interruptible }), abort: () => controller.abort() }
  }

  it('ends the wait for another run, and changes nothing', async () => {
    const { store, calls, lock } = makeStore(OLD)
    const { system: interrupted, abort } = aborting()
    mkdirSync(store.directory)
    writeFileSync(lock, `${process.ppid}\n`)
    const changed = changeStore<Change['kind'], string>(store, interrupted, abort, async () => RENEW)
    await expect(changed).rejects.toMatchObject({ code: 'cancelled' })
    expect([calls, existsSync(lock)]).toEqual([[], true])
  })

  it('is left to the decision: a change that was decided is completed', async () => {
    const { store, calls } = makeStore(OLD, { ...OLD, accessToken: NEW_TOKEN })
    const { system: interrupted, abort } = aborting()
    const changed = await changeStore<Change['kind'], string>(
      store,
      interrupted,
      unused,
      async (_found, { signal }) => {
        expect(signal.aborted).toBe(false)
        abort()
        expect(signal.aborted).toBe(true)
        return RENEW
      },
    )
    expect(changed.kind).toBe('changed')
    expect(calls).toEqual(['finish', 'find', 'plan', 'apply', 'find'])
  })
})
