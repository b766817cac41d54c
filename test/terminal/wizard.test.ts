import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { makeCrontab } from '../support/doubles/crontab.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { BUILT, runBuilt } from '../support/programs/built.ts'
import { testNodes } from '../support/programs/nodes.ts'
import { runInTerminal, type PtyExit, type PtyOptions, type PtyRun } from '../support/programs/pty.ts'

const CANCELLED_EXIT = { exitCode: 130 }
const SECRET_FILES = ['connection-string', 'access-token'] as const
const ASKS_FOR_CONNECTION_STRING = '? Connection string'
const ASKS_FOR_SCOPES = '? Scopes'
const ASKS_TO_CONFIRM = '? Go ahead?'
const COLOURS = /\u001B\[[0-9;]*m/
const CURSOR_SHOWN = '\u001B[?25h'
const CURSOR_HIDDEN = '\u001B[?25l'
const PASTES_UNMARKED = '\u001B[?2004l'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})

afterAll(() => emulator.close())

/** A home whose user has a crontab, and a way to start the wizard so that it cannot see that no cron daemon runs. */
function makeHomeWithCron(nodePath: string): {
  readonly home: TestHome
  readonly table: () => string | undefined
  readonly options: Pick<PtyOptions, 'env' | 'program'>
} {
  const home = makeHome()
  const crontab = makeCrontab(home)
  chmodSync(home.write('../bin/systemctl', '#!/bin/sh\nexit 1\n'), 0o755)
  const hidesOthers = ['unshare', '--pid', '--fork', '--mount-proc']
  const options = { env: crontab.environment('debian'), program: [...hidesOthers, nodePath, BUILT] }
  return { home, table: crontab.table, options }
}

/** What brings the wizard to each of its prompts. */
const prompts = [
  {
    prompt: 'connection string',
    reach: (run: PtyRun) => run.waitFor(ASKS_FOR_CONNECTION_STRING),
  },
  {
    prompt: 'scopes',
    reach: async (run: PtyRun) => {
      await run.waitFor(ASKS_FOR_CONNECTION_STRING)
      answer(run, emulator.connectionString)
      await run.waitFor(ASKS_FOR_SCOPES)
    },
  },
  {
    prompt: 'confirmation',
    reach: (run: PtyRun) => reachConfirmation(run, emulator.connectionString),
  },
] as const

const cancellations = prompts.flatMap((entry) =>
  (['ctrl-c', 'ctrl-d', 'esc'] as const).map((key) => ({ ...entry, key })),
)

