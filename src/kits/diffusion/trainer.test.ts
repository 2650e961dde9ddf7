import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { draws } from '../../data/draws.ts'
import { type NDArray, ndarray, snapshot, type Tensor, tensor } from '../../engine/index.ts'
import { toArrays } from '../../train/index.ts'
import { trainResumably } from '../../train/resumable.ts'
import type { DiffusionConfig } from './denoiser.ts'
import { risingLevels } from './denoising-loss.ts'
import { emaDecay } from './ema.ts'
import { processOf } from './processes/index.ts'
import { stepBatches } from './step-batches.ts'
import { importanceDraw, timeDraw } from './time-draws.ts'
import { diffusionTrainer } from './trainer.ts'
import type { TrainingRecipe } from './training.ts'

const config: DiffusionConfig = {
  network: { kind: 'mlp', width: 32, hidden: [32] },
  process: { kind: 'discrete', steps: 50, schedule: 'cosine' },
  predict: 'eps',
  shape: [2],
}
const recipe: TrainingRecipe = { steps: 8, batch: 32, learningRate: 1e-2 }
const deviation = [1.5, 0.2]
function gaussian(count: number): NDArray {
  const { normal } = draws([0, 3])
  return ndarray(
    Float32Array.from({ length: 2 * count }, (_, i) => deviation[i % 2] * normal()),
    [count, 2],
    'float32',
  )
}
const data = { x: gaussian(500) }

async function trained(given = recipe, from: DiffusionConfig = config, seed = 0) {
  const trainer = diffusionTrainer(from, given, data, seed)
  let state = trainer.start()
  const losses: number[] = []
  for (let k = 0; k < given.steps; k++) {
    const next = await trainer.step(state, k)
    state = next.state
    losses.push(next.loss)
  }
  return { state, losses }
}

