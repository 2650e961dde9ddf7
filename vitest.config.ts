import { defineConfig } from 'vitest/config'

// Generous: what takes seconds on an idle machine takes a minute on one that is busy with other checks.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'fuzz/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    setupFiles: process.env.QUIRE_PROPERTY_SEED ? ['src/engine/testing/property-seed.ts'] : [],
    env: { QUIRE_THREADS: '1' },
  },
})
