import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

export default defineConfig({
  test: {
    ...base.test,
    include: ['campaigns/**/*.test.ts'],
    // A long form may take hours.
    testTimeout: 12 * 60 * 60_000,
    hookTimeout: 10 * 60_000,
    retry: 0,
    // Each keeps every core busy by itself.
    fileParallelism: false,
    // Their lines are what a campaign is run for.
    disableConsoleIntercept: true,
  },
})
