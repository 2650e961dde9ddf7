// Compiles src/ to dist/ and leaves the tests out of the package. Nothing is bundled but the lab's page: Node and bundlers read the modules as they are.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { build } from 'vite'
import { keepPapers } from './kept.mjs'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755)
await build({ configFile: 'src/lab/page/vite.config.ts', logLevel: 'error' })
await keepPapers('.', 'dist/lab/kept')
