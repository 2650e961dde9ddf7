/** Whether training holds its memory: resident memory after a tenth of many small steps, and after all. */
import { key } from '../../dist/engine/index.js'
import { crossEntropy, mlp } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { trainStep } from '../../dist/train/index.js'
import { report } from '../peers/harness.mjs'
import { args, tiny } from './step.mjs'

const steps = args.quick ? 1000 : 10_000
const model = mlp({ sizes: tiny.sizes })
const train = trainStep((params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 1e-3 }))
let state = train.init(model.init(key(0)))
const samples = []
for (let i = 1; i <= steps; i++) {
  state = await train(state, tiny.batch)
  if (i % (steps / 10) === 0) samples.push(process.memoryUsage.rss() / 2 ** 20)
}
report({ steps, firstMb: samples[0], lastMb: samples.at(-1), mostMb: Math.max(...samples) })
