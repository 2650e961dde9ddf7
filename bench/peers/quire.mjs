/** quire, as its users write it: a model, an optimizer, trainStep. The whole step is one graph, on the native runtime. */
import { configureRuntime, getRuntime, isTensor, key, mapTree } from '../../dist/engine/index.js'
import { crossEntropy, mlp, transformer } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { fromArrays, trainStep } from '../../dist/train/index.js'
import { load, measure, readArguments } from './harness.mjs'

const args = readArguments()
configureRuntime({ threads: args.threads })
const { spec, weights, batches } = load(args)
const toArray = ({ shape, data }) => ({ shape, data, dtype: data instanceof Int32Array ? 'int32' : 'float32' })

const model =
  spec.kind === 'mlp'
    ? mlp({ sizes: spec.sizes })
    : transformer({ vocabulary: spec.vocab, context: spec.context, width: spec.width, heads: spec.heads, layers: spec.layers })

/** quire's name of a parameter, as the files have it. */
const fileName = (path) =>
  path.replace('.scale', '.weight').replace('.embedding', '').replace('attention.qkv', 'qkv').replace('attention.projection', 'proj')

/** The files hold linear weights as [in, out]; quire, like PyTorch, as [out, in]. */
function transposed({ shape: [rows, columns], data }) {
  const result = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]
  return { shape: [columns, rows], data: result }
}

function initialParams() {
  const arrays = {}
  const like = model.init(key(0))
  mapTree(like, (leaf, path) => {
    if (!isTensor(leaf)) return leaf
    const array = weights[spec.kind === 'mlp' ? path : fileName(path)]
    arrays[path] = toArray(path.endsWith('weight') && array.shape.length === 2 ? transposed(array) : array)
    return leaf
  })
  return fromArrays(arrays, like)
}

const { learningRate, beta1, beta2, epsilon } = spec.optimizer
const train = trainStep((params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate, beta1, beta2, epsilon }))

const data = batches.map(({ x, y }) => ({ x: toArray(x), y: toArray(y) }))
let state
const reset = () => {
  state = train.init(initialParams())
}

async function step(i) {
  state = await train(state, data[i])
  return state.loss
}

reset()
const { name, version } = await getRuntime()
await measure(args, spec, step, reset, { [name]: version })
