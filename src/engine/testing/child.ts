import { add, configureRuntime, evaluate, tensor } from '../index.ts'
import { startWorker } from './worker.ts'

/** A program that evaluates in a worker, says the result, and comes to its end: `node -e "import('vite').then((v) => v.runnerImport(…))"`. */
configureRuntime({ worker: startWorker })
console.log(await (await evaluate(add(tensor([1, 2]), 1))).array())
