/** quire, as its users write it: a model, an optimizer, trainStep. The whole step is one graph, on the native runtime. */
import { configureRuntime, getRuntime } from '../../dist/engine/index.js'
import { trainStep } from '../../dist/train/index.js'
import { load, measure, readArguments } from './harness.mjs'
import { initialParams, lossOf, modelOf, optimizerOf, toArray } from './quire-models.mjs'

const args = readArguments()
configureRuntime({ threads: args.threads })
const { spec, weights, batches } = load(args)
const model = modelOf(spec)
const train = trainStep(lossOf(spec, model), optimizerOf(spec))
const data = batches.map(({ x, y }) => ({ x: toArray(x), y: toArray(y) }))

let state
const reset = () => {
  state = train.init(initialParams(model, weights))
}

async function step(i) {
  state = await train(state, data[i])
  return state.loss
}

reset()
const { name, version } = await getRuntime()
await measure(args, spec, step, reset, { [name]: version })
