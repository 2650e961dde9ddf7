import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['src/**/*.test.ts', 'fuzz/*.test.ts'], testTimeout: 30_000, maxWorkers: 2, env: { QUIRE_THREADS: '1' } },
})
