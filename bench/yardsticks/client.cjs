// What somebody who writes it by hand would write: one request, signed, and its token stored for new shells.
// Usage: node client.cjs [--print] < CONNECTION-STRING       --print: prints the token instead
'use strict'
const crypto = require('node:crypto')
const fs = require('node:fs')
const https = require('node:https')
const path = require('node:path')

const API = '/identities?api-version=2023-10-01'
const BEGIN = '# >>> acs-env >>>\n'
const END = '# <<< acs-env <<<\n'

exports.store = store

// Bundled with the SDK it stores alone.
if (require.main === module) issueAndStore(fs.readFileSync(0, 'utf8').trim())

/** @param {string} connectionString */
function issueAndStore(connectionString) {
  const [, endpoint, key = ''] = /^endpoint=(.+?);accesskey=(.+)$/i.exec(connectionString) ?? []
  const url = new URL(API, endpoint)
  const body = JSON.stringify({ createTokenWithScopes: ['chat', 'voip'], expiresInMinutes: 1440 })
  const date = new Date().toUTCString()
  const hash = crypto.createHash('sha256').update(body).digest('base64')
  const signature = crypto
    .createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`POST\n${API}\n${date};${url.host};${hash}`)
    .digest('base64')
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-ms-date': date,
    'x-ms-content-sha256': hash,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
  }

  https
    .request(url, { method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => (text += part))
      response.on('end', () => {
        if (response.statusCode !== 201) throw new Error(`${response.statusCode}: ${text}`)
        const { token } = JSON.parse(text).accessToken
        if (process.argv.includes('--print')) {
          console.log(token)
          return
        }
        store(connectionString, token)
        console.log('stored')
      })
    })
    .end(body)
}

/** @param {string} connectionString @param {string} token */
function store(connectionString, token) {
  const { HOME = '' } = process.env
  const directory = path.join(HOME, '.config/acs-env')
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  replace(path.join(directory, 'connection-string'), [Buffer.from(connectionString)], 0o600)
  replace(path.join(directory, 'access-token'), [Buffer.from(token)], 0o600)

  const profile = path.join(HOME, '.bash_profile')
  const old = fs.readFileSync(profile)
  const begin = old.indexOf(BEGIN)
  const end = begin === -1 ? -1 : old.indexOf(END, begin)
  const before = end === -1 ? old : old.subarray(0, begin)
  const after = end === -1 ? Buffer.alloc(0) : old.subarray(end + END.length)
  replace(profile, [before, Buffer.from(block()), after], fs.statSync(profile).mode)
}

function block() {
  /** @param {string} name @param {string} file */
  const read = (name, file) =>
    `if [ -r ${file} ]; then\n  IFS= read -r ${name} < ${file} || :\n  export ${name}="$${name}"\nfi\n`
  return [
    BEGIN,
    read('AZURE_COMMUNICATION_CONNECTION_STRING', '~/.config/acs-env/connection-string'),
    read('AZURE_COMMUNICATION_ACCESS_TOKEN', '~/.config/acs-env/access-token'),
    END,
  ].join('')
}

/** @param {string} file @param {readonly Buffer[]} pieces @param {number} mode */
function replace(file, pieces, mode) {
  const temporary = `${file}.${crypto.randomBytes(6).toString('hex')}`
  const descriptor = fs.openSync(temporary, 'wx', mode)
  fs.writevSync(descriptor, pieces)
  fs.fsyncSync(descriptor)
  fs.closeSync(descriptor)
  fs.renameSync(temporary, file)
  const directory = fs.openSync(path.dirname(file), 'r')
  fs.fsyncSync(directory)
  fs.closeSync(directory)
}
