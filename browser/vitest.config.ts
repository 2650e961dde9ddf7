import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const root = resolve(import.meta.dirname, '..')

/** Tests that read files, start programs or insist on the native runtime stay in Node. */
const needsNode = (path: string): boolean => /from 'node:|prefer: 'native'/.test(readFileSync(resolve(root, path), 'utf8'))

const suite = ['engine', 'nn', 'optim', 'train']
  .flatMap((floor) => readdirSync(resolve(root, 'src', floor), { recursive: true, encoding: 'utf8' }).map((path) => `src/${floor}/${path}`))
  .filter((path) => path.endsWith('.test.ts') && !needsNode(path))

export default defineConfig({
  root,
  // A page has threads (SharedArrayBuffer) only where it is isolated from other origins.
  server: { headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
  // It finds its .wasm file beside its own module, which the dev server's copies of packages would move.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  test: {
    include: ['browser/*.test.ts', ...suite],
    globalSetup: 'browser/native.setup.ts',
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      api: { host: '127.0.0.1' },
      provider: playwright({ launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] } }),
      instances: [{ browser: 'chromium' }],
    },
  },
})
