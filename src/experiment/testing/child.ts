import { writeSync } from 'node:fs'
import { runExperiment } from '../run/run.ts'
import { walk } from './walk.ts'

/** A run in a process of its own, to be killed: `node -e "import('vite').then((v) => v.runnerImport(…))" <folder>`. */
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

await runExperiment(
  walk({
    async step() {
      writeSync(1, '.')
      await sleep(2)
    },
  }),
  { preset: 'small', folder: process.argv[1] },
)
