// Makes docs/setup.svg from a real run: the built program in a real terminal (tmux), against the emulator behind the
// name of an Azure resource. Needs tmux and openssl. Usage: npm run build && node scripts/picture.mjs
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const COLUMNS = 80
const ROWS = 60
const HOST = 'contoso.unitedstates.communication.azure.com'
const root = resolve(import.meta.dirname, '..')
const cli = join(root, 'dist/cli.cjs')
const scratch = mkdtempSync(join(tmpdir(), 'acs-env-picture-'))
const socket = join(scratch, 'tmux')
const tmux = (...args) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' })

async function waitFor(text) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (tmux('capture-pane', '-p').includes(text)) return
    await sleep(50)
  }
  throw new Error(`not seen: ${text}\n${tmux('capture-pane', '-p')}`)
}

function startEmulator() {
  const names = `subjectAltName=DNS:localhost,DNS:${HOST}`
  const files = { certificate: join(scratch, 'certificate.pem'), key: join(scratch, 'key.pem') }
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=picture',
    '-addext',
    names,
  ]
  execFileSync('openssl', [...request, '-keyout', files.key, '-out', files.certificate], { stdio: 'pipe' })
  const args = ['emulator', '--json', '--certificate-file', files.certificate, '--key-file', files.key]
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((settle) => {
    child.stdout.once('data', (line) => settle({ child, certificate: files.certificate, ...JSON.parse(line) }))
  })
}

/** Tunnels whatever host is asked for to the emulator. */
function startProxy(port) {
  const server = createServer((client) => {
    client.once('data', () => {
      const upstream = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        client.pipe(upstream).pipe(client)
      })
      // Either side may hang up first.
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    })
  })
  return new Promise((settle) => {
    server.listen(0, '127.0.0.1', () => settle(server))
  })
}

const COLORS = new Map([
  ['31', '#ff7b72'],
  ['32', '#7ee787'],
  ['33', '#e3b341'],
  ['36', '#76e3ea'],
  ['2', '#8b949e'],
  ['90', '#8b949e'],
])

// tmux lets a colour go on into the next line.
let style = { color: undefined, bold: false }

function renderLine(line, y) {
  let column = 0
  const spans = []
  for (const part of line.split(/(\u001B\[[\d;]*m)/)) {
    const codes = /^\u001B\[([\d;]*)m$/.exec(part)?.[1]
    if (codes === undefined) {
      if (part.trim() !== '') spans.push({ text: part, column, ...style })
      column += [...part].length
      continue
    }
    for (const code of codes.split(';')) {
      if (code === '' || code === '0') style = { color: undefined, bold: false }
      else if (code === '1') style = { ...style, bold: true }
      else if (code === '22') style = { color: style.color === COLORS.get('2') ? undefined : style.color, bold: false }
      else if (code === '39') style = { ...style, color: undefined }
      else if (COLORS.has(code)) style = { ...style, color: COLORS.get(code) }
    }
  }
  const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return spans
    .map(({ text, column: at, color, bold }) => {
      const attributes = `${color === undefined ? '' : ` fill="${color}"`}${bold ? ' font-weight="bold"' : ''}`
      // Its own length keeps the columns straight in any font.
      const length = ([...text].length * 8.43).toFixed(1)
      return `<text x="${(20 + at * 8.43).toFixed(1)}" y="${y}" textLength="${length}" xml:space="preserve"${attributes}>${escape(text)}</text>`
    })
    .join('\n')
}

function renderPicture(screen) {
  const lines = screen.trimEnd().split('\n')
  const height = lines.length * 19 + 60
  const body = lines.map((line, index) => renderLine(line, 58 + index * 19)).filter((line) => line !== '')
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${24 + i * 20}" cy="20" r="6" fill="${fill}"/>`,
  )
  const width = Math.ceil(COLUMNS * 8.43 + 40)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="acs-env in a terminal: it asks for the connection string and the scopes, shows what it will change, and tells where both values are stored">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3">
${body.join('\n')}
</g>
</svg>
`
}

const emulator = await startEmulator()
const proxy = await startProxy(Number(new URL(emulator.endpoint).port))
try {
  const home = join(scratch, 'home')
  const bin = join(scratch, 'bin')
  mkdirSync(home)
  mkdirSync(bin)
  // What npx would find; the environment is the one that npx gives it.
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nnpm_command=exec exec "${process.execPath}" "${cli}" "$@"\n`, {
    mode: 0o755,
  })
  writeFileSync(join(home, '.bashrc'), "PS1='$ '\n")
  const variables = [
    `HOME=${home}`,
    `PATH=${bin}:${process.env.PATH}`,
    'SHELL=/bin/bash',
    'TERM=xterm-256color',
    'LANG=C.UTF-8',
    // A history would be written while the home is being removed.
    'HISTFILE=',
    `NODE_EXTRA_CA_CERTS=${emulator.certificate}`,
    `HTTPS_PROXY=http://127.0.0.1:${proxy.address().port}`,
  ]
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-x',
    String(COLUMNS),
    '-y',
    String(ROWS),
    'env',
    '-i',
    ...variables,
    'bash',
  )
  tmux('set-option', '-g', 'status', 'off')
  await waitFor('$')
  tmux('send-keys', 'npx acs-env', 'Enter')
  await waitFor('Connection string')
  tmux('send-keys', '-l', emulator.connection_string.replace(/endpoint=[^;]*/, `endpoint=https://${HOST}/`))
  tmux('send-keys', 'Enter')
  await waitFor('Scopes')
  tmux('send-keys', 'Enter')
  await waitFor('Go ahead?')
  tmux('send-keys', 'Enter')
  await waitFor('undoes all this')
  await sleep(200)
  const screen = tmux('capture-pane', '-e', '-p').replace(/\n\$ *\n*$/, '\n')
  writeFileSync(join(root, 'docs/setup.svg'), renderPicture(screen))
} finally {
  proxy.close()
  proxy.unref()
  emulator.child.kill()
  try {
    tmux('kill-server')
  } catch {
    // It never started.
  }
  rmSync(scratch, { recursive: true })
}
