import { describe, expect, test } from 'vitest'
import { InputError, type NDArray } from '../../../engine/index.ts'
import { gaussianMixture } from '../exact/index.ts'
import { processOf } from '../processes/index.ts'
import { invert } from './invert.ts'
import { sample } from './sample.ts'

const components = [
  { mean: [-1, 0.5], covariance: [0.3, 0.1, 0.1, 0.2] },
  { mean: [1, 0], covariance: 0.1 },
]
const denoisers = {
  edm: gaussianMixture({ process: processOf({ kind: 'edm', sigmas: [0.01, 20], train: [-1.2, 1.2] }), components }),
  vp: gaussianMixture({ process: processOf({ kind: 'vp', betas: [0.1, 20] }), components }),
  chain: gaussianMixture({ process: processOf({ kind: 'discrete', steps: 400, schedule: 'cosine' }), components }),
}

const worst = (a: NDArray, b: NDArray): number => Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i])))

describe.each(Object.entries(denoisers))('%s: data are inverted to noise, from which DDIM makes them again', (_, denoiser) => {
  const x = denoiser.draw(64, 3)
  async function lost(steps: number, iterations?: number): Promise<number> {
    const noise = await invert(denoiser, x, { steps, iterations })
    const back = await sample(denoiser, {
      sampler: { kind: 'ddim' },
      count: 64,
      steps,
      seed: 0,
      start: { x: noise, time: denoiser.process.times[1] },
    })
    return worst(back.x, x)
  }

  test('the better the more steps there are', async () => {
    const [few, many] = [await lost(50), await lost(400)]
    expect(many).toBeLessThan(0.05)
    expect(many).toBeLessThan(few / 3)
  })

  test('at once where each step is solved', async () => expect(await lost(50, 30)).toBeLessThan(2e-3))

  test('but not from other noise', async () => {
    const { x: other } = await sample(denoiser, { sampler: { kind: 'ddim' }, count: 64, steps: 50, seed: 1 })
    expect(worst(other, x)).toBeGreaterThan(0.5)
  })
})

test('data of another shape are refused', async () =>
  expect(invert(denoisers.edm, { ...denoisers.edm.draw(2, 0), shape: [4] }, { steps: 5 })).rejects.toThrow(InputError))
