/** Tracing and compiling the training step of a 12-layer transformer: the first in a process, and again by a second trainStep. */
import { evaluate, getRuntime, key } from '../../dist/engine/index.js'
import { crossEntropy, transformer } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { trainStep } from '../../dist/train/index.js'
import { median, report } from '../peers/harness.mjs'
import { timesOf } from './step.mjs'

const [batch, context, vocabulary] = [2, 32, 256]
const model = transformer({ vocabulary, context, width: 64, heads: 4, layers: 12 })
const ids = Int32Array.from({ length: batch * context }, (_, i) => (i * 31) % vocabulary)
const data = { x: { shape: [batch, context], dtype: 'int32', data: ids }, y: { shape: [batch, context], dtype: 'int32', data: ids } }
const since = (start) => performance.now() - start

const beforeRuntime = performance.now()
await getRuntime()
const runtimeMs = since(beforeRuntime)
const params = await evaluate(model.init(key(0)))

/** The first step of a trainStep of its own, less the time of an ordinary step. */
async function firstStep() {
  const train = trainStep((weights, { x, y }) => crossEntropy(model.apply(weights, x), y), adam({ learningRate: 1e-3 }))
  const initial = await evaluate(train.init(params))
  const start = performance.now()
  let state = await train(initial, data)
  const ms = since(start)
  const later = await timesOf(10, async () => {
    state = await train(state, data)
  })
  return { ms: ms - median(later), stepMs: median(later) }
}

const cold = await firstStep()
const warm = []
for (let i = 0; i < 5; i++) warm.push((await firstStep()).ms)
report({ coldMs: runtimeMs + cold.ms, runtimeMs, warmMs: median(warm), stepMs: cold.stepMs })
