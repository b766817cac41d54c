import { describe, expect, it } from 'vitest'
import { findAccessToken } from '../../../src/values/pasted/access-token-in-text.ts'

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const makeToken = (id: string): string =>
  `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ skypeid: id, exp: 4e9 })}.${'aB-_9'.repeat(68)}cD`
const TOKEN = makeToken('acs:a_b')
const CONNECTION_STRING = 'endpoint=https://contoso.communication.azure.com/;accesskey=a+b/c2V5Cg=='
const NAME = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

describe('an access token', () => {
  it.each<[string, string]>([
    ['alone', TOKEN],
    ['with a line ending', `${TOKEN}\n`],
    ['with a line ending of Windows', `\uFEFF${TOKEN}\r\n`],
    ['with spaces around it', `  ${TOKEN}\t`],
    ['in quotes, as az prints it without -o tsv', `"${TOKEN}"\n`],
    ['in single quotes', `'${TOKEN}'`],
    ['in typographic quotes', `“${TOKEN}”`],
    ['in backticks', `\`${TOKEN}\``],
    ['behind Bearer', `Bearer ${TOKEN}`],
    ['in a header', `authorization: bearer ${TOKEN}\r\n`],
    ['in the header of a curl line', `curl -H 'Authorization: Bearer ${TOKEN}' https://localhost/`],
    ['in the JSON of az', JSON.stringify({ expires_on: '2026-11-29', token: TOKEN, user_id: '8:acs:a_b' }, null, 2)],
    ['in the JSON of az in one line', JSON.stringify({ expires_on: '2026-11-29', token: TOKEN, user_id: '8:acs:a_b' })],
    ['in the table of az', `ExpiresOn  Token  UserId\n---------  -----  ------\n2026-11-29  ${TOKEN}  8:acs:a_b\n`],
    ['in the tab-separated values of az', `2026-11-29\t${TOKEN}\t8:acs:a_b\n`],
    ['in the YAML of az', `expires_on: '2026-11-29'\ntoken: ${TOKEN}\nuser_id: 8:acs:a_b\n`],
    ['in the answer of the service', JSON.stringify({ identity: { id: '8:acs:a_b' }, accessToken: { token: TOKEN } })],
    ['in the JSON of env', JSON.stringify({ AZURE_COMMUNICATION_CONNECTION_STRING: CONNECTION_STRING, [NAME]: TOKEN })],
    ['in an export line', `export ${NAME}='${TOKEN}'\n`],
    ['in an export line with double quotes', `export ${NAME}="${TOKEN}"`],
    ['in both lines of env', `export A='${CONNECTION_STRING}'\nexport ${NAME}='${TOKEN}'\n`],
    ['in a .env line', `${NAME}=${TOKEN}\r\n`],
    ['in a setx line', `setx ${NAME} "${TOKEN}"`],
    ['in a PowerShell line', `$env:${NAME} = '${TOKEN}'`],
    ['in a fish line', `set -gx ${NAME} '${TOKEN}'`],
    ['in the line of a pipeline', `##vso[task.setvariable variable=${NAME};issecret=true]${TOKEN}`],
    ['twice', `${TOKEN}\n${TOKEN}\n`],
    ['at the end of a sentence', `The token is ${TOKEN}.`],
  ])('is found %s', (_, text) => {
    expect(findAccessToken(text)).toEqual({ kind: 'token', text: TOKEN })
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['a connection string', CONNECTION_STRING],
    ['its mask', `${TOKEN.slice(0, 6)}…(856 characters)`],
    ['without its signature', TOKEN.slice(0, TOKEN.lastIndexOf('.'))],
    ['without its beginning', TOKEN.slice(5)],
    ['one of five parts, which is encrypted', `${TOKEN}.abc.def`],
  ])('is not found: %s', (_, text) => {
    expect(findAccessToken(text)).toEqual({ kind: 'none' })
  })

  it('is not chosen among several', () => {
    expect(findAccessToken(`${TOKEN}\n${makeToken('acs:c_d')}`)).toEqual({ kind: 'several' })
  })
})
