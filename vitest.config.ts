import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One fewer is the default; most of these wait for programs that they have started.
    maxWorkers: availableParallelism(),
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Some tests watch the clock, and a shared machine may stand still for seconds: what fails twice is a finding.
    retry: process.env.CI ? 1 : 0,
    // The machine's own trust and proxy settings are none of the tests' business.
    env: { NODE_EXTRA_CA_CERTS: '', HTTPS_PROXY: '', HTTP_PROXY: '', ALL_PROXY: '', https_proxy: '', http_proxy: '' },
  },
})
