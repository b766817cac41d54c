import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandTable } from '../../src/args/commands.ts'
import { renderCommandHelp, renderFamilyHelp, renderOverview } from '../../src/args/help.ts'
import { parseCommandLine } from '../../src/args/parse.ts'

const HOW_TO_GIVE_ONE =
  'a connection string is pasted into the prompt of "acs-env", or piped into "acs-env setup --connection-string-stdin"'

describe('the command line', () => {
  it.each<[string, object]>([
    ['', { command: 'setup', named: false, options: {} }],
    ['setup', { command: 'setup', named: true, options: {} }],
    ['--json', { command: 'setup', named: false, options: { json: true } }],
    ['-y --dry-run setup', { command: 'setup', options: { yes: true, dryRun: true } }],
    ['issue --scope chat voip', { command: 'issue', options: { scope: ['chat', 'voip'] } }],
    ['issue --scope chat --scope voip', { options: { scope: ['chat', 'voip'] } }],
    ['issue --scope chat,voip --json', { options: { scope: ['chat,voip'], json: true } }],
    ['issue --scope=chat voip', { options: { scope: ['chat', 'voip'] } }],
    ['issue --userid 8:acs:x', { options: { user: '8:acs:x' } }],
    ['setup --user a --user b', { options: { user: 'b' } }],
    ['setup --rc-file=-', { options: { rcFile: '-' } }],
    ['setup --connection-string=--json', { options: { connectionString: '--json' } }],
    ['setup --from-az', { options: { fromAz: true } }],
    ['setup --from-az --yes', { options: { fromAz: true, yes: true } }],
    ['setup --from-az contoso --yes', { options: { fromAz: 'contoso', yes: true } }],
    ['setup --from-az=contoso', { options: { fromAz: 'contoso' } }],
    ['--from-az issue --scope chat', { command: 'issue', options: { fromAz: true, scope: ['chat'] } }],
    ['exec --from-az -- env', { command: 'exec', operands: ['env'], options: { fromAz: true } }],
    ['exec --from-az contoso npm test', { operands: ['npm', 'test'], options: { fromAz: 'contoso' } }],
    ['exec --from-az=contoso npm test', { operands: ['npm', 'test'], options: { fromAz: 'contoso' } }],
    ['exec --from-az contoso -- npm test', { operands: ['npm', 'test'], options: { fromAz: 'contoso' } }],
    ['exec --from-az --yes npm test', { operands: ['npm', 'test'], options: { fromAz: true, yes: true } }],
    ['--from-az exec npm', { command: 'exec', operands: ['npm'], options: { fromAz: true } }],
    ['user delete --from-az=contoso 8:acs:x', { operands: ['8:acs:x'], options: { fromAz: 'contoso' } }],
    ['emulator --port 0', { command: 'emulator', options: { port: '0' } }],
    ['setup -h', { command: 'setup', options: { help: true } }],
    ['help', { named: false, options: { help: true } }],
    ['help user delete', { command: 'user delete', named: true, options: { help: true } }],
    ['exec npm test', { command: 'exec', operands: ['npm', 'test'], options: {} }],
    ['exec -- npm test', { command: 'exec', operands: ['npm', 'test'] }],
    ['exec npm test -- --flag --', { operands: ['npm', 'test', '--', '--flag', '--'] }],
    ['exec -- -- npm', { operands: ['--', 'npm'] }],
    ['exec npm --json -y --no-such-option', { operands: ['npm', '--json', '-y', '--no-such-option'], options: {} }],
    ['--json exec --dry-run npm --help', { operands: ['npm', '--help'], options: { json: true, dryRun: true } }],
    ['exec --user 8:acs:x npm', { operands: ['npm'], options: { user: '8:acs:x' } }],
    ['exec --scope chat npm chat', { operands: ['npm', 'chat'], options: { scope: ['chat'] } }],
    ['exec --scope chat VOIP npm', { operands: ['npm'], options: { scope: ['chat', 'VOIP'] } }],
    ['exec --scope chat,voip chat.join, npm', { operands: ['npm'], options: { scope: ['chat,voip', 'chat.join,'] } }],
    ['exec --scope chat voip -- chat', { operands: ['chat'], options: { scope: ['chat', 'voip'] } }],
    ['--scope chat exec npm', { command: 'exec', operands: ['npm'], options: { scope: ['chat'] } }],
    ['exec --help npm', { command: 'exec', operands: [], options: { help: true } }],
    ['help exec', { command: 'exec', options: { help: true } }],
    ['help user', { family: 'user', options: { help: true } }],
    ['user --help', { family: 'user', options: { help: true } }],
  ])('acs-env %s', (line, expected) => {
    expect(parseCommandLine(line.split(' ').filter((word) => word !== ''))).toMatchObject(expected)
  })

  it.each([
    ['setup --dryrun', 'did you mean --dry-run?'],
    ['setup -x', undefined],
    ['setup -yx', undefined],
    ['--no-json', undefined],
    ['setup extra', undefined],
    ['setup --from-az contoso extra', undefined],
    ['isue', 'did you mean "issue"?'],
    ['user', 'there is "user create" and "user delete"'],
    ['user crate', 'did you mean "user create"?'],
    ['usr create', 'did you mean "user create"?'],
    ['usr', 'did you mean "use"?'],
    ['user rename', 'there is "user create" and "user delete"'],
    ['help isue', 'did you mean "issue"?'],
    ['user crate --help', 'did you mean "user create"?'],
    ['setup --user --yes', 'write --user ID'],
    ['setup --yes=1', undefined],
    ['emulator --scope chat', undefined],
    ['exec', 'write it at the end, as in "acs-env exec npm start"'],
    ['exec --', 'write it at the end, as in "acs-env exec npm start"'],
    ['exec --json', 'write it at the end, as in "acs-env exec npm start"'],
    ['exec --port 3000 npm', undefined],
    ['exec --dryrun npm', 'did you mean --dry-run?'],
    ['endpoint=https://x.example/;accesskey=abcd', HOW_TO_GIVE_ONE],
    ['setup endpoint=https://x.example/', HOW_TO_GIVE_ONE],
    ['setup --yes "endpoint=https://x.example/;accesskey=abcd"', HOW_TO_GIVE_ONE],
    ['use a accesskey=abcd', HOW_TO_GIVE_ONE],
    ['setup --', undefined],
  ])('not acs-env %s', (line, hint) => {
    if (line === 'setup --') return expect(parseCommandLine(line.split(' '))).toMatchObject({ command: 'setup' })
    expect(() => parseCommandLine(line.split(' '))).toThrow(
      expect.objectContaining({ name: 'UsageError', ...(hint && { hint }) }),
    )
  })
})

