import { rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { makeCertificate } from '../support/doubles/certificate.ts'
import { makeHome } from '../support/homes/home.ts'
import { BUILT, runBuilt } from '../support/programs/built.ts'
import { testNodes } from '../support/programs/nodes.ts'

const HOOK = join(import.meta.dirname, '../support/hooks/loaded-modules.cjs')

const home = makeHome()
const certificate = makeCertificate(home.path)
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ port: 0, tls: certificate })
})
afterAll(async () => {
  await emulator.close()
  home.remove()
})

describe.each(testNodes())('on Node $version', ({ path: nodePath }) => {
  it.each(['--help', '--version', 'issue --help'])('%s loads nothing that speaks to a network', async (command) => {
    const loaded = await modulesLoadedBy(command.split(' '))
    expect(loaded.filter((name) => /\b(?:undici|_?tls|https?|crypto|child_process)\b/.test(name))).toEqual([])
  })

  it.each(['status', 'refresh --if-expires-within 1h'])(
    '%s looks at the store without streams, and asks the system for no account',
    async (command) => {
      await modulesLoadedBy(['setup', '--yes', '--no-verify', '--connection-string-stdin'], emulator.connectionString)
      const loaded = await modulesLoadedBy(command.split(' '))
      expect(loaded.filter((name) => /^NativeModule (?:stream|net|crypto|child_process|os)$/.test(name))).toEqual([])
    },
  )

  it.each(['issue --scope chat --connection-string-stdin', 'setup --yes --no-verify --connection-string-stdin'])(
    '%s speaks TLS without undici, and without what a run rarely needs',
    async (command) => {
      const loaded = await modulesLoadedBy(command.split(' '), emulator.connectionString)
      expect(loaded).toContain('NativeModule https')
      const rare = /undici|\bNativeModule (?:zlib|child_process|perf_hooks|internal\/crypto\/webcrypto|fs\/promises)$/
      expect(loaded.filter((name) => rare.test(name))).toEqual([])
    },
  )

  // With a profile that is there already a program is asked about its rights.
  it('setup starts a program without what reads files as streams, speaks to a terminal or describes the heap', async () => {
    const profile = home.write('.bash_profile', 'export EDITOR=vi\n')
    const loaded = await modulesLoadedBy(
      ['setup', '--yes', '--no-verify', '--connection-string-stdin'],
      emulator.connectionString,
    )
    rmSync(profile)
    expect(loaded).toContain('NativeModule child_process')
    const rare = /\bNativeModule (?:v8|tty|internal\/fs\/streams|zlib|perf_hooks)$/
    expect(loaded.filter((name) => rare.test(name))).toEqual([])
  })

  // Compiling is most of what these cost, and grows with what is loaded.
  it.each([
    ['--version', 6],
    ['--help', 6],
    ['refresh --if-expires-within 1h', 93],
    ['token', 91],
    ['status', 107],
  ])('%s loads no more than %i KB of the program', async (command, mostKilobytes) => {
    await modulesLoadedBy(['setup', '--yes', '--no-verify', '--connection-string-stdin'], emulator.connectionString)
    const chunks = (await modulesLoadedBy(command.split(' '))).filter((name) => name.startsWith(dirname(BUILT)))
    const bytes = chunks.map((path) => statSync(path).size).reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThan(0)
    expect(bytes / 1000).toBeLessThan(mostKilobytes)
  })

  it.each([
    ['--help', 'fish'],
    ['token', 'fish'],
    ['refresh --if-expires-within 1h', 'fish'],
    ['status', 'bash'],
  ])('%s loads no shell with a language of its own, with %s set up', async (command, shell) => {
    const setup = ['setup', '--yes', '--no-verify', '--shell', shell, '--connection-string-stdin']
    const isOne = (name: string): boolean => /[/\\]other-shells-[^/\\]*$/.test(name)
    const atSetup = await modulesLoadedBy(setup, emulator.connectionString)
    const loaded = await modulesLoadedBy(command.split(' '))
    await modulesLoadedBy(['unset', '--yes'])
    expect([atSetup.some(isOne), loaded.some(isOne)]).toEqual([shell === 'fish', false])
  })

  async function modulesLoadedBy(args: readonly string[], input = ''): Promise<readonly string[]> {
    const { exitCode, stderr } = await runBuilt(args, {
      nodePath,
      home: home.path,
      env: {
        NODE_OPTIONS: `--require ${JSON.stringify(HOOK)}`,
        NODE_EXTRA_CA_CERTS: certificate.certificatePath,
        SHELL: '/bin/bash',
      },
      input,
    })
    expect(exitCode).toBe(0)
    const loaded = JSON.parse(/^loaded: (.*)$/m.exec(stderr)?.[1] ?? '[]') as string[]
    expect(loaded).toContain('NativeModule fs')
    return loaded
  }
})
