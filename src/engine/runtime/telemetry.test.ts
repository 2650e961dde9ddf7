import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What a program of its own leaves in the user's cache folder. */
function leftBy(program: string): string[] {
  const cache = mkdtempSync(join(tmpdir(), 'quire-telemetry-'))
  const { ORT_DISABLE_TELEMETRY: _, ...clean } = process.env
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: join(import.meta.dirname, '../../..'),
      env: { ...clean, XDG_CACHE_HOME: cache },
    })
    return readdirSync(cache)
  } finally {
    rmSync(cache, { recursive: true })
  }
}

const load = `
  import { runnerImport } from 'vite'
  const { module } = await runnerImport('./src/engine/runtime/native.ts')
  await module.createNativeRuntime({ threads: 1 })`

// Without the variable there is a folder of the makers' in the cache. It is not asked for here: tests send nothing to anybody.
test('the native runtime keeps no diary of what it does', () => expect(leftBy(load)).toEqual([]))
