import { createBatcher } from '../../../data/index.ts'
import {
  add,
  fold,
  fromArray,
  jit,
  key as keyOf,
  maximum,
  mean,
  mul,
  type NDArray,
  ndarray,
  random,
  reshape,
  sizeOf,
  softplus,
  stopGradient,
  type Tensor,
} from '../../../engine/index.ts'
import { type Affine, linear } from '../../../nn/index.ts'
import { adam } from '../../../optim/index.ts'
import { trainStep } from '../../../train/index.ts'
import type { Outcome, Scene } from './attack.ts'

const [batch, latent, discriminatorUse] = [64, 100, 0x6c6f67]

/** A perceptron with leaky rectifiers. */
function perceptron(extents: readonly number[]) {
  const layers = extents.slice(1).map((extent, k) => linear(extents[k], extent))
  return {
    init: (key: Tensor): Affine[] => random.split(key, layers.length).map((own, k) => layers[k].init(own)),
    apply: (params: readonly Affine[], x: Tensor): Tensor =>
      layers.reduce((h, layer, k) => {
        const y = layer.apply(params[k], h)
        return k + 1 === layers.length ? y : maximum(y, mul(y, 0.2))
      }, x),
  }
}

/**
 * LOGAN (Hayes et al. 2019): a GAN is trained on samples of the target; its discriminator, which takes for real what the target has shown, scores the
 * records. Perceptrons of the sizes of the paper's baseline; Adam 2e-4, β (.5, .999).
 */
export async function logan({ target, records, samples, seed, progress }: Scene, { epochs = 200 } = {}): Promise<Outcome> {
  const [n, ...shape] = records.shape
  const size = sizeOf(shape)
  const drawn = await target.sample!(samples, seed)
  const real: NDArray = ndarray(Float32Array.from(drawn.data), [drawn.shape[0], size], 'float32')
  const generator = perceptron([latent, 128, 256, 512, 1024, size])
  const discriminator = perceptron([size, 512, 256, 1])
  type Params = { g: Affine[]; d: Affine[] }
  const optimizer = () => adam({ learningRate: 2e-4, beta1: 0.5 })
  const verdict = (params: Params, x: Tensor) => reshape(discriminator.apply(params.d, x), [-1])
  const frozen = <T>(tree: T): T => mapAffine(tree, stopGradient)
  // Both players in one loss: each sees the other's parameters as constants.
  const step = trainStep<Params, { x: NDArray; z: NDArray }>((params, { x, z }) => {
    const fake = generator.apply(params.g, z)
    const still = frozen(params)
    const judge = add(mean(softplus(mul(verdict(params, x), -1))), mean(softplus(verdict(params, stopGradient(fake)))))
    const forger = mean(softplus(mul(verdict(still, fake), -1)))
    return add(judge, forger)
  }, optimizer())
  const key = fold(keyOf(seed), discriminatorUse)
  const [a, b] = random.split(key)
  let state = step.init({ g: generator.init(a), d: discriminator.init(b) })
  const batcher = createBatcher({ x: real }, { size: Math.min(batch, real.shape[0]), seed })
  const steps = Math.ceil((epochs * real.shape[0]) / batch)
  const noise = jit((k: Tensor) => random.normal(k, [Math.min(batch, real.shape[0]), latent]))
  for (let k = 0; k < steps; k++) {
    state = await step(state, { x: batcher.at(k).x, z: await noise(fold(key, k + 1)).ndarray() })
    await progress?.(k + 1, steps, 'LOGAN')
  }
  const score = jit((params: Params, x: Tensor) => verdict(params, x))
  const flat = ndarray(Float32Array.from(records.data), [n, size], 'float32')
  return {
    variants: { discriminator: Float64Array.from(await score(state.params, fromArray(flat)).data()) },
    usual: 'discriminator',
    queries: 0,
  }
}

const mapAffine = <T>(tree: T, of: (x: Tensor) => Tensor): T => {
  const { g, d } = tree as { g: Affine[]; d: Affine[] }
  const each = (layers: Affine[]) => layers.map(({ weight, bias }) => ({ weight: of(weight), bias: of(bias) }))
  return { g: each(g), d: each(d) } as T
}
