import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasOpenssl } from '../support/doubles/certificate.ts'
import { MARKED_KEY } from '../support/doubles/faulty-service.ts'
import { issues, REMOTE_HOST, startRemoteService, type RemoteService } from '../support/doubles/remote-service.ts'
import { runBuilt, type BuiltRun } from '../support/programs/built.ts'
import { testNodes } from '../support/programs/nodes.ts'

const LIMIT_MS = 15_000
const SLOW_NETWORK = join(import.meta.dirname, '../support/slow-network.cjs')

// They wait, for the network or for a time to be over, and so all at once.
describe.skipIf(!hasOpenssl()).each(testNodes())(
  'a slow network with two families of addresses, on Node $version',
  { concurrent: true },
  ({ path }) => {
    let service: RemoteService
    beforeAll(async () => {
      service = await startRemoteService(issues)
    })
    afterAll(() => service.close())

    const ask = (addresses: string, slowMs: number): Promise<BuiltRun> =>
      runBuilt(['issue', '--scope', 'chat', '--connection-string', service.connectionString], {
        nodePath: path,
        env: {
          NODE_OPTIONS: `--no-deprecation --require ${JSON.stringify(SLOW_NETWORK)}`,
          REMOTE_HOST,
          ADDRESSES: addresses,
          SLOW_MS: String(slowMs),
          NODE_EXTRA_CA_CERTS: service.certificate.certificatePath,
        },
      })

    it.each([
      ['127.0.0.1', 1_500],
      ['127.0.0.1 ::1', 100],
      ['127.0.0.1 ::1', 300],
      ['127.0.0.1 ::1', 1_500],
      ['::1 127.0.0.1', 1_500],
      ['127.0.0.2 ::1 127.0.0.1', 300],
    ])('%s, %i ms away', async (addresses, slowMs) => {
      expect(await ask(addresses, slowMs)).toMatchObject({ exitCode: 0, stdout: 'eyJ.issued.token\n' })
    })

    it('too slow for any of them is reported in time', async () => {
      const run = await ask('127.0.0.1 ::1', 20_000)
      expect(run.stderr).toMatch(/^error: contoso\.invalid:\d+ did not answer in time\.\nhint: /)
      expect(run.exitCode).toBe(1)
      expect(run.elapsedMs).toBeLessThan(LIMIT_MS)
    })
  },
)

describe('a proxy that is not used', () => {
  const issueFrom = (host: string, env: Readonly<Record<string, string>>): Promise<BuiltRun> =>
    runBuilt(['issue', '--scope', 'chat', '--connection-string', `endpoint=https://${host}/;accesskey=${MARKED_KEY}`], {
      env,
    })

  it.each(['npm_config_https_proxy', 'npm_config_proxy', 'NPM_CONFIG_HTTPS_PROXY'])(
    'is hinted at where npm has one of its own: %s',
    async (name) => {
      const run = await issueFrom(REMOTE_HOST, { [name]: 'http://user:proxy-password@127.0.0.1:9' })
      expect(run.stderr).toMatch(
        /^error: There is no host "contoso\.invalid"\.\nhint: npm goes through a proxy of its own/,
      )
      expect(run.stderr).toMatch(new RegExp(`\\(${name}\\): set HTTPS_PROXY to the same address$`, 'm'))
      expect(run.stderr).not.toContain('proxy-password')
      expect(run.exitCode).toBe(1)
    },
  )

  it('is not hinted at where npm has none', async () => {
    for (const value of ['null', 'false']) {
      const run = await issueFrom(REMOTE_HOST, { npm_config_https_proxy: value })
      expect(run.stderr).toMatch(/hint: check the endpoint .* behind a company proxy set HTTPS_PROXY$/m)
    }
  })

  it('is named where NO_PROXY keeps the host from it', async () => {
    const run = await issueFrom(REMOTE_HOST, { ALL_PROXY: 'http://127.0.0.1:9', NO_PROXY: '*.INVALID:443' })
    expect(run.stderr).toMatch(/^hint: NO_PROXY keeps contoso\.invalid from going through the proxy in ALL_PROXY/m)
    expect(run.exitCode).toBe(1)
  })
})
