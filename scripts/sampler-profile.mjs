// `npm run build && node scripts/sampler-profile.mjs`: where the time of 50-step DDIM sampling of 64 images goes, of a U-Net with random weights.
// What lies outside of the compiled graph is the loop: noise, plans, states.
import { availableParallelism } from 'node:os'
import { ArrayFunction, key } from '../dist/engine/index.js'
import { denoiserOf, initModel, sample } from '../dist/kits/diffusion/index.js'

const config = {
  network: { kind: 'unet', channels: 16, multiples: [1, 2, 2], blocks: 1, attention: [7] },
  process: { kind: 'discrete', steps: 1000, schedule: 'cosine' },
  predict: 'eps',
  shape: [1, 28, 28],
  range: [-1, 1],
}
const model = initModel(config, key(0))
const denoiser = denoiserOf(model)

let [inGraph, runs] = [0, 0]
const run = ArrayFunction.prototype.run
ArrayFunction.prototype.run = async function (...args) {
  const start = performance.now()
  const results = await run.apply(this, args)
  inGraph += performance.now() - start
  runs++
  return results
}

const options = { count: 64, steps: 50, seed: 0 }
await sample(denoiser, { ...options, sampler: { kind: 'ddim' }, steps: 1 }) // compiles
for (const sampler of [{ kind: 'ddim' }, { kind: 'ddpm' }, { kind: 'heun' }]) {
  ;[inGraph, runs] = [0, 0]
  const start = performance.now()
  const { evaluations } = await sample(denoiser, { ...options, sampler })
  const total = performance.now() - start
  const outside = (100 * (total - inGraph)) / total
  console.log(
    `${sampler.kind}: ${(total / 1000).toFixed(2)} s for 64 images, ${evaluations} evaluations each, in ${runs} runs; ${outside.toFixed(2)} % outside of the graph`,
  )
}
console.log(`${availableParallelism()} cores`)
