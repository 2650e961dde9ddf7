// `npm run test:browser`: the numeric tests in headless Chromium, on the WebAssembly runtime, and the pages that runs write. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const executable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `CHROMIUM` where set, else the first on the path of the names that systems give it. */
const candidates = process.env.CHROMIUM
  ? [resolve(process.env.CHROMIUM)]
  : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap((name) =>
      process.env.PATH.split(delimiter).map((folder) => join(folder, name)),
    )
const chromium = candidates.find(executable)
if (!chromium) {
  console.error(
    `no Chromium ${process.env.CHROMIUM ? `at ${process.env.CHROMIUM}` : 'on the path'}; install it (Debian: apt-get update && apt-get install -y chromium), or set CHROMIUM to its file`,
  )
  process.exit(2)
}
/** The tests that run inside a page, then those that open pages and look at them. */
const configs = ['browser/vitest.config.ts', 'browser/pages/vitest.config.ts']
const statuses = configs.map(
  (config) =>
    spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests', '--config', config, ...process.argv.slice(2)],
      {
        cwd: resolve(import.meta.dirname, '..'),
        stdio: 'inherit',
        env: { ...process.env, CHROMIUM: chromium },
      },
    ).status ?? 1,
)
process.exit(Math.max(...statuses))
