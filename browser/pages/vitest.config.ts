import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Tests in Node that drive Chromium: they open files as a reader does. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  test: { include: ['browser/pages/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
