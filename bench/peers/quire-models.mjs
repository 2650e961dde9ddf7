/** The workloads as quire's users write them: a model, a loss, an optimizer; and the weights of the files in the model's shape. */
import {
  add,
  broadcastTo,
  concat,
  isTensor,
  key,
  mapTree,
  mean,
  mul,
  ones,
  random,
  relu,
  reshape,
  sigmoid,
  standardize,
  tensor,
  zeros,
} from '../../dist/engine/index.js'
import { networkOf } from '../../dist/kits/diffusion/networks/index.js'
import { groupLasso, ramda } from '../../dist/methods/ramda/index.js'
import { conv2d, crossEntropy, linear, meanSquaredError, mlp, transformer } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { fromArrays } from '../../dist/train/index.js'

/** x [n, 1, h, w] → [n, classes]: blocks relu(x + conv(relu(conv(x)))), the mean over positions, a linear head. */
function resnet({ channels, blocks, classes }) {
  const stem = conv2d(1, channels, 3, { padding: 'same' })
  const conv = conv2d(channels, channels, 3, { padding: 'same' })
  const head = linear(channels, classes)
  return {
    init(seed) {
      const [s, h, ...rest] = random.split(seed, 2 + 2 * blocks)
      const block = (_, i) => ({ conv1: conv.init(rest[2 * i]), conv2: conv.init(rest[2 * i + 1]) })
      return { stem: stem.init(s), blocks: Array.from({ length: blocks }, block), head: head.init(h) }
    },
    apply(params, x) {
      const residual = (y, { conv1, conv2 }) => relu(add(y, conv.apply(conv2, relu(conv.apply(conv1, y)))))
      const top = params.blocks.reduce(residual, relu(stem.apply(params.stem, x)))
      return head.apply(params.head, mean(top, { axes: [2, 3] }))
    },
  }
}

/** Group norm over [n, c, h, w] (Wu & He 2018): channels in groups, each to zero mean and unit variance, then a scale and a bias a channel. */
function groupNorm(channels, groups) {
  return {
    init: () => ({ scale: ones([channels]), bias: zeros([channels]) }),
    apply({ scale, bias }, x) {
      const y = reshape(standardize(reshape(x, [x.shape[0], groups, -1])), x.shape)
      return add(mul(y, reshape(scale, [channels, 1, 1])), reshape(bias, [channels, 1, 1]))
    },
  }
}

const silu = (x) => mul(x, sigmoid(x))

/** Each pixel four times: [n, c, h, w] → [n, c, 2h, 2w]. */
function doubled(x) {
  const [n, c, h, w] = x.shape
  return reshape(broadcastTo(reshape(x, [n, c, h, 1, w, 1]), [n, c, h, 2, w, 2]), [n, c, 2 * h, 2 * w])
}

/** x [n, 1, h, w] → [n, 1, h, w]: down twice by strides, up twice by doubling, the way down joined to the way up. */
function unet({ channels: [top, middle, bottom], groups }) {
  const stage = (input, output, stride = 1) => {
    const conv = conv2d(input, output, 3, { padding: 1, stride })
    const norm = groupNorm(output, groups)
    return {
      init: (seed) => ({ conv: conv.init(seed), norm: norm.init(seed) }),
      apply: (params, x) => silu(norm.apply(params.norm, conv.apply(params.conv, x))),
    }
  }
  const layers = {
    in: stage(1, top),
    enc: stage(top, top),
    down1: stage(top, middle, 2),
    mid1: stage(middle, middle),
    down2: stage(middle, bottom, 2),
    mid2: stage(bottom, bottom),
    up1: stage(bottom + middle, middle),
    up0: stage(middle + top, top),
    out: conv2d(top, 1, 3, { padding: 1 }),
  }
  const names = Object.keys(layers)
  return {
    init(seed) {
      const seeds = random.split(seed, names.length)
      return Object.fromEntries(names.map((name, i) => [name, layers[name].init(seeds[i])]))
    },
    apply(params, x) {
      const run = (y, ...path) => path.reduce((value, name) => layers[name].apply(params[name], value), y)
      const first = run(x, 'in', 'enc')
      const second = run(first, 'down1', 'mid1')
      const third = run(second, 'down2', 'mid2')
      const up = run(concat([doubled(third), second], { axis: 1 }), 'up1')
      return run(concat([doubled(up), first], { axis: 1 }), 'up0', 'out')
    },
  }
}

const gpt = ({ vocab, context, width, heads, layers }) => transformer({ vocabulary: vocab, context, width, heads, layers })

const denoiser = ({ network, size }) => networkOf(network, [1, size, size])

export const modelOf = (spec) => ({ mlp, gpt, resnet, unet, denoiser })[spec.kind](spec)

/** Noise levels of a batch in training: spread evenly over 1000 steps. */
const spreadLevels = (count) => tensor(Float32Array.from({ length: count }, (_, i) => Math.floor((1000 * i) / count)))

/** The loss of a batch { x, y }. */
export function lossOf(spec, model = modelOf(spec)) {
  if (spec.kind === 'denoiser') return (params, { x, y }) => meanSquaredError(model.apply(params, x, spreadLevels(x.shape[0])), y)
  const distance = spec.kind === 'unet' ? meanSquaredError : crossEntropy
  return (params, { x, y }) => distance(model.apply(params, x), y)
}

export function optimizerOf({ optimizer, ramda: settings }) {
  if (!settings) return adam(optimizer)
  const { learningRate, momentum, epsilon, lambda, ...subproblem } = settings
  return ramda({ learningRate, momentum, epsilon, subproblem, regularizer: groupLasso(lambda) })
}

export const toArray = ({ shape, data }) => ({ shape, data, dtype: data instanceof Int32Array ? 'int32' : 'float32' })

/** quire's name of a parameter, as the files have it. */
const fileName = (path, { kind }) =>
  kind === 'denoiser'
    ? path.replace('.scale', '.weight')
    : path.replace('.scale', '.weight').replace('.embedding', '').replace('attention.qkv', 'qkv').replace('attention.projection', 'proj')

/** The files hold linear weights as [in, out]; quire, like PyTorch, as [out, in]. */
function transposed({ shape: [rows, columns], data }) {
  const result = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]
  return { shape: [columns, rows], data: result }
}

/** The first parameters of a model, from the files' arrays. */
export function initialParams(model, weights, spec) {
  const arrays = {}
  const like = model.init(key(0))
  mapTree(like, (leaf, path) => {
    if (!isTensor(leaf)) return leaf
    const array = weights[fileName(path, spec)]
    arrays[path] = toArray(path.endsWith('weight') && array.shape.length === 2 ? transposed(array) : array)
    return leaf
  })
  return fromArrays(arrays, like)
}
