import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['interop/**/*.interop.ts'], testTimeout: 600_000, maxWorkers: 1, fileParallelism: false } })