describe.concurrent.each(testNodes())('the wizard on Node $version', ({ path: nodePath }) => {
  const start = (
    { onTestFinished }: TestContext,
    args: readonly string[] = [],
    options: Partial<PtyOptions> = {},
  ): { home: TestHome; run: PtyRun } => {
    const home = makeHome()
    const run = runInTerminal(args, { home: home.path, nodePath, ...options })
    onTestFinished(() => {
      run.kill('SIGKILL')
      home.remove()
    })
    return { home, run }
  }

  it('stores both values, and shows neither', async (context) => {
    const { home, run } = start(context)
    await reachConfirmation(run, emulator.connectionString)
    run.press('enter')
    await run.waitFor('✓ Stored:')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })

    expect(run.screen()).toContain('  source ~/.bash_profile')
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
    expect(readStored(home, 'access-token')).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(home.read('.bash_profile')).toContain('# >>> acs-env >>>')
    expect(scopesOf(home)).toEqual(['chat', 'voip'])
    expectNoSecret(run, home)
  })

  it.for([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ] as const)('takes a connection string that is pasted with %s at its end', async ([, ending], context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.type(`${emulator.connectionString}${ending}`)
    await run.waitFor(ASKS_FOR_SCOPES)
    // Had the rest of the line ending reached this prompt, the default would be stored.
    run.press('space')
    run.press('enter')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
    expect(scopesOf(home)).toEqual(['voip'])
  })

  it('says what is wrong with a paste, does not show it, and begins afresh', async (context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, 'hunter2/not;it')
    await run.waitFor('This is not a connection string.')
    answer(run, 'endpoint=https://contoso.communication.azure.com/;accesskey=hunter2')
    await run.waitFor('The access key in the connection string is not whole')
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('enter')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.text()).not.toContain('hunter2')
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
    expectNoSecret(run, home)
  })

  it('empties the line with Ctrl+U, and types on at its end after Ctrl+E', async (context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.type('rubbish')
    run.press('ctrl-u')
    run.press('ctrl-e')
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('enter')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
    expect(scopesOf(home)).toEqual(['chat', 'voip'])
  })

  it('takes a paste of 4,000 characters', async (context) => {
    const { run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    const started = performance.now()
    run.type('x'.repeat(4000))
    await run.waitFor('4000 characters')
    run.press('enter')
    await run.waitFor('This is only an access key')
    expect(performance.now() - started).toBeLessThan(4000)
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject(CANCELLED_EXIT)
  })

  it('takes a connection string that was wrapped in two', async (context) => {
    const { home, run } = start(context, ['--scope', 'chat'])
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.type(`${emulator.connectionString.replace(';', ';\r')}\r`)
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
    expectNoSecret(run, home)
  })

  it('lets scopes be ticked, and wants one at least', async (context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, emulator.connectionString)
    await run.waitFor('[ ] voip.join')
    for (const key of ['space', 'down', 'space', 'enter'] as const) run.press(key)
    await run.waitFor('Tick at least one.')
    for (const key of ['down', 'space', 'enter'] as const) run.press(key)
    await run.waitFor('Scopes · chat.join')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(scopesOf(home)).toEqual(['chat.join'])
  })

  it('asks in plain lines where the cursor cannot be moved', async (context) => {
    const { home, run } = start(context, [], { env: { TERM: 'dumb' } })
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, 'rubbish')
    await run.waitFor('This is not a connection string.')
    answer(run, emulator.connectionString)
    await run.waitFor('? Scopes [chat voip]: ')
    answer(run, 'chta')
    await run.waitFor('Choose among these: chat, voip, chat.join, chat.join.limited, voip.join.')
    await run.waitFor('? Scopes [chat voip]: ')
    run.type('chaz')
    run.press('backspace')
    answer(run, 't, VOIP.join')
    await run.waitFor('? Go ahead? [yes, resource, scopes, no]: ')
    answer(run, 'maybe')
    await run.waitFor('Answer with one of these: yes, resource, scopes, no.')
    answer(run, 'Y')
    await run.waitFor('✓ Stored:')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.raw()).not.toContain('\u001B')
    expect(scopesOf(home)).toEqual(['chat', 'voip.join'])
    expectNoSecret(run, home)
  })

  it.for([
    ['--no-color', ['--no-color'], {}],
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['TERM=dumb', [], { TERM: 'dumb' }],
  ] as const)('uses no colours with %s, and shows the cursor', async ([, args, env], context) => {
    const { home, run } = start(context, args, { env })
    await reachConfirmation(run, emulator.connectionString)
    expect(run.raw().lastIndexOf(CURSOR_SHOWN)).toBeGreaterThanOrEqual(run.raw().lastIndexOf(CURSOR_HIDDEN))
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.raw()).not.toMatch(COLOURS)
    expect(scopesOf(home)).toEqual(['chat', 'voip'])
  })

  it.for([
    ['standard output', '| cat', false, true],
    ['standard error', '2> said', true, false],
  ] as const)(
    'styles by the stream that a text goes to, where %s is no terminal',
    async ([, redirection, answers, errors], context) => {
      const styled = async (args: string): Promise<boolean> => {
        const program = ['bash', '-c', `"${nodePath}" "${BUILT}" ${args} ${redirection}`]
        const { run } = start(context, [], { program })
        await run.exit()
        return COLOURS.test(run.raw())
      }
      expect(await styled('status')).toBe(answers)
      expect(await styled('no-such-command')).toBe(errors)
    },
  )

  it('shows what it asks about with --quiet too', async (context) => {
    const { run } = start(context, ['--quiet', '--scope', 'chat'])
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, emulator.connectionString)
    await run.waitFor('~/.config/acs-env/connection-string')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.text()).not.toContain('✓ Stored')
  })

  it('gives the keyboard back where no more questions follow, as in a dry run', async (context) => {
    const { home, run } = start(context, ['--dry-run'])
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('enter')
    await run.waitFor('~/.config/acs-env/connection-string')
    const exit = await run.exit()
    expect(exit).toMatchObject({ exitCode: 0 })
    expectUsableTerminal(exit, run)
    expect(home.list()).toEqual([])
  })

  it('changes nothing after a "no"', async (context) => {
    const { home, run } = start(context)
    await reachConfirmation(run, emulator.connectionString)
    run.type('n')
    const exit = await run.exit()
    expect(exit).toMatchObject(CANCELLED_EXIT)
    expectNothingLeft(exit, run, home)
  })

  it.for(cancellations)('changes nothing after $key at the prompt for the $prompt', async ({ reach, key }, context) => {
    const { home, run } = start(context)
    await reach(run)
    run.press(key)
    const exit = await run.exit()
    expect(exit).toMatchObject(CANCELLED_EXIT)
    expectNothingLeft(exit, run, home)
    // Nobody has submitted a selection.
    expect(run.text()).not.toMatch(/selected/i)
  })

  it.for(prompts)('goes on after Ctrl+Z and fg at the prompt for the $prompt', async ({ reach, prompt }, context) => {
    const { home, run } = start(context, [], { program: ['bash', '--norc', '-i'], env: { HISTFILE: '' } })
    run.type(`"${nodePath}" "${BUILT}" setup\r`)
    await reach(run)
    const rest = [
      { name: 'connection string', asks: ASKS_FOR_CONNECTION_STRING, text: emulator.connectionString },
      { name: 'scopes', asks: ASKS_FOR_SCOPES, text: '' },
      { name: 'confirmation', asks: ASKS_TO_CONFIRM, text: '' },
    ]
    for (const _time of ['first', 'second']) {
      run.press('ctrl-z')
      await run.waitFor('Stopped')
      // A shell does not show a cursor that somebody else has hidden.
      expect(run.raw().lastIndexOf(CURSOR_SHOWN)).toBeGreaterThanOrEqual(run.raw().lastIndexOf(CURSOR_HIDDEN))
      run.type('fg\r')
      await run.waitFor(rest.find(({ name }) => name === prompt)?.asks ?? '')
    }
    for (const [index, { asks, text }] of rest.slice(rest.findIndex(({ name }) => name === prompt)).entries()) {
      if (index > 0) await run.waitFor(asks)
      answer(run, text)
    }
    await run.waitFor('✓ Stored:')
    run.type('exit\r')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
    expectNoSecret(run, home)
  })

  // They read their prompt in the same mode as we do, so a look at the mode would tell nothing.
  it.for(['mksh', 'ksh'])('shows nothing after Ctrl+Z, bg and fg in %s', async (shell, context) => {
    const { home, run } = start(context, [], { program: [shell, '-i'], env: { HISTFILE: '', ENV: '' } })
    run.type(`"${nodePath}" "${BUILT}" setup\r`)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.press('ctrl-z')
    await run.waitFor('Stopped')
    // Whoever sets the mode of a terminal that another one has is stopped, and the next prompt says so.
    const before = run.text().length
    run.type('bg\r')
    for (let prompts = 0; prompts < 100 && !run.text().includes('Stopped', before); prompts += 1) {
      await setTimeout(100)
      run.press('enter')
    }
    await run.waitFor('Stopped')
    run.type('fg\r')
    await reachConfirmation(run, emulator.connectionString)
    run.press('enter')
    await run.waitFor('✓ Stored:')
    run.type('exit\r')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectNoSecret(run, home)
  })

  it('stops with the program that started it, as npx does, and goes on with it', async (context) => {
    const { home, run } = start(context, [], { program: ['bash', '--norc', '-i'], env: { HISTFILE: '' } })
    run.type(`sh -c '"${nodePath}" "${BUILT}"; echo ended with $?'\r`)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.press('ctrl-z')
    await run.waitFor('Stopped')
    run.type('fg\r')
    await reachConfirmation(run, emulator.connectionString)
    run.press('enter')
    await run.waitFor('ended with 0')
    run.type('exit\r')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectNoSecret(run, home)
  })

  it('shows no secret after a Ctrl+Z that nobody answers, as in a container', async (context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.press('ctrl-z')
    await reachConfirmation(run, emulator.connectionString)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expectNoSecret(run, home)
  })

  it('keeps the terminal when it is told to go on without having been stopped', async (context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.kill('SIGCONT')
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    // For that moment the terminal would show what is pasted.
    expect(run.raw()).not.toContain(PASTES_UNMARKED)
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('ctrl-c')
    await run.exit()
    expect(run.raw()).not.toContain(emulator.connectionString)
    expect(home.list()).toEqual([])
  })

  it('leaves a usable terminal when it is ended at a prompt', async (context) => {
    const { home, run } = start(context)
    await reachConfirmation(run, emulator.connectionString)
    run.kill('SIGTERM')
    const exit = await run.exit()
    expect(exit.exitCode).toBeGreaterThan(128)
    expectUsableTerminal(exit, run)
    expect(home.list()).toEqual([])
  })

  it.for(['ctrl-c', 'SIGTERM'] as const)(
    'ends at once on %s while the service does not answer',
    async (how, context) => {
      const silent = await startSilentServer()
      context.onTestFinished(silent.close)
      const { home, run } = start(context)
      await reachConfirmation(run, `endpoint=http://127.0.0.1:${silent.port}/;accesskey=${btoa('k'.repeat(64))}`)
      run.press('enter')
      await silent.connected
      await run.waitFor(`Asking 127.0.0.1:${silent.port} for a token`)
      expect(home.list()).toContain('.config/acs-env/lock')
      if (how === 'ctrl-c') run.press(how)
      else run.kill(how)
      const exit = await run.exit()
      expect(exit).toMatchObject(CANCELLED_EXIT)
      expectNothingLeft(exit, run, home)
      expect(exit.elapsedMs).toBeLessThan(2000)
    },
  )

  it('asks for a value that is to come from standard input, since a terminal would show it', async (context) => {
    const { home, run } = start(context, ['--connection-string-stdin', '--scope', 'chat'])
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    await run.waitFor('For this one, run')
    expect((await run.exit()).exitCode).toBe(0)
    expectNoSecret(run, home)
  })

  it('asks nothing with --yes, and says which option is missing', async (context) => {
    const { home, run } = start(context, ['--yes'])
    expect(await run.exit()).toMatchObject({ exitCode: 2 })
    expect(run.text()).not.toContain(ASKS_FOR_CONNECTION_STRING)
    expect(run.text()).toContain('error: There is no connection string.')
    expect(run.text()).toContain('--connection-string-stdin')
    expect(home.list()).toEqual([])
  })

  it('asks only for the confirmation where everything is stored', async (context) => {
    const home = makeHome()
    context.onTestFinished(home.remove)
    const setup = await runBuilt(['setup', '--connection-string-stdin', '--scope', 'voip'], {
      home: home.path,
      env: { SHELL: '/bin/bash' },
      input: emulator.connectionString,
      nodePath,
    })
    expect(setup.exitCode).toBe(0)
    const before = { token: readStored(home, 'access-token'), user: stateOf(home).user_id }
    const { run } = start(context, [], { home: home.path })
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.text()).not.toContain(ASKS_FOR_CONNECTION_STRING)
    expect(run.text()).not.toContain(ASKS_FOR_SCOPES)
    expect(stateOf(home)).toMatchObject({ user_id: before.user, scopes: ['voip'] })
    expect(readStored(home, 'access-token')).not.toBe(before.token)
    expectNoSecret(run, home)
  })

  it('names what it is about to use, and is done three keys after the paste', async (context) => {
    const { home, run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    run.type(emulator.connectionString)
    await run.waitFor('characters')
    run.press('enter')
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('enter')
    await run.waitFor(ASKS_TO_CONFIRM)
    expect(run.screen()).toContain(
      [
        '',
        `  resource  ${new URL(emulator.endpoint).host}`,
        '  identity  a new one',
        '  scopes    chat, voip',
        '  lifetime  24 h',
        '',
        'This will be written:',
        '',
      ].join('\n'),
    )
    expect(run.screen()).toContain('\n"acs-env unset" takes all of it out again.\n\n? Go ahead?')
    expect(home.list()).toEqual([])
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(run.screen()).toContain(
      '  source ~/.bash_profile\n\n"acs-env schedule" keeps the token fresh.\n"acs-env unset" undoes all this.\n',
    )
    expect(linesSaidTwice(run.screen())).toEqual([])
  })

  it.for([
    ['Enter, which leaves the machine as it is', '\r', undefined],
    ['y, which schedules it', 'y', expect.stringContaining('acs-env-refresh')],
  ] as const)('offers to keep the token fresh once, and takes %s', async ([, key, scheduled], context) => {
    const { home, table, options } = makeHomeWithCron(nodePath)
    context.onTestFinished(() => home.remove())
    const { run } = start(context, [], { home: home.path, ...options })
    await reachConfirmation(run, emulator.connectionString)
    run.press('enter')
    await run.waitFor('? Keep it fresh in the background?')
    expect(run.screen()).toContain('"acs-env unset" undoes all this.\n')
    expect(table()).toBeUndefined()
    run.type(key)
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(table()).toEqual(scheduled)

    const again = start(context, [], { home: home.path, ...options })
    await again.run.waitFor(ASKS_TO_CONFIRM)
    again.run.press('enter')
    expect(await again.run.exit()).toMatchObject({ exitCode: 0 })
    expect(again.run.screen()).not.toContain('Keep it fresh')
  })

  it.for([
    ['the environment', 'AZURE_COMMUNICATION_CONNECTION_STRING in the environment', false],
    ['the store', 'the stored connection string', true],
  ] as const)('says that the resource is from %s, and takes another one', async ([, origin, isStored], context) => {
    const home = makeHome()
    const other = await startEmulator({ port: 0 })
    context.onTestFinished(async () => {
      home.remove()
      await other.close()
    })
    const env = isStored ? {} : { AZURE_COMMUNICATION_CONNECTION_STRING: other.connectionString }
    if (isStored) {
      await runBuilt(['setup', '--no-verify', '--connection-string-stdin'], {
        home: home.path,
        env: { SHELL: '/bin/bash' },
        input: other.connectionString,
        nodePath,
      })
    }
    const { run } = start(context, ['--no-verify'], { home: home.path, env, columns: 160 })
    if (!isStored) {
      await run.waitFor(ASKS_FOR_SCOPES)
      run.press('enter')
    }
    await run.waitFor(`resource  ${new URL(other.endpoint).host} (from ${origin}`)
    await run.waitFor(isStored ? '(kept)' : 'a new one')
    await run.waitFor(ASKS_TO_CONFIRM)
    for (const key of ['down', 'enter'] as const) run.press(key)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('enter')
    await run.waitFor(`resource  ${new URL(emulator.endpoint).host}`)
    await run.waitFor('a new one')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(readStored(home, 'connection-string')).toBe(emulator.connectionString)
  })

  it('takes other scopes before it goes ahead', async (context) => {
    const { home, run } = start(context, ['--scope', 'chat'])
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, emulator.connectionString)
    await run.waitFor('scopes    chat')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.type('s')
    await run.waitFor('[x] chat ')
    for (const key of ['down', 'space', 'enter'] as const) run.press(key)
    await run.waitFor('scopes    chat, voip')
    await run.waitFor(ASKS_TO_CONFIRM)
    run.type('y')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    expect(scopesOf(home)).toEqual(['chat', 'voip'])
  })

  it.for(['', '?', 'help'])('tells somebody who types "%s" where to get one', async (typed, context) => {
    const { home, run } = start(context, [], { env: { npm_command: 'exec' } })
    await run.waitFor('"npx acs-env demo"')
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, typed)
    await run.waitFor('https://portal.azure.com')
    await run.waitFor('az communication list-key')
    await run.waitFor('"npx acs-env demo" shows everything')
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject(CANCELLED_EXIT)
    expect(home.list()).toEqual([])
  })

  it.for([40, 80, 160])('wraps sentences at %d columns, and breaks no word that fits', async (columns, context) => {
    const { run } = start(context, [], { columns })
    await reachConfirmation(run, emulator.connectionString)
    run.press('enter')
    await run.exit()
    const lines = run.screen().split('\nended:')[0]?.split('\n') ?? []
    // Only the identity is one word of more than 40 columns.
    const tooLong = lines.filter((line) => line.length > Math.min(columns, 100) && !line.includes('8:acs:'))
    expect(tooLong).toEqual([])
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain('JavaScript SDK needs allowInsecureConnection: true.')
  })

  it('keeps each prompt in one place in a terminal of 40 columns', async (context) => {
    const { home, run } = start(context, [], { columns: 40 })
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    answer(run, 'rubbish')
    await run.waitFor('This is not a connection string.')
    answer(run, emulator.connectionString)
    await run.waitFor(ASKS_FOR_SCOPES)
    await run.waitFor('[ ] voip.join')
    for (const key of ['down', 'space', 'enter'] as const) run.press(key)
    await run.waitFor(ASKS_TO_CONFIRM)
    run.press('enter')
    expect(await run.exit()).toMatchObject({ exitCode: 0 })
    const screen = run.screen()
    expect(screen.split('\n').filter((line) => /^[?✓] /.test(line))).toEqual([
      expect.stringMatching(/^✓ Connection string · 127\.0\.0\.1:\d+$/),
      '✓ Scopes · chat',
      '✓ Go ahead? · yes',
      '✓ Stored:',
    ])
    expect(screen).not.toMatch(/is not a|\[[ x]\]/)
    expect(scopesOf(home)).toEqual(['chat'])
  })
})

