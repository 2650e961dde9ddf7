import { permutation } from '../../../data/draws.ts'
import {
  add,
  avgPool,
  buffer,
  evaluate,
  fromArray,
  jit,
  key as keyOf,
  mean,
  mul,
  type NDArray,
  ndarray,
  ones,
  random,
  relu,
  reshape,
  rsqrt,
  select,
  snapshot,
  square,
  sub,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { areaUnderCurve } from '../../../kits/metrics/index.ts'
import { type Affine, conv2d, crossEntropy, heNormal, linear, zeroInit } from '../../../nn/index.ts'
import { adam } from '../../../optim/index.ts'
import { trainStep } from '../../../train/index.ts'
import { rowsOf } from '../data.ts'
import type { Fluctuation } from '../fluctuation.ts'
import { useKey } from '../noise.ts'
import { standardizer } from './logistic.ts'

/*
 * PFAMI-NNs: a residual network that reads the fluctuation matrix as an image of one channel, trained on a shadow model, of which it is known who its members are.
 */

interface Normed {
  readonly conv: Affine
  readonly scale: Tensor
  readonly bias: Tensor
  /** Running mean and variance, with which single records are judged. */
  readonly mean: Tensor
  readonly variance: Tensor
}

interface Block {
  readonly first: Normed
  readonly second: Normed
  readonly shortcut?: Normed
}

interface Params {
  readonly stem: Normed
  readonly blocks: readonly Block[]
  readonly head: Affine
}

const momentum = 0.1

/** A convolution and batch normalisation (Ioffe & Szegedy 2015). In training, by the batch, whose statistics are gathered. */
function normedConvolution(inputs: number, outputs: number, size: number, stride: number) {
  const conv = conv2d(inputs, outputs, size, { stride, padding: size === 3 ? 1 : 0, weight: heNormal, bias: zeroInit })
  const channels = (x: Tensor) => reshape(x, [outputs, 1, 1])
  return {
    init: (key: Tensor): Normed => ({
      conv: conv.init(key),
      scale: ones([outputs]),
      bias: zeros([outputs]),
      mean: buffer(zeros([outputs])),
      variance: buffer(ones([outputs])),
    }),
    apply(params: Normed, x: Tensor, training: boolean): [Tensor, Normed] {
      const y = conv.apply(params.conv, x)
      const axes = [0, 2, 3]
      const average = training ? mean(y, { axes }) : params.mean
      const spread = training ? mean(square(sub(y, channels(average))), { axes }) : params.variance
      const unit = mul(sub(y, channels(average)), channels(rsqrt(add(spread, 1e-5))))
      const slowly = (old: Tensor, now: Tensor) => add(mul(old, 1 - momentum), mul(now, momentum))
      const next = training ? { ...params, mean: slowly(params.mean, average), variance: slowly(params.variance, spread) } : params
      return [add(mul(unit, channels(params.scale)), channels(params.bias)), next]
    },
  }
}

/** Two convolutions and a way round them. */
function residualBlock(inputs: number, outputs: number, stride: number) {
  const first = normedConvolution(inputs, outputs, 3, stride)
  const second = normedConvolution(outputs, outputs, 3, 1)
  const shortcut = stride > 1 || inputs !== outputs ? normedConvolution(inputs, outputs, 1, stride) : undefined
  return {
    init(key: Tensor): Block {
      const [a, b, c] = random.split(key, 3)
      return { first: first.init(a), second: second.init(b), ...(shortcut && { shortcut: shortcut.init(c) }) }
    },
    apply(params: Block, x: Tensor, training: boolean): [Tensor, Block] {
      const [y, one] = first.apply(params.first, x, training)
      const [z, two] = second.apply(params.second, relu(y), training)
      if (!shortcut) return [relu(add(z, x)), { first: one, second: two }]
      const [round, three] = shortcut.apply(params.shortcut!, x, training)
      return [relu(add(z, round)), { first: one, second: two, shortcut: three }]
    },
  }
}

/** The cut ResNet of the paper's code: a stem, two blocks, two blocks of twice the channels at half the size, pooling, two classes. */
function attackNetwork(channels: number) {
  const stem = normedConvolution(1, channels, 3, 1)
  const blocks = [
    residualBlock(channels, channels, 1),
    residualBlock(channels, channels, 1),
    residualBlock(channels, 2 * channels, 2),
    residualBlock(2 * channels, 2 * channels, 1),
  ]
  const head = linear(2 * channels, 2)
  return {
    init(key: Tensor): Params {
      const [s, h, ...rest] = random.split(key, 2 + blocks.length)
      return { stem: stem.init(s), blocks: blocks.map((block, k) => block.init(rest[k])), head: head.init(h) }
    },
    apply(params: Params, x: Tensor, training: boolean): [Tensor, Params] {
      const [first, own] = stem.apply(params.stem, x, training)
      let h = relu(first)
      const next = blocks.map((block, k) => {
        const [y, after] = block.apply(params.blocks[k], h, training)
        h = y
        return after
      })
      // 10 × 10 has become 5 × 5, of which a window of 4 takes one place; smaller matrices are averaged whole.
      const window = Math.min(4, ...h.shape.slice(2))
      const pooled = avgPool(h, { size: window, stride: window })
      const averaged = mean(pooled, { axes: [2, 3] })
      return [head.apply(params.head, averaged), { stem: own, blocks: next, head: params.head }]
    },
  }
}

export interface AttackNetworkOptions {
  /** Of the stem. The paper's code has 64. */
  readonly channels?: number
  /** Steps on the whole training set, at most. */
  readonly epochs?: number
  readonly seed?: number
  progress?(done: number, total: number): Promise<void>
}

/** Chooses by a fifth of the shadow's records that is not trained on; looks every so many steps. */
const [validationShare, lookEvery] = [5, 5]

/** Learns on a shadow model's matrices; gives the scores of others. */
export async function trainAttackNetwork(
  shadow: Fluctuation,
  labels: ArrayLike<number>,
  { channels = 64, epochs = 150, seed = 0, progress }: AttackNetworkOptions = {},
): Promise<{ score(of: Fluctuation): Promise<Float64Array>; epochs: number; validationArea: number }> {
  const scaled = standardizer(matrix(shadow))
  const image = (of: Fluctuation): NDArray => ({ ...scaled(matrix(of)), shape: [of.records, 1, of.rows, of.strengths] })
  const order = Array.from(permutation(foldKey(useKey(seed, 'splits'), 2), shadow.records))
  const held = order.filter((_, k) => k % validationShare === 0)
  const rest = order.filter((_, k) => k % validationShare !== 0)
  const all = image(shadow)
  const x = rowsOf(all, rest)
  const y = ndarray(
    Int32Array.from(rest, (row) => labels[row]),
    [rest.length],
    'int32',
  )
  const network = attackNetwork(channels)
  const step = trainStep<Params>(
    (params, batch) => {
      const [logits, next] = network.apply(params, batch.x, true)
      return [crossEntropy(logits, batch.y), next]
    },
    adam({ learningRate: 0.01 }),
  )
  const run = jit((params: Params, x: Tensor) => {
    const [logits] = network.apply(params, x, false)
    return sub(select(logits, 1, { axis: 1 }), select(logits, 0, { axis: 1 }))
  })
  const scoreWith = async (params: Params, of: NDArray) => Float64Array.from(await run(params, fromArray(of)).data())
  const validation = rowsOf(all, held)
  let state = step.init(await evaluate(network.init(keyOf(seed))))
  let best = { area: Number.NEGATIVE_INFINITY, epochs: 0, params: await snapshot(state.params) }
  for (let epoch = 1; epoch <= epochs; epoch++) {
    state = await step(state, { x, y })
    if (epoch % lookEvery === 0 || epoch === epochs) {
      const area = areaUnderCurve(
        await scoreWith(state.params, validation),
        held.map((row) => labels[row]),
      )
      if (area > best.area) best = { area, epochs: epoch, params: await snapshot(state.params) }
    }
    await progress?.(epoch, epochs)
  }
  return { score: async (of) => scoreWith(best.params, image(of)), epochs: best.epochs, validationArea: best.area }
}

/** Each record's matrix as a row of features. */
export const matrix = ({ records, rows, strengths, data }: Fluctuation): NDArray =>
  ndarray(Float32Array.from(data), [records, rows * strengths], 'float32')
