// `npm run test:browser`: the numeric tests in headless Chromium, on the WebAssembly runtime, the pages that runs write, and the lab. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { chromium } from './chromium.mjs'

/** The tests that run inside a page, those that open the pages of runs and look at them, and those that use the lab (`npm run build` first). */
const configs = ['browser/vitest.config.ts', 'browser/pages/vitest.config.ts', 'browser/lab/vitest.config.ts']
const env = { ...process.env, CHROMIUM: chromium() }
const statuses = configs.map(
  (config) =>
    spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests', '--config', config, ...process.argv.slice(2)],
      {
        cwd: resolve(import.meta.dirname, '..'),
        stdio: 'inherit',
        env,
      },
    ).status ?? 1,
)
process.exit(Math.max(...statuses))
