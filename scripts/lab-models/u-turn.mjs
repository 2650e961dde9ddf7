// The denoiser of a run of u-turn, in 8 bits, and what that changes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digitImages, loadMnist, take } from '../../dist/data/index.js'
import { key } from '../../dist/engine/index.js'
import { readSafetensors } from '../../dist/engine/safetensors.js'
import { denoiserOf, initModel } from '../../dist/kits/diffusion/index.js'
import { fitGaussian, uTurn, uTurnCorrelation } from '../../dist/methods/u-turn/index.js'
import { fromArrays } from '../../dist/train/index.js'
import { packed, unpacked } from './pack.mjs'
import { readRun } from './runs.mjs'

const sigmas = [0.1, 0.24, 0.53, 0.77, 1.08, 1.5, 2.06, 3.71, 6.4, 16.98]
const file = 'u-turn.safetensors'

export async function uTurnModel({ run, log }) {
  const { tensors, metadata } = readSafetensors(readFileSync(join(run, 'artifacts', 'digits_churn--seed-0', 'model.safetensors')))
  const bytes = packed(tensors, metadata)
  const config = JSON.parse(metadata['quire.diffusion'])
  const mnist = await loadMnist()
  const { train } = digitImages(mnist, { side: 14 })
  const { mean } = await fitGaussian(train.x)
  const x0 = take({ x: train.x }, 256).x
  const correlations = async (arrays) => {
    const denoiser = denoiserOf(modelOf(config, arrays))
    const found = []
    for (const sigma of sigmas) {
      const { y0 } = await uTurn(denoiser, x0, {
        sigma,
        sampler: 'churn',
        churn: { amount: 8, sigmas: [0.05, 50], noise: 1.003 },
        steps: 24,
        seed: 0,
      })
      found.push(uTurnCorrelation(x0, y0, mean).centred)
    }
    return found
  }
  const [whole, stored] = [await correlations(tensors), await correlations(unpacked(readSafetensors(bytes).tensors))]
  log(`u-turn: correlations ${whole} in 32 bits, ${stored} in 8`)
  const { id, method, preset, commands, commit, data } = readRun(run)
  return {
    models: [
      {
        file,
        bytes,
        about: {
          from: { method, run: id, preset, commands, commit, unit: 'digits/churn, seed 0' },
          quality: { sigmas, correlation: whole, correlationStored: stored },
        },
      },
    ],
    data,
  }
}

function modelOf(config, arrays) {
  const params = Object.fromEntries(
    Object.entries(arrays).flatMap(([name, array]) => (name.startsWith('params.') ? [[name.slice(7), array]] : [])),
  )
  return { config, params: fromArrays(params, initModel(config, key(0)).params), ...(arrays.centre && { centre: arrays.centre }) }
}
