import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LookRequest, lookIntoNewShells } from '../../src/look/look.ts'
import type { Look } from '../../src/look/outcome.ts'
import { explain } from '../../src/look/reasons/explain.ts'
import { traceNewShells } from '../../src/look/reasons/trace.ts'
import { Secret } from '../../src/secret.ts'
import { bash } from '../../src/shells/bash.ts'
import type { LoginShell } from '../../src/shells/shell.ts'
import { zsh } from '../../src/shells/zsh.ts'
import type { System } from '../../src/system/system.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { processesAtHome } from '../support/homes/look-process.ts'
import { makeSystem } from '../support/homes/world.ts'
import { hasProgram } from '../support/programs/requirements.ts'

let home: TestHome
let temporaryDirectory: string

beforeEach(() => {
  home = makeHome()
  temporaryDirectory = join(home.path, '..', 'temporary')
  mkdirSync(temporaryDirectory)
})

afterEach(() => home.remove())

const signal = new AbortController().signal

function request(more: Partial<LookRequest> = {}): LookRequest {
  const expected = [{ name: 'ACS_VALUE', secret: new Secret('a value with "quotes" and $signs') }]
  return {
    shell: bash,
    program: 'bash',
    home: home.path,
    starts: ['interactive'],
    files: [],
    expected,
    timeoutMs: 20_000,
    ...more,
  }
}

function system(more: Partial<System> = {}): System {
  return { ...makeSystem(home.path), temporaryDirectory, ...more }
}

async function outcomes(look: LookRequest, inSystem = system()): Promise<readonly Look['outcome'][]> {
  return (await lookIntoNewShells(look, inSystem, signal)).map(({ outcome }) => outcome)
}

describe('a shell that cannot be looked at', () => {
  it.each([
    { why: 'there is no such program', program: '/none/bash', reason: 'no-such-program' },
    { why: 'the account has no shell', program: '/usr/sbin/nologin', reason: 'no-login' },
  ])('says so where $why', async ({ program, reason }) => {
    expect(await outcomes(request({ program }))).toEqual([{ kind: 'not-started', reason }])
  })

  it('says so where the program may not be executed', async () => {
    const program = home.write('bash', '')
    chmodSync(program, 0o644)
    expect(await outcomes(request({ program }))).toEqual([{ kind: 'not-started', reason: 'not-executable' }])
  })

  it('is not opened from a start-up file of a shell that was opened to be looked at', async () => {
    const inside = system({ env: { ACS_ENV_DOCTOR: '1' } })
    expect(await outcomes(request(), inside)).toEqual([{ kind: 'could-not-look', reason: 'inside-a-look' }])
  })

  it('says so where no directory can be made for the answer', async () => {
    const full = system({ temporaryDirectory: '/proc' })
    expect(await outcomes(request(), full)).toEqual([{ kind: 'could-not-look', reason: 'no-directory' }])
  })
})

it('puts the answer into the directory of the session where the temporary one cannot be written to', async () => {
  const env = { XDG_RUNTIME_DIR: temporaryDirectory }
  const full = system({ temporaryDirectory: '/proc', env })
  expect(await outcomes(request(), full)).toMatchObject([{ kind: 'answered' }])
})

it('opens a shell whose home does not exist', async () => {
  expect(await outcomes(request({ home: '/none' }))).toMatchObject([
    { kind: 'answered', variables: [{ name: 'ACS_VALUE', state: 'missing' }] },
  ])
})

it('works in a temporary directory whose name has to be quoted, also for a shell that takes over', async () => {
  const quoted = join(temporaryDirectory, "it's a $place")
  mkdirSync(quoted)
  home.write('.bashrc', `export ACS_VALUE='a value with "quotes" and $signs'\nexec mksh\n`)
  expect(await outcomes(request(), system({ temporaryDirectory: quoted }))).toEqual([
    { kind: 'handed-over', to: 'mksh', variables: [{ name: 'ACS_VALUE', state: 'same' }] },
  ])
})

it('leaves no process and no directory when it is interrupted', async () => {
  home.write('.bashrc', `trap '' TERM\nset -m\nsleep 61 &\n: > ~/is-running\nsleep 62\n`)
  const controller = new AbortController()
  const looks = lookIntoNewShells(request({ starts: ['interactive', 'login'] }), system(), controller.signal)
  await expect.poll(() => readdirSync(home.path), { timeout: 20_000 }).toContain('is-running')
  controller.abort()
  for (const { outcome, start } of await looks) {
    // The login shell reads nothing here and may be through.
    if (start === 'interactive') expect(outcome).toEqual({ kind: 'interrupted' })
  }
  await expect.poll(() => processesAtHome(home.path)).toEqual([])
  expect(readdirSync(temporaryDirectory)).toEqual([])
})

it('leaves no trace on the disk, and says once what is wrong with two variables in two starts', async () => {
  const text = ':\n[ -t 1 ] || return\n# >>> acs-env >>>\nexport ONE=1 TWO=2\n# <<< acs-env <<<\n'
  const file = home.write('.bashrc', text)
  home.write('.bash_profile', '. ~/.bashrc\n')
  const expected = ['ONE', 'TWO'].map((name) => ({ name, secret: new Secret('a secret that is long enough') }))
  const look = request({ starts: ['login', 'interactive'], expected })
  const looks = await lookIntoNewShells(look, system(), signal)
  const blocks = [{ file, firstLine: 3, lastLine: 5 }]
  const traces = await traceNewShells({ ...look, files: [file], blocks }, looks, system(), signal)

  const findings = explain({ shell: 'bash', home: home.path, loadedBy: 'block', looks, traces })

  expect(readdirSync(temporaryDirectory)).toEqual([])
  expect(findings.map(({ message, cure }) => [message, cure])).toEqual([
    [
      '~/.bashrc ends in line 2 (return), read by ~/.bash_profile in line 1, before the acs-env block.',
      'Move the acs-env block above that line.',
    ],
  ])
})

describe('a block in a file that is not read', () => {
  async function messageFor(shell: LoginShell, file: string): Promise<readonly string[]> {
    const look = request({ shell, program: shell.name, starts: ['login'] })
    const looks = await lookIntoNewShells(look, system(), signal)
    const blocks = [{ file, firstLine: 1, lastLine: 3 }]
    const traces = await traceNewShells({ ...look, files: [file], blocks }, looks, system(), signal)
    return explain({ shell: shell.name, home: home.path, loadedBy: 'block', looks, traces }).map(
      ({ message }) => message,
    )
  }
  const BLOCK = '# >>> acs-env >>>\nexport ACS_VALUE=1\n# <<< acs-env <<<\n'

  it('is explained where no other file leads there', async () => {
    home.write('.bash_profile', ':\n')
    expect(await messageFor(bash, home.write('.bashrc', BLOCK))).toEqual([
      'A new login shell does not read ~/.bashrc, which has the acs-env block, but ~/.bash_profile.',
    ])
  })

  it.runIf(hasProgram('zsh'))('is explained where zsh reads a compiled file in its place', async () => {
    const file = home.write('.zshrc', ':\n:\n')
    execFileSync('zsh', ['-f', '-c', `zcompile ${file}`])
    home.write('.zshrc', BLOCK)
    utimesSync(file, new Date(0), new Date(0))
    expect(await messageFor(zsh, file)).toEqual([
      'zsh reads the compiled ~/.zshrc.zwc in place of ~/.zshrc, which has the acs-env block.',
    ])
  })
})
