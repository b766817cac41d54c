import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import { BUILT, cleanEnvironment, runBuilt } from '../support/programs/built.ts'
import { runInTerminal } from '../support/programs/pty.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const MASKED_CONNECTION_STRING = /AZURE_COMMUNICATION_CONNECTION_STRING=endpoi…\(\d{3} characters\)/
const MASKED_TOKEN = /AZURE_COMMUNICATION_ACCESS_TOKEN=eyJhbG…\(\d{3} characters\)/
const CANCELLED = 'Cancelled; nothing was changed.\n'

/** The shells of the accounts it may run on, and the profile that it shows for each. */
const shells = [
  { SHELL: '/bin/bash', profile: '~/.bash_profile', program: 'bash', isThere: hasProgram('bash') },
  { SHELL: '/usr/bin/zsh', profile: '~/.zshrc', program: 'zsh', isThere: hasProgram('zsh') },
  { SHELL: '/bin/sh', profile: '~/.profile', program: 'sh', isThere: true },
  {
    SHELL: '/usr/bin/fish',
    profile: '~/.config/fish/conf.d/acs-env.fish',
    program: 'fish',
    isThere: hasProgram('fish'),
  },
  { SHELL: '/opt/osh', profile: '~/.bash_profile', program: 'bash', isThere: hasProgram('bash') },
]

describe.concurrent('acs-env demo', () => {
  for (const { SHELL, profile, program, isThere } of shells) {
    it.skipIf(!isThere)(`shows the whole job with SHELL=${SHELL}, and leaves nothing`, async (context) => {
      const { home, temporary, env } = newPlaces(context)
      const result = await runBuilt(['demo'], { home: home.path, env: { ...env, SHELL } })
      expect(result).toMatchObject({ exitCode: 0, stdout: '' })
      expect(result.stderr).toContain(`A new ${program} sees`)
      expect(result.stderr).toContain(`cat ${profile}\n`)
      expect(result.stderr).toMatch(MASKED_CONNECTION_STRING)
      expect(result.stderr).toMatch(MASKED_TOKEN)
      expect(result.stderr).toContain('That was all. The service has stopped and the temporary home is removed.')
      expectNoSecret(result.stderr)
      expectNothingLeft(home, temporary)
    })
  }

  it('takes another shell where SHELL is not set', async (context) => {
    const { home, temporary, env } = newPlaces(context)
    const result = await runBuilt(['demo'], { home: home.path, env })
    expect(result).toMatchObject({ exitCode: 0, stdout: '' })
    expect(result.stderr).toMatch(MASKED_TOKEN)
    expectNothingLeft(home, temporary)
  })

  it('gives one document with --json, and what happens on standard error', async (context) => {
    const { home, temporary, env } = newPlaces(context)
    const result = await runBuilt(['demo', '--json'], { home: home.path, env: { ...env, SHELL: '/bin/bash' } })
    expect(result.exitCode).toBe(0)
    expect(result.stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(result.stdout)).toEqual({
      variables: [
        {
          name: 'AZURE_COMMUNICATION_CONNECTION_STRING',
          value: expect.stringMatching(/^endpoi…\(\d{3} characters\)$/),
        },
        { name: 'AZURE_COMMUNICATION_ACCESS_TOKEN', value: expect.stringMatching(/^eyJhbG…\(\d{3} characters\)$/) },
      ],
      profile: '~/.bash_profile',
    })
    expectNoSecret(result.stdout + result.stderr)
    expectNothingLeft(home, temporary)
  })

  it('says nothing with --quiet', async (context) => {
    const { home, temporary, env } = newPlaces(context)
    const result = await runBuilt(['demo', '--quiet'], { home: home.path, env: { ...env, SHELL: '/bin/bash' } })
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expectNothingLeft(home, temporary)
  })

  for (const { SHELL, profile, isThere } of shells) {
    it.skipIf(!isThere)(`leaves the user's variables and ${profile} out of it`, async (context) => {
      const { home, temporary, env } = newPlaces(context)
      const name = profile.slice('~/'.length)
      const contents = 'export AZURE_COMMUNICATION_ACCESS_TOKEN=theirs\necho from their profile\n'
      home.write(name, contents)
      const theirs = {
        AZURE_COMMUNICATION_CONNECTION_STRING: 'endpoint=https://their.communication.azure.com/;accesskey=dGhlaXJz',
        AZURE_COMMUNICATION_ACCESS_TOKEN: 'theirs',
        ZDOTDIR: home.path,
        ENV: `${home.path}/${name}`,
      }
      const result = await runBuilt(['demo'], { home: home.path, env: { ...env, ...theirs, SHELL } })
      expect(result).toMatchObject({ exitCode: 0, stdout: '' })
      expect(result.stderr).not.toContain('their')
      expect(readTree(home.path)).toEqual({ [join(home.path, name)]: contents })
      expect(temporary.list()).toEqual([])
    })
  }

  it.for([
    [[], 'Would run setup against the emulator, in a temporary home that is removed afterwards.\n'],
    [['--json'], '{"dry_run":true}\n'],
  ] as const)('only says what it would do with --dry-run %j', async ([args, said], context) => {
    const { home, temporary, env } = newPlaces(context)
    const result = await runBuilt(['demo', '--dry-run', ...args], { home: home.path, env })
    expect(result).toMatchObject({ exitCode: 0, stdout: said, stderr: '' })
    expectNothingLeft(home, temporary)
  })

  it('refuses an option that it does not have', async (context) => {
    const { home, temporary, env } = newPlaces(context)
    const result = await runBuilt(['demo', '--scope', 'chat'], { home: home.path, env })
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expectNothingLeft(home, temporary)
  })

  it('says that the temporary directory is missing', async (context) => {
    const { home } = newPlaces(context)
    const result = await runBuilt(['demo'], { home: home.path, env: { TMPDIR: `${home.path}/none` } })
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(result.stderr).toContain(`error: ${home.path}/none/acs-env-demo-… could not be created`)
  })
})

