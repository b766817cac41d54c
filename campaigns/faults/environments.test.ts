import { cpSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import { runBuilt, type BuiltRun } from '../../test/support/programs/built.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { runCampaign } from '../support/campaign.ts'
import { copyOf, describeCase, fill, judgeEnd, judgeRest, type Bench, type Case } from './bench.ts'
import { canMount, mount, withMount } from './mount.ts'
import { benches, judge, resources } from './prepared.ts'
import { inHome } from './scenarios.ts'
import { callsOf, runTraced, wasInjected } from './strace.ts'

const HOUR_MS = 60 * 60_000
const PAGE_BYTES = 4096
/** More pages than a run needs at once. */
const MOST_FREE_PAGES = 14

const describeBench = ({ scenario }: Bench): string => scenario.name

const runCommand = ({ scenario }: Bench, home: TestHome, env = {}): Promise<BuiltRun> =>
  runBuilt(inHome(scenario.command, home.path), {
    home: home.path,
    workingDirectory: '/',
    env: { SHELL: '/bin/bash', ...env },
  })

const rest = (bench: Bench, home: TestHome): Promise<readonly string[]> => judgeRest(bench, home, judge, resources)

/** A home for the length of some work. */
async function withHome<Result>(home: TestHome, work: (home: TestHome) => Promise<Result>): Promise<Result> {
  try {
    return await work(home)
  } finally {
    home.remove()
  }
}

describe.skipIf(!canMount())('a home', () => {
  it('on a disk that is full, or soon will be, is as it was or has everything', async () => {
    const cases = benches.flatMap((bench) =>
      Array.from({ length: MOST_FREE_PAGES }, (_, freePages) => ({ bench, freePages })),
    )
    const endings = new Set<number | null>()
    await runCampaign('faults, full disk', cases, {
      describe: ({ bench, freePages }) => `${bench.scenario.name} with ${freePages} free pages`,
      run: ({ bench, freePages }) =>
        withHome(makeHome(), (home) =>
          withMount(['-t', 'tmpfs', '-o', 'size=1M,mode=755', 'tmpfs'], home.path, async () => {
            fill(home, bench.template)
            const filler = join(home.path, 'filler')
            const { bavail, bsize } = statfsSync(home.path)
            writeFileSync(filler, Buffer.alloc(bavail * bsize - freePages * PAGE_BYTES))
            const ended = await runCommand(bench, home)
            endings.add(ended.exitCode)
            rmSync(filler)
            return [...judgeEnd(bench, ended, home, judge), ...(await rest(bench, home))]
          }),
        ),
    })
    expect(endings).toEqual(new Set([0, 1]))
  })

  it('on another device than the temporary files is like any other', () =>
    expect(
      runCampaign('faults, another device', benches, {
        describe: describeBench,
        run: (bench) =>
          withHome(makeHome(), (home) =>
            withMount(['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs'], home.path, async () => {
              fill(home, bench.template)
              const ended = await runCommand(bench, home)
              if (ended.exitCode !== 0) return [`exit code ${ended.exitCode}: ${ended.stderr}`]
              return [...judgeEnd(bench, ended, home, judge), ...(await rest(bench, home))]
            }),
          ),
      }),
    ).resolves.toBeUndefined())

  it('that is read-only stays as it is, and that is said', () =>
    expect(
      runCampaign('faults, read-only home', benches, {
        describe: describeBench,
        run: (bench) =>
          withHome(copyOf(bench.template), async (home) => {
            const wrong = await withMount(['--bind', home.path], home.path, async () => {
              mount('-o', 'remount,bind,ro', home.path)
              const ended = await runCommand(bench, home)
              const isSaid = ended.exitCode === 1 && ended.stderr.includes('read-only')
              return [...(isSaid ? [] : [`${ended.exitCode}: ${ended.stderr}`]), ...judge.differences(home, bench.old)]
            })
            return [...wrong, ...(await rest(bench, home))]
          }),
      }),
    ).resolves.toBeUndefined())

  /** Does something in a copy of the bench's home whose profile is a mount of its own. */
  const withMountedProfile = <Result>(bench: Bench, work: (home: TestHome) => Promise<Result>): Promise<Result> =>
    withHome(copyOf(bench.template), (home) =>
      withHome(makeHome(), (elsewhere) => {
        const profile = join(home.path, '.bash_profile')
        const source = join(elsewhere.path, 'profile')
        cpSync(profile, source, { preserveTimestamps: true })
        return withMount(['--bind', source], profile, () => work(home))
      }),
    )

  it('whose profile is a mount of its own is like any other', () =>
    expect(
      runCampaign('faults, mounted profile', withProfile(), {
        describe: describeBench,
        run: (bench) =>
          withMountedProfile(bench, async (home) => {
            const ended = await runCommand(bench, home)
            if (ended.exitCode !== 0) return [`exit code ${ended.exitCode}: ${ended.stderr}`]
            return [...judgeEnd(bench, ended, home, judge), ...(await rest(bench, home))]
          }),
      }),
    ).resolves.toBeUndefined())

  it.skipIf(!hasProgram('strace', '-V'))(
    'whose mounted profile was being written at a kill -9 is completed',
    async () => {
      const cases: Case[] = []
      for (const bench of withProfile()) {
        const calls = await withMountedProfile(bench, async (home) =>
          callsOf(await runTraced(bench.scenario.command, home.path), home.path),
        )
        const changing = calls.filter(({ changes, text }) => changes && text.includes('bash_profile'))
        cases.push(...changing.map((call): Case => ({ bench, fault: { call, kind: 'KILL' } })))
      }
      await expect(
        runCampaign('faults, kill -9 with a mounted profile', cases, {
          describe: describeCase,
          run: ({ bench, fault }) =>
            withMountedProfile(bench, async (home) => {
              const traced = await runTraced(bench.scenario.command, home.path, fault)
              if (!wasInjected(traced, home.path, fault)) return ['the fault was not put in']
              // A file that is written in place is neither old nor new between its last write and its cut; the next run
              // completes it.
              const isCut = fault.call.name === 'ftruncate'
              return [
                ...(isCut ? [] : judge.unfinished(home, [bench.old, bench.new], true)),
                ...(await rest(bench, home)),
              ]
            }),
        }),
      ).resolves.toBeUndefined()
    },
  )
})

/** The benches whose profile exists before, and stays. */
function withProfile(): readonly Bench[] {
  return benches.filter(({ scenario }) => scenario.foreign)
}

it('with a clock that is an hour wrong, only what needs no service is done', async () => {
  const cases = benches.flatMap((bench) => [-HOUR_MS, HOUR_MS].map((shiftMs) => ({ bench, shiftMs })))
  await expect(
    runCampaign('faults, wrong clock', cases, {
      describe: ({ bench, shiftMs }) => `${bench.scenario.name}, ${shiftMs} ms`,
      run: ({ bench, shiftMs }) =>
        withHome(copyOf(bench.template), async (home) => {
          const hook = join(import.meta.dirname, 'shifted-clock.cjs')
          const env = { NODE_OPTIONS: `--require=${hook}`, CLOCK_SHIFT_MS: String(shiftMs) }
          const ended = await runCommand(bench, home, env)
          const needsService = bench.scenario.command[0] !== 'unset'
          const wanted = needsService ? bench.old : bench.new
          const isSaid = !needsService || /clock is 1 h.*(?:fast|slow|ahead|behind)/.test(ended.stderr)
          return [
            ...(ended.exitCode === (needsService ? 4 : 0) && isSaid ? [] : [`${ended.exitCode}: ${ended.stderr}`]),
            ...judge.differences(home, wanted),
            ...(await rest(bench, home)),
          ]
        }),
    }),
  ).resolves.toBeUndefined()
})
