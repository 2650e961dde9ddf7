// `npm run test:browser`: the numeric tests in headless Chromium, on the WebAssembly runtime. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { chromium } from './chromium.mjs'

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'browser/vitest.config.ts', ...process.argv.slice(2)],
  {
    cwd: resolve(import.meta.dirname, '..'),
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM: chromium() },
  },
)
process.exit(status ?? 1)