describe('the trainer', () => {
  test('comes near the least loss that Gaussian data allow', async () => {
    const { losses } = await trained({ ...recipe, steps: 700, batch: 128 })
    const process = processOf(config.process)
    // E Var(ε | x) over uniform steps, in closed form.
    let least = 0
    for (let t = 1; t <= 50; t++)
      for (const d of deviation) {
        const { signal, noise } = process.at(t)
        least += (signal * d) ** 2 / ((signal * d) ** 2 + noise ** 2) / 100
      }
    const last = losses.slice(-200).reduce((sum, loss) => sum + loss, 0) / 200
    expect(losses[0]).toBeGreaterThan(0.8) // a network of zeros has 1
    expect(last).toBeGreaterThan(least * 0.93)
    expect(last).toBeLessThan(least * 1.1)
  })

  test('the average of the parameters is the recursion', async () => {
    const trainer = diffusionTrainer(config, { ...recipe, ema: 0.5 }, data, 0)
    let state = trainer.start()
    let average = Array.from((await toArrays(state.params))['output.weight'].data)
    for (let k = 0; k < 6; k++) {
      state = (await trainer.step(state, k)).state
      const now = (await toArrays(state.params))['output.weight'].data
      const decay = Math.min(0.5, (1 + k) / (10 + k))
      average = average.map((old, i) => decay * old + (1 - decay) * now[i])
    }
    const found = (await toArrays(state.ema))['output.weight'].data
    for (const [i, value] of average.entries()) expect(found[i]).toBeCloseTo(value, 6)
    expect(emaDecay(0)).toBe(0.1)
    expect(emaDecay(1e6)).toBe(0.999)
  })

  test.each(['uniform', 'importance'] as const)('killed and resumed it ends with the same bits (%s times)', async (times) => {
    const folder = () => mkdtempSync(join(tmpdir(), 'diffusion-'))
    const run = (at: string, dies = Number.POSITIVE_INFINITY) => {
      const trainer = diffusionTrainer(config, { ...recipe, times }, data, 1)
      const step: typeof trainer.step = (state, k) => (k >= dies ? Promise.reject(new Error('killed')) : trainer.step(state, k))
      return trainResumably({ folder: at, recipe: {}, steps: 8, seconds: -1, start: () => trainer.start(), step })
    }
    const whole = await run(folder())
    const at = folder()
    for (const dies of [2, 5]) await expect(run(at, dies)).rejects.toThrow('killed')
    const resumed = await run(at)
    expect(resumed.resumedAt).toBe(5)
    expect(resumed.losses).toEqual(whole.losses)
    expect(await toArrays(resumed.state)).toEqual(await toArrays(whole.state))
  })

  test('another seed gives other losses, the same seed the same', async () => {
    const [a, b, c] = [(await trained()).losses, (await trained()).losses, (await trained(recipe, config, 7)).losses]
    expect(b).toEqual(a)
    expect(c).not.toEqual(a)
  })

  test('what is not finite stops it, with the step and the level of noise', async () => {
    const trainer = diffusionTrainer(config, recipe, data, 0)
    const broken = await snapshot(trainer.start())
    const { output, ...rest } = broken.params as { output: { weight: Tensor } }
    const bias = tensor([Number.NaN, 0])
    await expect(trainer.step({ ...broken, params: { ...rest, output: { ...output, bias } } }, 4)).rejects.toThrow(
      /^training stopped at step 4: the loss is NaN, first at noise level time \d+ \(σ [\d.e+-]+\); lower the learning rate/,
    )
  })

  test('classes reach the network, and some examples are not told theirs', async () => {
    const labels = ndarray(
      Int32Array.from({ length: 500 }, (_, i) => i % 3),
      [500],
      'int32',
    )
    const trainer = diffusionTrainer({ ...config, classes: 3 }, { ...recipe, labelDropout: 0.5 }, { ...data, labels }, 0)
    let state = trainer.start()
    const before = await toArrays(state.params)
    for (let k = 0; k < 3; k++) state = (await trainer.step(state, k)).state
    const after = await toArrays(state.params)
    const table = Object.keys(before).find((name) => before[name].shape[0] === 4)!
    for (let row = 0; row < 4; row++) {
      const width = before[table].shape[1]
      expect(after[table].data.slice(row * width, (row + 1) * width)).not.toEqual(before[table].data.slice(row * width, (row + 1) * width))
    }
  })

  test('data and recipes that do not fit are refused', () => {
    const start = (x: NDArray, given: Partial<TrainingRecipe> = {}, own: Partial<DiffusionConfig> = {}) =>
      diffusionTrainer({ ...config, ...own }, { ...recipe, ...given }, { x }, 0)
    expect(() => start(ndarray(new Float32Array(9), [3, 3], 'float32'))).toThrow("data: an example is [3], the model's are [2]")
    expect(() => start(ndarray(Float32Array.of(0, Number.NaN), [1, 2], 'float32'))).toThrow('data: example 0 holds NaN')
    expect(() => start(ndarray(Float32Array.of(0, 255), [1, 2], 'float32'), {}, { range: [-1, 1] })).toThrow(
      "data: values go from 0 to 255, the model's from -1 to 1; scale them",
    )
    expect(() => start(data.x, {}, { classes: 2 })).toThrow('the model is told one of 2 classes, and there are no labels')
    expect(() => start(data.x, { steps: 0 })).toThrow('training: steps is 0')
    expect(() => start(data.x, { ema: 1 })).toThrow('training: ema is 1')
    expect(() => start(data.x, { labelDropout: 0.1 })).toThrow('labelDropout is for a model with classes')
    expect(() => start(data.x, { times: { from: 60, to: 70 } })).toThrow('times: no time of the process lies in [60, 70)')
  })
})

test('a network that is told γ sees every level between a step and the one before (SR3), others those of the steps', async () => {
  const process = processOf(config.process)
  const told = (embedding: 'gamma' | 'step') => {
    const network = { kind: 'unet', channels: 4, multiples: [1], blocks: 1, attention: [], embedding } as const
    const batches = stepBatches({ ...config, network }, recipe, data, process, 0)
    const { signal, noise } = batches.at(0, new Array(32).fill({ time: 20, weight: 1 }))
    return Promise.all([signal.data(), noise.data()])
  }
  const [signals, noises] = await told('gamma')
  const [low, high] = [process.at(20).signal, process.at(19).signal]
  for (const [i, signal] of signals.entries()) {
    expect(signal).toBeGreaterThanOrEqual(low - 1e-6)
    expect(signal).toBeLessThanOrEqual(high + 1e-6)
    expect(signal ** 2 + noises[i] ** 2).toBeCloseTo(1, 5)
  }
  expect(new Set(signals).size).toBeGreaterThan(30)
  expect(new Set((await told('step'))[0]).size).toBe(1)
})

