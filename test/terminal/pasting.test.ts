import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { connectionStringPastes } from '../support/arbitraries/connection-string-pastes.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { testNodes } from '../support/programs/nodes.ts'
import { runInTerminal, type PtyOptions, type PtyRun } from '../support/programs/pty.ts'
import { WHOLE_TABLES } from '../support/programs/requirements.ts'

const ASKS_FOR_CONNECTION_STRING = '? Connection string'
const ASKS_FOR_SCOPES = '? Scopes'
const ASKS_TO_CONFIRM = '? Go ahead?'
const OTHER_KEY = Buffer.from(Array.from({ length: 64 }, (_, byte) => (byte * 91 + 7) % 256)).toString('base64')

/** What VS Code's terminal sends at once. */
const PIECE_LENGTH = 50
const INTERVALS_MS = [0, 5, 10, 20, 50]

/** How a paste comes: with or without the markers that a terminal puts around it, where the program asks for them. */
interface Pacing {
  readonly everyMs: number
  readonly isMarked: boolean
}

const PASTES = ['a line', 'two lines', 'the JSON of the Azure CLI', 'the page of the portal', 'a broken line'] as const
type Paste = (typeof PASTES)[number]

const SCREENS: readonly (readonly [name: string, options: Partial<PtyOptions>])[] = [
  ['40 columns', { columns: 40 }],
  ['80 columns', { columns: 80 }],
  ['160 columns', { columns: 160 }],
  ['TERM=dumb', { env: { TERM: 'dumb' } }],
  ['TERM=dumb and 40 columns', { env: { TERM: 'dumb' }, columns: 40 }],
  ['NO_COLOR', { env: { NO_COLOR: '1' } }],
]

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})

afterAll(() => emulator.close())

/** On the first Node everything; on the others what differs between them, which is how input comes. */
const nodes = testNodes().map((node, index) => ({
  ...node,
  intervalsMs: index === 0 || WHOLE_TABLES ? INTERVALS_MS : [0, 20],
  screens: index === 0 || WHOLE_TABLES ? SCREENS : SCREENS.slice(0, 1),
}))

describe.concurrent.each(nodes)('what is pasted, on Node $version', ({ path: nodePath, intervalsMs, screens }) => {
  const start = ({ onTestFinished }: TestContext, options: Partial<PtyOptions> = {}) => {
    const home = makeHome()
    const run = runInTerminal([], { home: home.path, nodePath, ...options })
    onTestFinished(() => {
      run.kill('SIGKILL')
      home.remove()
    })
    return { home, run }
  }

  describe.each(intervalsMs)(`in pieces of ${PIECE_LENGTH} characters every %d ms`, (everyMs) => {
    it.for(PASTES.flatMap((paste) => [false, true].map((isMarked) => ({ paste, isMarked }))))(
      '$paste is taken and not shown (with markers: $isMarked)',
      async ({ paste, isMarked }, context) => {
        const { home, run } = start(context)
        await run.waitFor(ASKS_FOR_CONNECTION_STRING)
        await pasteAndEnter(run, paste, { everyMs, isMarked })
        await finish(run)
        expectStored(home)
        expectNoKey(run.raw())
      },
    )

    it.for(['the start', 'the question'] as const)(
      'two lines are taken when they come before %s, and do not stay on the screen',
      async (moment, context) => {
        const { home, run } = start(context)
        if (moment === 'the question') await run.waitFor('Copy the connection string')
        await pasteAndEnter(run, 'two lines', { everyMs, isMarked: false })
        await finish(run)
        expectStored(home)
        expectNoKey(run.screen())
      },
    )
  })

  it('a page that scrolls away before the start can nowhere be scrolled back to', async (context) => {
    const { home, run } = start(context, { columns: 40 })
    await pasteAndEnter(run, 'the page of the portal', { everyMs: 0, isMarked: false })
    await finish(run)
    expectStored(home)
    expectNoKey(run.screen())
  })

  it.for(screens.flatMap(([name, options]) => PASTES.map((paste) => ({ name, options, paste }))))(
    '$paste is taken and not shown with $name',
    async ({ options, paste }, context) => {
      const { home, run } = start(context, options)
      await run.waitFor(ASKS_FOR_CONNECTION_STRING)
      await pasteAndEnter(run, paste, { everyMs: 10, isMarked: true })
      await finish(run)
      expectStored(home)
      expectNoKey(run.raw())
      expect(run.text()).toContain(new URL(emulatorEndpoint()).host)
    },
  )

  it.for(screens.flatMap(([name, options]) => [50, 150, 500].map((laterMs) => ({ name, options, laterMs }))))(
    'a second paste $laterMs ms later is not shown with $name, and answers nothing',
    async ({ options, laterMs }, context) => {
      const { home, run } = start(context, options)
      await run.waitFor(ASKS_FOR_CONNECTION_STRING)
      await pasteAndEnter(run, 'a line', { everyMs: 0, isMarked: false })
      await sleep(laterMs)
      await pasteAndEnter(run, 'the JSON of the Azure CLI', { everyMs: 10, isMarked: false })
      await finish(run)
      expectStored(home)
      expectNoKey(run.screen())
    },
  )

  it('a paste shows how long it is, and the answer shows the host', async (context) => {
    const { run } = start(context)
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    await paste(run, emulator.connectionString, { everyMs: 5, isMarked: true })
    await run.waitFor(`${emulator.connectionString.length} characters`)
    run.press('enter')
    await run.waitFor(`✓ Connection string · ${new URL(emulatorEndpoint()).host}`)
    await run.waitFor(ASKS_FOR_SCOPES)
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject({ exitCode: 130 })
  })

  it.for(['ctrl-c', 'ctrl-d', 'esc', 'SIGTERM'] as const)(
    'the terminal marks pastes for a question only, and no more after %s',
    async (how, context) => {
      const { run } = start(context)
      await run.waitFor(ASKS_FOR_CONNECTION_STRING)
      expect(marksPastes(run)).toBe(true)
      if (how === 'SIGTERM') run.kill(how)
      else run.press(how)
      const { exitCode, modes } = await run.exit()
      expect(exitCode).toBe(how === 'SIGTERM' ? 143 : 130)
      expect(marksPastes(run)).toBe(false)
      expect(modes).toContain('echo')
    },
  )

  it.for([
    ['@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/acs)', 'reference to a secret in a key vault'],
    ['op://dev/acs/connection', 'This is a 1Password reference'],
    ['https://portal.azure.com/#@x/resource/y/keys', 'address of a page in the Azure portal'],
    ['$AZURE_COMMUNICATION_CONNECTION_STRING', 'This is the name of a variable'],
    ['%AZURE_COMMUNICATION_CONNECTION_STRING%', 'This is the name of a variable'],
  ] as const)('%s is answered by name', async ([text, message], context) => {
    const { run } = start(context, { columns: 160 })
    await run.waitFor(ASKS_FOR_CONNECTION_STRING)
    await paste(run, text, { everyMs: 0, isMarked: true })
    run.press('enter')
    await run.waitFor(message)
    run.press('ctrl-c')
    expect(await run.exit()).toMatchObject({ exitCode: 130 })
  })
})

