import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import { makeHome } from '../support/homes/home.ts'
import { runInWorld } from '../support/homes/world.ts'

/** Sets the title, clears the screen, turns the direction of writing, leaves quotes. */
const DRIVING = `\u001B]0;pwn\u0007\u001B[2J\u202E\u009B1m'"\`$(id)`
const RAW = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/
const KEY = Buffer.alloc(64, 1).toString('base64')

describe('names and values that would drive a terminal', () => {
  it('are shown as what they are, wherever they stand in the store', async () => {
    const home = makeHome(`home${DRIVING}`)
    const state = {
      version: 1,
      endpoint: `https://contoso${DRIVING}/`,
      user_id: `8:acs:${DRIVING}`,
      scopes: ['chat', DRIVING],
      lifetime_minutes: 60,
      expires_on: DRIVING,
      token_digest: DRIVING,
      variables: [
        { name: `A${DRIVING}`, value: 'connection-string' },
        { name: 'B', value: 'access-token' },
      ],
      profiles: [`~/${DRIVING}`, '~/.bash_profile'],
      rc_file: `~/profile${DRIVING}`,
      shell: `bash${DRIVING}`,
      created_directories: [DRIVING],
      renewed_at: DRIVING,
    }
    home.write('.config/acs-env/state.json', JSON.stringify(state))
    home.write('.config/acs-env/connection-string', `endpoint=https://contoso.example/;accesskey=${KEY}`)
    home.write('.config/acs-env/access-token', `eyJ${DRIVING}`)
    home.write(`profile${DRIVING}`, '# >>> acs-env >>>\nbroken\n')
    const commands = [
      ['status', '--verbose'],
      ['setup', '--dry-run'],
      ['setup', '--no-verify', '--yes', '--no-token'],
      ['refresh', '--dry-run'],
      ['exec', '--', 'true'],
      ['unset', '--dry-run'],
      ['unset', '--yes'],
    ]
    for (const args of commands) {
      const { stdout, stderr } = await runInWorld(args, home.path)
      expect(`${args.join(' ')}: ${stdout}${stderr}`).not.toMatch(RAW)
    }
    home.remove()
  })

  it.each([
    [
      [
        'setup',
        '--no-verify',
        '--rc-file',
        `/none/${DRIVING}/profile`,
        '--yes',
        '--no-token',
        '--connection-string',
        DRIVING,
      ],
    ],
    [['setup', '--no-verify', '--shell', DRIVING]],
    [['setup', '--no-verify', '--as', DRIVING]],
    [['issue', '--scope', DRIVING]],
    [['issue', '--scope', 'chat', '--user', DRIVING]],
    [['issue', '--scope', 'chat', '--expires-in', DRIVING]],
    [['issue', '--scope', 'chat', '--connection-string', `endpoint=https://a${DRIVING}/;accesskey=${KEY}`]],
    [['env', '--format', DRIVING]],
    [['user', 'delete', DRIVING]],
    [['emulator', '--port', DRIVING]],
    [['emulator', '--certificate-file', DRIVING, '--key-file', DRIVING]],
    [[DRIVING]],
    [[`--${DRIVING}`]],
    [['setup', DRIVING]],
  ])('are shown as what they are, or not at all: %j', async (args) => {
    const home = makeHome()
    const { exitCode, stdout, stderr } = await runInWorld(args, home.path)
    expect({ exitCode, stdout }).toEqual({ exitCode: args.includes('--certificate-file') ? 1 : 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
    expect(stderr).not.toMatch(RAW)
    home.remove()
  })

  it.each(['SHELL', 'GITHUB_ENV', 'HTTPS_PROXY', 'AZURE_CONFIG_DIR', 'AZURE_COMMUNICATION_CONNECTION_STRING'])(
    'are shown as what they are in the environment: %s',
    async (name) => {
      const home = makeHome()
      home.write('.config/acs-env/connection-string', `endpoint=https://contoso.invalid/;accesskey=${KEY}`)
      const env = { [name]: join(home.path, `none/${DRIVING}`) }
      for (const args of [['status'], ['setup', '--dry-run'], ['env', '--format', 'github'], ['exec', '--', DRIVING]]) {
        const { stdout, stderr } = await runInWorld(args, home.path, { env })
        expect(`${stdout}${stderr}`.replace(/^::add-mask::.*$/gm, '')).not.toMatch(RAW)
      }
      home.remove()
    },
  )

  it('do not keep setup from storing below a home that is called so', async () => {
    const emulator = await startEmulator({ port: 0 })
    const home = makeHome(`home${DRIVING}`)
    const args = ['setup', '--yes', '--inline', '--connection-string', emulator.connectionString]
    // No shell reads such a profile of itself.
    for (const [options, expected] of [
      [['--no-verify', '--rc-file', `profile${DRIVING}`], 0],
      [['--rc-file', `profile${DRIVING}`], 3],
      [['--shell', 'bash'], 0],
    ] as const) {
      const { exitCode, stderr } = await runInWorld([...args, ...options], home.path)
      expect({ exitCode, stderr: RAW.test(stderr) }).toEqual({ exitCode: expected, stderr: false })
    }
    expect(home.read(`profile${DRIVING}`)).toContain(emulator.connectionString)
    home.remove()
    await emulator.close()
  })
})