it.each([
  ['user', '"user" needs one more word.'],
  ['user crate', '"user crate" is not a command.'],
  ['user eyJhbG-S3cret', '"user" has no such command.'],
])('what is wrong with "%s" is told as it is', (line, message) => {
  expect(() => parseCommandLine(line.split(' '))).toThrow(message)
})

describe('help', () => {
  it('names the address that the package has', () => {
    const { homepage, bugs } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      readonly homepage: string
      readonly bugs: string
    }
    const [address = ''] = /https:\S+/.exec(renderOverview('acs-env')) ?? []
    expect(homepage).toBe(`${address}#readme`)
    expect(bugs).toBe(`${address}/issues`)
  })

  it('of a family lists its commands', () => {
    expect(renderFamilyHelp('user', 'npx acs-env')).toMatchInlineSnapshot(`
      "Usage: npx acs-env user COMMAND [options]

        user create  make an identity and print its id
        user delete  delete an identity and all its data

      "npx acs-env user COMMAND --help" tells more about a command.
      "
    `)
  })

  it('is short, and ends with what a script has to know', () => {
    const text = renderOverview('acs-env')
    expect(text.split('\n').length).toBeLessThan(80)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(text).toMatchInlineSnapshot(`
      "From an Azure Communication Services connection string to two stored environment
      variables: the connection string and a fresh access token.

      Usage: acs-env [command] [options]

      Everyday
        setup        store a connection string and a fresh access token (the default)
        refresh      renew the stored token: same identity, scopes and lifetime
        status       what is stored, where, for whom, until when
        use          make another stored resource the current one
        unset        remove both variables, and leave every file as it was

      Scripting
        token        print the stored access token
        issue        issue an access token and print it; stores nothing
        env          print the stored variables as statements
        exec         run a command with both variables in its environment

      Identity
        user create  make an identity and print its id
        user delete  delete an identity and all its data
        revoke       revoke all tokens of an identity
        teams-token  exchange a Teams user's Entra token

      Upkeep
        schedule     renew the token in the background from now on
        unschedule   end that, and remove what was made for it
        doctor       find out why a value is missing, stale or shadowed
        completion   print the completion script of a shell

      Local
        emulator     run a local ACS identity service for development and CI
        demo         see the whole job done offline, in a throw-away home

      Common options
        --json      print one JSON document
        --dry-run   show what would change, and change nothing
        -y, --yes   ask no questions
        --quiet     say nothing but warnings and errors
        --verbose   say more about what is done
        --no-color  no colours
        -h, --help  show help
        --version   show the version

      Exit codes
        0    done, or nothing to do
        1    failed: a file, the network, the service, an old Node
        2    wrong usage
        3    not ready: something is missing or expired, or a new terminal lacks it
        4    the service refused the credentials
        70   a bug in acs-env
        130  cancelled; nothing was changed

      Environment
        AZURE_COMMUNICATION_CONNECTION_STRING  is used where none is given
        HTTPS_PROXY, NO_PROXY                  the proxy, in the forms that curl takes
        NODE_EXTRA_CA_CERTS                    a file with more certificate
                                               authorities
        NO_COLOR                               no colours

      "acs-env COMMAND --help" tells more about a command.
      Documentation, and where to report a bug: https://github.com/acs-env/acs-env
      "
    `)
  })

  it.each(Object.keys(commandTable) as (keyof typeof commandTable)[])('of %s names every option it has', (command) => {
    const text = renderCommandHelp(command, 'npx acs-env')
    const [usage = ''] = text.split('\nExamples\n')
    expect(Math.max(...usage.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    for (const option of commandTable[command].options) expect(text).toContain(`--${option}`)
    expect(text).toContain(`npx acs-env ${command}`)
  })

  it.each([40, 59, 60, 80, 100])('is at most %d columns wide on such a terminal', (width) => {
    const commands = Object.keys(commandTable) as (keyof typeof commandTable)[]
    const texts = [
      renderOverview('pnpm dlx acs-env', width),
      ...commands.map((command) => renderCommandHelp(command, 'acs-env', width).split('\nExamples\n')[0] ?? ''),
    ]
    // An address, or a usage line, is not broken.
    const lines = texts.flatMap((text) => text.split('\n')).filter((line) => !/https:|^Usage/.test(line))
    expect(lines.filter((line) => line.length > width)).toEqual([])
  })

  it('describes --user and --expires-in so that it is true for every command that has them', () => {
    expect(renderCommandHelp('revoke', 'acs-env')).not.toContain('issue the token')
    for (const command of ['setup', 'refresh', 'issue'] as const) {
      expect(renderCommandHelp(command, 'acs-env').replaceAll(/\s+/g, ' ')).toContain(
        'default: 24h, or that of the token that it renews',
      )
    }
  })
})