/** What it says at the beginning of each step that starts another program. */
const steps = [
  { step: 'setup', heading: 'acs-env setup --yes' },
  { step: 'the new shell', heading: 'A new bash sees' },
]

describe.concurrent('acs-env demo, interrupted', () => {
  /** With a bash that takes a second to start: time for a signal. */
  const newSlowPlaces = (context: TestContext): ReturnType<typeof newPlaces> => {
    const places = newPlaces(context)
    const tools = makeHome('tools')
    context.onTestFinished(tools.remove)
    chmodSync(tools.write('bash', '#!/bin/sh\nsleep 1\nexec /bin/bash "$@"\n'), 0o755)
    return { ...places, env: { ...places.env, PATH: `${tools.path}:${process.env.PATH}` } }
  }

  it.for(steps)('leaves nothing after Ctrl+C during $step', async ({ heading }, context) => {
    const { home, temporary, env } = newSlowPlaces(context)
    const run = runInTerminal(['demo'], { home: home.path, nodePath: process.execPath, env })
    context.onTestFinished(() => run.kill('SIGKILL'))
    await run.waitFor(heading)
    expect(temporary.list()).not.toEqual([])
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject({ exitCode: 130 })
    expect(run.screen()).toContain(CANCELLED)
    expect(run.text()).not.toContain('error:')
    expectNothingLeft(home, temporary)
  })

  it.for(steps.flatMap((step) => (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({ ...step, signal }))))(
    'leaves nothing after a $signal of its own during $step',
    async ({ heading, signal }, context) => {
      const { home, temporary, env } = newSlowPlaces(context)
      const child = spawn(process.execPath, [BUILT, 'demo', '--json'], {
        env: cleanEnvironment(home.path, { ...env, SHELL: '/bin/bash' }),
        cwd: home.path,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      context.onTestFinished(() => void child.kill('SIGKILL'))
      const output = { stdout: '', stderr: '' }
      const closed = once(child, 'close')
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
      await new Promise<void>((resolve) => {
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          output.stderr += text
          if (output.stderr.includes(heading)) resolve()
        })
        child.once('close', () => resolve())
      })
      expect(temporary.list()).not.toEqual([])
      child.kill(signal)
      await closed
      expect(child.exitCode).toBe(130)
      expect(output.stdout).toBe('')
      expect(JSON.parse(output.stderr.slice(output.stderr.lastIndexOf('{"error"')))).toMatchObject({
        error: { code: 'cancelled' },
      })
      expectNothingLeft(home, temporary)
    },
  )
})

/** A home and a directory for temporary files, both empty. */
function newPlaces({ onTestFinished }: TestContext): {
  home: TestHome
  temporary: TestHome
  env: Record<string, string>
} {
  const home = makeHome()
  const temporary = makeHome('tmp')
  onTestFinished(() => {
    home.remove()
    temporary.remove()
  })
  return { home, temporary, env: { TMPDIR: temporary.path } }
}

function expectNoSecret(text: string): void {
  expect(text).not.toMatch(/accesskey=/i)
  expect(text).not.toMatch(/eyJ[\w-]{4,}/)
}

function expectNothingLeft(home: TestHome, temporary: TestHome): void {
  expect(home.list()).toEqual([])
  expect(temporary.list()).toEqual([])
}
