// `npm run build && npm run budgets`: what an importer pays, against scripts/budgets.json. A size over its budget fails; a time over its budget is
// only said, since it depends on the machine. `--update-docs` writes the table of docs/packaging.md.
import { spawnSync } from 'node:child_process'
import { globSync, readdirSync, readFileSync, statSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { entryPoints, root } from './examples/exports.mjs'

const budgets = JSON.parse(readFileSync(join(root, 'scripts/budgets.json'), 'utf8'))
