import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/hooks/shared-directory.ts'],
    setupFiles: ['test/support/hooks/seed.ts'],
    // One fewer than cores is the default, and most of these wait: for programs that they started, or for a time to be over.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Some tests watch the clock, and a shared machine may stand still for seconds: what fails twice is a finding.
    retry: process.env.CI ? 1 : 0,
    // The machine's own trust and proxy settings are none of the tests' business.
    env: { NODE_EXTRA_CA_CERTS: '', HTTPS_PROXY: '', HTTP_PROXY: '', ALL_PROXY: '', https_proxy: '', http_proxy: '' },
  },
})
