// Makes docs/setup.svg, a recording of a real run: the built program in a real terminal (tmux), against the emulator
// behind the name of an Azure resource, up to a new terminal that has the values. It follows the reader's light or dark
// scheme, and where motion is not wanted it is the last screen of the wizard. Needs tmux and openssl.
// Usage: npm run build && node scripts/picture.mjs
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { portOf } from '../bench/helpers/port.mjs'

const COLUMNS = 80
const ROWS = 60
const HOST = 'contoso.unitedstates.communication.azure.com'
const root = resolve(import.meta.dirname, '..')
const cli = join(root, 'dist/cli.cjs')
const scratch = mkdtempSync(join(tmpdir(), 'acs-env-picture-'))
const socket = join(scratch, 'tmux')
const tmux = (/** @type {readonly string[]} */ ...args) =>
  execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' })

/** @param {string} text */
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

/**
 * Sends a connection to any host to the emulator.
 *
 * @param {number} port of the emulator
 * @returns {Promise<import('node:net').Server>}
 */
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

/** The classes of the colours that the program uses. */
const COLORS = new Map([
  ['31', 'red'],
  ['32', 'green'],
  ['33', 'yellow'],
  ['36', 'cyan'],
  ['2', 'dim'],
  ['90', 'dim'],
])
const SCHEMES = {
  dark: {
    back: '#0d1117',
    text: '#e6edf3',
    red: '#ff7b72',
    green: '#7ee787',
    yellow: '#e3b341',
    cyan: '#76e3ea',
    dim: '#8b949e',
  },
  light: {
    back: '#f6f8fa',
    text: '#1f2328',
    red: '#cf222e',
    green: '#116329',
    yellow: '#7d4e00',
    cyan: '#1b7c83',
    dim: '#59636e',
  },
}
const CHARACTER_WIDTH = 8.43
const LINE_HEIGHT = 19

/** @typedef {{ readonly color: string | undefined, readonly bold: boolean }} Style */
/** tmux lets a colour go on into the next line. @type {Style} */
let style = { color: undefined, bold: false }

/** @param {string} line @param {number} y */
function renderLine(line, y) {
  let column = 0
  /** @type {(Style & { text: string, column: number })[]} */
  const spans = []
  for (const part of line.split(/(\u001B\[[\d;]*m)/)) {
    const codes = /^\u001B\[([\d;]*)m$/.exec(part)?.[1]
    if (codes === undefined) {
      if (part.trim() !== '') spans.push({ text: part, column, ...style })
      column += Array.from(part).length
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
  const escape = (/** @type {string} */ text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return spans
    .map(({ text, column: at, color, bold }) => {
      const classes = [...(color === undefined ? [] : [color]), ...(bold ? ['bold'] : [])]
      const attribute = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`
      // Its own length keeps the columns straight in any font.
      const length = (Array.from(text).length * CHARACTER_WIDTH).toFixed(1)
      return `<text x="${(20 + at * CHARACTER_WIDTH).toFixed(1)}" y="${y}" textLength="${length}"${attribute}>${escape(text)}</text>`
    })
    .join('\n')
}

/** @param {string} screen @returns {string[]} */
function linesOf(screen) {
  style = { color: undefined, bold: false }
  return screen
    .trimEnd()
    .split('\n')
    .map((line, index) => renderLine(line, 58 + index * LINE_HEIGHT))
    .filter((line) => line !== '')
}

/** The rules of a scheme. @param {(typeof SCHEMES)['dark']} scheme */
function rulesOf({ back, text, ...colors }) {
  const fills = Object.entries(colors).map(([name, fill]) => `.${name}{fill:${fill}}`)
  return [`.back{fill:${back}}`, `text{fill:${text}}`, ...fills].join('')
}

/** @param {readonly { screen: string, seconds: number, isStill?: boolean }[]} frames */
function renderRecording(frames) {
  const height = Math.max(...frames.map(({ screen }) => screen.trimEnd().split('\n').length)) * LINE_HEIGHT + 60
  const width = Math.ceil(COLUMNS * CHARACTER_WIDTH + 40)
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${24 + i * 20}" cy="20" r="6" fill="${fill}"/>`,
  )
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0)
  let start = 0
  const rules = frames.map(({ seconds }, index) => {
    const [from, to] = [start, start + seconds].map((at) => ((at / total) * 100).toFixed(2))
    start += seconds
    const before = index === 0 ? '' : '0%{visibility:hidden}'
    const after = index === frames.length - 1 ? '' : `${to}%,100%{visibility:hidden}`
    return `@keyframes f${index}{${before}${from}%{visibility:visible}${after}}.f${index}{animation:f${index} ${total}s step-end infinite}`
  })
  const still = `@media (prefers-reduced-motion:reduce){.frame{animation:none}.frame:not(.still){display:none}.still{visibility:visible}}`
  const groups = frames.map(
    ({ screen, isStill }, index) =>
      `<g class="frame f${index}${isStill ? ' still' : ''}">\n${linesOf(screen).join('\n')}\n</g>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="acs-env in a terminal: it asks for the connection string and the scopes, shows what it will change, and says where both values are stored; a new terminal has them">
<style>
${rulesOf(SCHEMES.dark)}
@media (prefers-color-scheme:light){${rulesOf(SCHEMES.light)}}
text{white-space:pre}.bold{font-weight:bold}.frame{visibility:hidden}
${rules.join('\n')}
${still}
</style>
<rect class="back" width="100%" height="100%" rx="8"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
${groups.join('\n')}
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
  // Nothing of this machine's is offered.
  for (const name of ['systemctl', 'crontab']) writeFileSync(join(bin, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
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
    `HTTPS_PROXY=http://127.0.0.1:${portOf(proxy)}`,
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
  /** @type {{ screen: string, seconds: number, isStill?: boolean }[]} */
  const frames = []
  const capture = async (/** @type {number} */ seconds, isStill = false) => {
    await sleep(300)
    frames.push({ screen: tmux('capture-pane', '-e', '-p').replace(/\n\$ *\n*$/, '\n'), seconds, isStill })
  }
  await waitFor('$')
  tmux('send-keys', 'npx acs-env')
  await capture(1.2)
  tmux('send-keys', 'Enter')
  await waitFor('? Connection string')
  await capture(2)
  tmux('send-keys', '-l', emulator.connection_string.replace(/endpoint=[^;]*/, `endpoint=https://${HOST}/`))
  await waitFor('characters')
  await capture(1.5)
  tmux('send-keys', 'Enter')
  await waitFor('? Scopes')
  await capture(2.5)
  tmux('send-keys', 'Enter')
  await waitFor('? Go ahead?')
  await capture(5)
  tmux('send-keys', 'Enter')
  await waitFor('undoes all this')
  await capture(5, true)
  // A new terminal, with nothing from this one.
  tmux('new-window', 'env', '-i', ...variables, 'bash')
  await waitFor('$')
  tmux('send-keys', 'npx acs-env status')
  await capture(1.5)
  tmux('send-keys', 'Enter')
  await waitFor('Ready.')
  await capture(6)
  writeFileSync(join(root, 'docs/setup.svg'), renderRecording(frames))
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
