import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Tests in Node that drive Chromium: they use the lab as somebody at the machine does. Its page is the built one: `npm run build` first. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  test: { include: ['browser/lab/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 1 },
})