async function reachConfirmation(run: PtyRun, connectionString: string): Promise<void> {
  await run.waitFor(ASKS_FOR_CONNECTION_STRING)
  answer(run, connectionString)
  await run.waitFor(ASKS_FOR_SCOPES)
  run.press('enter')
  await run.waitFor(ASKS_TO_CONFIRM)
}

/** But for the empty ones. */
function linesSaidTwice(screen: string): readonly string[] {
  const lines =
    screen
      .split('\nended:')[0]
      ?.split('\n')
      .filter((line) => line !== '') ?? []
  return lines.filter((line, index) => lines.indexOf(line) !== index)
}

function answer(run: PtyRun, text: string): void {
  run.type(text)
  run.press('enter')
}

function readStored(home: TestHome, name: (typeof SECRET_FILES)[number]): string {
  return home.read(`.config/acs-env/${name}`)
}

function stateOf(home: TestHome): { user_id: string; scopes: string[] } {
  return JSON.parse(home.read('.config/acs-env/state.json')) as { user_id: string; scopes: string[] }
}

function scopesOf(home: TestHome): readonly string[] {
  return stateOf(home).scopes
}

/** Not even a few characters in a row of the access key or of the token. */
function expectNoSecret(run: PtyRun, home: TestHome): void {
  const secrets = [readStored(home, 'connection-string').replace(/^.*accesskey=/, ''), readStored(home, 'access-token')]
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(80)
    const pieces = Array.from({ length: secret.length - 7 }, (_, index) => secret.slice(index, index + 8))
    expect(pieces.filter((piece) => run.raw().includes(piece) || run.text().includes(piece))).toEqual([])
  }
}

function expectNothingLeft(exit: PtyExit, run: PtyRun, home: TestHome): void {
  expect(run.screen()).toContain('\nCancelled; nothing was changed.\n')
  expect(run.text()).not.toMatch(/^\s+at |error:|node:/m)
  expect(home.list()).toEqual([])
  expectUsableTerminal(exit, run)
}

function expectUsableTerminal({ modes }: PtyExit, run: PtyRun): void {
  for (const mode of ['icanon', 'echo', 'isig', 'icrnl', 'opost']) expect(modes).toContain(mode)
  expect(run.raw().lastIndexOf(CURSOR_SHOWN)).toBeGreaterThan(run.raw().lastIndexOf(CURSOR_HIDDEN))
}

/** Accepts connections and says nothing. */
async function startSilentServer(): Promise<{ port: number; connected: Promise<unknown>; close: () => void }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  const connected = once(server, 'connection')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