describe('draws of times', () => {
  const chain = processOf(config.process)

  test('ranges hold their lower end and not their upper one', () => {
    const draw = timeDraw(chain, { from: 10, to: 13 })
    const seen = new Set(Array.from({ length: 300 }, (_, i) => draw(i / 300).time))
    expect([...seen].sort()).toEqual([10, 11, 12])
    const edm = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
    const within = timeDraw(edm, { from: 0.5, to: 2 })
    for (const u of [0, 0.3, 0.999999]) {
      expect(within(u).time).toBeGreaterThanOrEqual(0.5 - 1e-9)
      expect(within(u).time).toBeLessThan(2 + 1e-9)
    }
  })

  test('weights of ranges are shares of the draws', () => {
    const draw = timeDraw(chain, {
      ranges: [
        { from: 1, to: 26, weight: 1 },
        { from: 26, to: 51, weight: 3 },
        { from: 1, to: 2, weight: 0 },
      ],
    })
    const times = Array.from({ length: 1000 }, (_, i) => draw((i + 0.5) / 1000).time)
    expect(times.filter((time) => time < 26)).toHaveLength(250)
  })

  test('ln σ of training is normal', () => {
    const draw = timeDraw(processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] }))
    const logs = Array.from({ length: 2000 }, (_, i) => Math.log(draw((i + 0.5) / 2000).time))
    const mean = logs.reduce((sum, x) => sum + x, 0) / 2000
    expect(mean).toBeCloseTo(-1.2, 3)
    expect(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 2000).toBeCloseTo(1.44, 2)
  })

  test('by importance: uniform until each has ten losses, then as their root mean squares, and weighted so that the mean stays', async () => {
    const draw = importanceDraw(chain)
    let past = draw.start()
    const us = Array.from({ length: 5000 }, (_, i) => (i + 0.5) / 5000)
    expect((await draw.draw(past, us)).every(({ weight }) => Math.abs(weight - 1) < 1e-9)).toBe(true)
    // The loss of step t is t, and was 100 t before the last ten.
    for (let round = 0; round < 12; round++)
      past = await draw.next(
        past,
        Array.from({ length: 50 }, (_, i) => i + 1),
        Array.from({ length: 50 }, (_, i) => (round < 2 ? 100 : 1) * (i + 1)),
      )
    const drawn = await draw.draw(past, us)
    const share = (time: number) => drawn.filter((each) => each.time === time).length / us.length
    expect(share(50) / share(10)).toBeGreaterThan(4.5)
    expect(share(50) / share(10)).toBeLessThan(5.5)
    const mean = drawn.reduce((sum, { time, weight }) => sum + weight * time, 0) / us.length
    expect(mean).toBeCloseTo(25.5, 1)
  })
})

test('a rise of the held-out error is memory only where the training error falls', () => {
  const at = (x0: number) => [{ time: 1, sigma: 0.5, x0, eps: 1, x0Error: 0.01 }]
  const measured = (train: number, heldOut: number) => ({ train: at(train), heldOut: at(heldOut) })
  expect(risingLevels([])).toEqual([])
  expect(risingLevels([measured(0.3, 0.3), measured(0.2, 0.4)])).toEqual([{ sigma: 0.5, least: 0.3, last: 0.4 }])
  expect(risingLevels([measured(0.3, 0.3), measured(0.2, 0.31)])).toEqual([])
  expect(risingLevels([measured(0.3, 0.3), measured(0.4, 0.4)])).toEqual([])
  expect(risingLevels([measured(0.3, 0.3), measured(0.2, 0.4), measured(0.1, 0.3)])).toEqual([])
})
