import {
  add,
  evaluate,
  fromArray,
  jit,
  mul,
  reshape,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  valueAndGrad,
  zeros,
} from '../../../engine/index.ts'
import { toUnit, type VaeParams, vaeNetwork } from '../../../kits/vae/index.ts'
import { adam } from '../../../optim/index.ts'
import type { Outcome, Scene } from './attack.ts'

/**
 * Partial black box (Chen et al. 2020): −‖x − dec(z)‖² after a search for the latent code, with (‖z‖² − d)² to keep it where codes are drawn; less the same
 * for a reference. The perceptual part of the original's distance, which needs a network of natural images, is left out.
 */
export async function latentSearch({ target, reference, records, progress }: Scene, { steps = 200 } = {}): Promise<Outcome> {
  const own = await reconstructionErrors(target, records, steps, progress)
  const other = reference?.vae && (await reconstructionErrors(reference, records, steps, progress))
  return {
    variants: { reconstruction: own.map((error, n) => (other ? other[n] : 0) - error) },
    usual: 'reconstruction',
    queries: steps * (other ? 2 : 1),
  }
}

async function reconstructionErrors(
  { vae }: Scene['target'],
  records: Scene['records'],
  steps: number,
  progress: Scene['progress'],
): Promise<Float64Array> {
  const { config, params } = vae!
  const network = vaeNetwork(config)
  const [n, ...shape] = records.shape
  const errorsOf = (params: VaeParams, z: Tensor, x: Tensor) =>
    sum(reshape(square(sub(toUnit(x, config.range), network.decode(params, z))), [n, sizeOf(shape)]), { axes: [1] })
  const optimizer = adam({ learningRate: 0.01 })
  const step = jit((params: VaeParams, state: { z: Tensor; memory: unknown }, x: Tensor) => {
    // The loss of each record depends on its own code alone: the sum's gradient is theirs.
    const loss = (z: Tensor) => add(sum(errorsOf(params, z, x)), mul(sum(square(sub(sum(square(z), { axes: [1] }), config.latent))), 0.001))
    const { gradient } = valueAndGrad(loss)(state.z)
    const next = optimizer.update({ gradients: gradient, state: state.memory as never, params: state.z })
    return { z: next.params as Tensor, memory: next.state as unknown }
  })
  const x = fromArray(records)
  const start = zeros([n, config.latent])
  let state: { z: Tensor; memory: unknown } = { z: start, memory: optimizer.init(start) }
  for (let k = 0; k < steps; k++) {
    state = (await evaluate(step(params as VaeParams, state, x))) as typeof state
    await progress?.(k + 1, steps, 'search for codes')
  }
  return Float64Array.from(await jit(errorsOf)(params as VaeParams, state.z, x).data())
}
