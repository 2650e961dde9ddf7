import { configDefaults, defineConfig } from 'vitest/config'
import type { Reporter } from 'vitest/node'

/** They choose the runtime, which a process does once, or count what a process holds. */
const alone = [
  'fuzz/fuzz.test.ts',
  'src/conformance/conformance.test.ts',
  'src/engine/inspect/profile.test.ts',
  'src/engine/runtime/native.test.ts',
  'src/engine/runtime/worker.test.ts',
]

/** Where a process dies, vitest does not say what it was at. */
const namesUnended: Reporter = {
  onTestRunEnd(modules) {
    for (const module of modules)
      for (const { fullName } of module.children.allTests('pending')) console.error(`never ended: ${module.relativeModuleId} > ${fullName}`)
  },
}

export default defineConfig({
  test: {
    // Generous: what takes seconds on an idle machine takes a minute on one that is busy with other checks.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', namesUnended],
    maxWorkers: 2,
    setupFiles: ['src/engine/testing/setup.ts'],
    env: { QUIRE_THREADS: '1' },
    restoreMocks: true,
    unstubEnvs: true,
    // Most files share two processes, which load what they test once: a third of the time.
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          isolate: false,
          include: ['src/**/*.test.ts', 'fuzz/*.test.ts'],
          exclude: [...configDefaults.exclude, ...alone],
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
})