async function pasteAndEnter(run: PtyRun, name: Paste, pacing: Pacing): Promise<void> {
  await paste(run, textOf(name), pacing)
  run.press('enter')
}

/** Sends a text as terminals do: in pieces, with a carriage return for each line break. */
async function paste(run: PtyRun, text: string, { everyMs, isMarked }: Pacing): Promise<void> {
  const sent = text.replaceAll(/\r?\n/g, '\r')
  const marked = isMarked && marksPastes(run) ? `\u001B[200~${sent}\u001B[201~` : sent
  for (let index = 0; index < marked.length; index += PIECE_LENGTH) {
    run.type(marked.slice(index, index + PIECE_LENGTH))
    if (everyMs > 0) await sleep(everyMs)
  }
}

/** Whether the program has asked for bracketed paste, and has not taken that back. */
function marksPastes(run: PtyRun): boolean {
  return run.raw().lastIndexOf('\u001B[?2004h') > run.raw().lastIndexOf('\u001B[?2004l')
}

async function finish(run: PtyRun): Promise<void> {
  await run.waitFor(ASKS_FOR_SCOPES)
  // What still comes is dropped, until the line is quiet.
  await sleep(400)
  run.press('enter')
  await run.waitFor(ASKS_TO_CONFIRM)
  run.press('enter')
  await run.waitFor('✓ Stored')
  expect(await run.exit()).toMatchObject({ exitCode: 0 })
}

function textOf(name: Paste): string {
  const text = emulator.connectionString
  if (name === 'a line') return text
  if (name === 'a broken line') return text.replaceAll(/.{60}/g, '$&\n')
  const host = emulatorEndpoint().replace(/\/$/, '')
  const pastes = new Map(connectionStringPastes(host, emulatorKey(), OTHER_KEY))
  return pastes.get(name) ?? ''
}

function emulatorEndpoint(): string {
  return /endpoint=([^;]+)/.exec(emulator.connectionString)?.[1] ?? ''
}

function emulatorKey(): string {
  return emulator.connectionString.replace(/^.*accesskey=/, '')
}

function expectStored(home: TestHome): void {
  expect(home.read('.config/acs-env/connection-string')).toBe(emulator.connectionString)
  expect(JSON.parse(home.read('.config/acs-env/state.json'))).toMatchObject({ scopes: ['chat', 'voip'] })
}

/** Not even a few characters in a row of a key, however they are broken over lines. */
function expectNoKey(output: string): void {
  const shown = output.replaceAll(/\s/g, '')
  for (const key of [emulatorKey(), OTHER_KEY]) {
    const pieces = Array.from({ length: key.length - 7 }, (_, index) => key.slice(index, index + 8))
    expect(pieces.filter((piece) => shown.includes(piece))).toEqual([])
  }
}
