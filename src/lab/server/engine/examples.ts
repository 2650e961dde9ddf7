import { key, mean, random, square, sub, type Tensor, tensor, zeros } from '../../../engine/index.ts'
import type { Text } from '../../../experiment/text.ts'
import { networkOf } from '../../../kits/diffusion/networks/index.ts'
import { llamaConfig, sizes } from '../../../kits/lm/config.ts'
import { forward } from '../../../kits/lm/decoder.ts'
import { initDecoder } from '../../../kits/lm/init.ts'
import { languageLoss } from '../../../kits/lm/loss.ts'
import type { DecoderParams } from '../../../kits/lm/params.ts'
import { crossEntropy, type LayeredParams, mlp } from '../../../nn/index.ts'
import { adam, type Optimizer } from '../../../optim/index.ts'
import { type StepLoss, type TrainState, trainTransition } from '../../../train/transition.ts'

/** A training step to look into: what it computes, and what it is given. */
export interface Example {
  readonly title: Text
  readonly about: Text
  make(): ExampleStep
}

export interface ExampleStep {
  readonly transition: (state: never, batch: never) => { readonly state: unknown; readonly output: { readonly loss: Tensor } }
  readonly state: unknown
  readonly batch: Readonly<Record<string, Tensor>>
  /** A batch of another size, for which the step is compiled again. */
  readonly other?: Readonly<Record<string, Tensor>>
}

/** The optimizer's operations then belong to a line of this file, and not to whoever calls the step. */
function stepOf<P>(loss: StepLoss<P>, optimizer: Optimizer): ExampleStep['transition'] {
  const transition = trainTransition(loss, optimizer)
  return ((state: TrainState<P>, batch: Record<string, Tensor>) => transition(state, batch)) as never
}

const tokens = (rows: number, length: number): Tensor =>
  tensor(
    Int32Array.from({ length: rows * length }, (_, i) => (i * 37) % 256),
    { shape: [rows, length], dtype: 'int32' },
  )

export const examples: Readonly<Record<string, Example>> = {
  mlp: {
    title: { en: 'A perceptron’s step', zh: '多层感知机的一步训练' },
    about: {
      en: '784-256-256-10 with ReLU, cross-entropy, 128 digits, Adam',
      zh: '784-256-256-10，ReLU，交叉熵，每批 128 个数字，Adam',
    },
    make() {
      const model = mlp({ sizes: [784, 256, 256, 10] })
      const optimizer = adam({ learningRate: 1e-3 })
      const params = model.init(key(0))
      const loss = (params: LayeredParams, { x, y }: Record<string, Tensor>) => crossEntropy(model.apply(params, x), y)
      const batch = (rows: number) => ({ x: random.normal(key(1), [rows, 784]), y: zeros([rows], 'int32') })
      return {
        transition: stepOf(loss, optimizer),
        state: { params, optimizer: optimizer.init(params) },
        batch: batch(128),
        other: batch(96),
      }
    },
  },
  gpt: {
    title: { en: 'A language model’s step', zh: '语言模型的一步训练' },
    about: {
      en: 'The llama family, 6 blocks of width 64, 8 windows of 128 bytes, Adam',
      zh: 'llama 结构，6 个宽度为 64 的块，每批 8 段各 128 字节，Adam',
    },
    make() {
      const config = llamaConfig({ ...sizes.nano })
      const optimizer = adam({ learningRate: 1e-3 })
      const params = initDecoder(config, key(0))
      const loss = (params: DecoderParams, { x, y }: Record<string, Tensor>) => languageLoss(forward(config, params, { ids: x }), y)
      const batch = { x: tokens(8, 128), y: tokens(8, 128) }
      return { transition: stepOf(loss, optimizer), state: { params, optimizer: optimizer.init(params) }, batch }
    },
  },
  unet: {
    title: { en: 'A U-Net’s step', zh: 'U-Net 的一步训练' },
    about: {
      en: 'A denoiser of images of 28 × 28: two levels of 32 and 64 channels, attention in the middle, batch 8, Adam',
      zh: '28 × 28 图像的去噪网络：两层，32 和 64 通道，中间有注意力，每批 8 幅，Adam',
    },
    make() {
      const network = networkOf({ kind: 'unet', channels: 32, multiples: [1, 2], blocks: 1, attention: [] }, [1, 28, 28])
      const optimizer = adam({ learningRate: 1e-3 })
      const params = network.init(key(0))
      const loss = (params: unknown, { x, y, level }: Record<string, Tensor>) => mean(square(sub(network.apply(params, x, level), y)))
      const image = (use: number) => random.normal(key(use), [8, 1, 28, 28])
      const batch = { x: image(1), y: image(2), level: random.uniform(key(3), [8]) }
      return { transition: stepOf(loss, optimizer), state: { params, optimizer: optimizer.init(params) }, batch }
    },
  },
}
