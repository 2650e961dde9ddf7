import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['interop/**/*.interop.ts'], testTimeout: 1_800_000, maxWorkers: 1, fileParallelism: false },
})
