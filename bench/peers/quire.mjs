/** quire, as its users write it: a model, an optimizer, trainStep. The whole step is one graph, on the native runtime. */
import { configureRuntime, getRuntime } from '../../dist/engine/index.js'
import { trainStep } from '../../dist/train/index.js'
import { load, measure, readArguments } from './harness.mjs'
import { initialParams, lossOf, modelOf, optimizerOf, toArray } from './quire-models.mjs'
import { sampling } from './quire-sampling.mjs'

const args = readArguments()
configureRuntime({ threads: args.threads })
const { spec, weights, batches } = load(args)
const model = modelOf(spec)
const data = batches.map(({ x, y }) => ({ x: toArray(x), y: toArray(y) }))

function training() {
  const train = trainStep(lossOf(spec, model), optimizerOf(spec))
  let state
  const reset = () => {
    state = train.init(initialParams(model, weights, spec))
  }
  async function step(i) {
    state = await train(state, data[i])
    return state.loss
  }
  reset()
  return { step, reset }
}

const { step, reset } = spec.sampling ? sampling(spec, initialParams(model, weights, spec), data) : training()
const { name, version } = await getRuntime()
await measure(args, spec, step, reset, { [name]: version })
