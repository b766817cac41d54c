import { join } from 'node:path'
import { makeWindowsRegistry } from '../../support/doubles/windows-registry.ts'
import type { DoctorBench } from '../../support/homes/doctor-bench.ts'
import { ACCESS_TOKEN } from '../../support/homes/shell-block.ts'
import { ended, runInWorld, type WorldOptions } from '../../support/homes/world.ts'
import type { DoctorCase } from './doctor-case.ts'

/** What there is on Windows alone. The home that is set up before counts for nothing there. */
export const windowsCases: readonly DoctorCase[] = [
  {
    id: 'session.machine',
    why: 'there is a variable of the whole machine',
    arrange: async (bench) => {
      const world = await setUpWindows(bench)
      const { run } = world
      return {
        ...world,
        run: async (program, args, options) =>
          args[0] === 'query'
            ? ended(args[1]?.startsWith('HKLM') && args[3] === ACCESS_TOKEN ? 0 : 1)
            : (run?.(program, args, options) ?? ended(1)),
      }
    },
    finds: /^Windows has AZURE_COMMUNICATION_ACCESS_TOKEN for the whole machine too/,
    cure: /as an administrator\.$/,
  },
  {
    id: 'session.powershell',
    why: 'a profile of PowerShell sets it',
    arrange: async (bench) => {
      bench.home.write('Documents/PowerShell/profile.ps1', `# mine\n$env:${ACCESS_TOKEN} = 'old'\n`)
      return await setUpWindows(bench)
    },
    finds: /profile\.ps1 speaks of AZURE_COMMUNICATION_ACCESS_TOKEN in line 2, and wins over what is stored\.$/,
    line: 2,
  },
]

async function setUpWindows({ home, connectionString }: DoctorBench): Promise<WorldOptions> {
  const registry = makeWindowsRegistry()
  const run: WorldOptions['run'] = async (program, args, options) =>
    args[0] === 'query' ? ended(1) : registry.run(program, args, options)
  const env = { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` }
  const setup = await runInWorld(['setup', '--yes', '--connection-string-stdin'], home.path, {
    platform: 'win32',
    env,
    run,
    input: connectionString,
  })
  if (setup.exitCode !== 0) throw new Error(setup.stderr)
  return { platform: 'win32', run, env: { ...env, ...Object.fromEntries(registry.values) } }
}
